//! The documents that targets get.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};

use super::EventType;
use crate::{identity::Region, time::Timestamp};

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFacts<'a> {
    /// The object's key, as it is.
    pub key: &'a str,
    /// Its size; what is gone has none.
    pub bytes: Option<u64>,
    /// Its ETag, without quotes; what is gone has none.
    pub etag: Option<&'a str>,
    /// Its version, if the bucket has versions.
    pub version: Option<&'a str>,
    /// When this happened in relation to what else happened to this key. Events that do not change content have none.
    pub sequencer: Option<Sequencer>,
}

/// By whom and where something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The region of the bucket.
    pub region: &'a Region,
    /// The bucket's name.
    pub bucket: &'a str,
    /// Who owns the bucket.
    pub owner: &'a str,
    /// Who did it.
    pub principal: &'a str,
    /// From which address.
    pub source_ip: &'a str,
    /// The id of the request.
    pub request_id: &'a str,
    /// The other id of the request.
    pub host_id: &'a str,
}

/// One thing that happened; a document has a list of these under `Records`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'a> {
    event_version: &'static str,
    event_source: &'static str,
    aws_region: &'a str,
    #[serde(serialize_with = "crate::time::rfc3339")]
    event_time: Timestamp,
    event_name: &'static str,
    user_identity: Identity<'a>,
    request_parameters: RequestParameters<'a>,
    response_elements: ResponseElements<'a>,
    s3: Entity<'a>,
}

/// Orders the events of one key: of two, the later one is greater, read as a number or as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequencer(u64);

/// What a queue gets when a rule for it is made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestEvent<'a> {
    service: &'static str,
    event: &'static str,
    #[serde(serialize_with = "crate::time::rfc3339")]
    time: Timestamp,
    bucket: &'a str,
    request_id: &'a str,
    host_id: &'a str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    principal_id: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct RequestParameters<'a> {
    #[serde(rename = "sourceIPAddress")]
    source_ip: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct ResponseElements<'a> {
    #[serde(rename = "x-amz-request-id")]
    request_id: &'a str,
    #[serde(rename = "x-amz-id-2")]
    host_id: &'a str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entity<'a> {
    #[serde(rename = "s3SchemaVersion")]
    schema_version: &'static str,
    configuration_id: &'a str,
    bucket: BucketEntity<'a>,
    object: ObjectEntity<'a>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BucketEntity<'a> {
    name: &'a str,
    owner_identity: Identity<'a>,
    arn: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectEntity<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e_tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<Sequencer>,
}

impl<'a> Record<'a> {
    /// What the rule `configuration_id` sends about something that happened at `at`.
    #[must_use]
    pub fn new(
        event: EventType,
        at: Timestamp,
        configuration_id: &'a str,
        origin: &Origin<'a>,
        object: &ObjectFacts<'a>,
    ) -> Self {
        Self {
            event_version: event.version(),
            event_source: "aws:s3",
            aws_region: origin.region.as_str(),
            event_time: at,
            event_name: event.name(),
            user_identity: Identity { principal_id: origin.principal },
            request_parameters: RequestParameters { source_ip: origin.source_ip },
            response_elements: ResponseElements { request_id: origin.request_id, host_id: origin.host_id },
            s3: Entity {
                schema_version: "1.0",
                configuration_id,
                bucket: BucketEntity {
                    name: origin.bucket,
                    owner_identity: Identity { principal_id: origin.owner },
                    arn: format!("arn:aws:s3:::{}", origin.bucket),
                },
                object: ObjectEntity {
                    key: encode_key(object.key),
                    size: object.bytes,
                    e_tag: object.etag,
                    version_id: object.version,
                    sequencer: object.sequencer,
                },
            },
        }
    }
}

impl Sequencer {
    /// The next one, at `now`: greater than this one whatever the clock says, and than those of earlier days, after a restart.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        let clock = u64::try_from(now.as_unix_nanos()).unwrap_or(0);
        Self(clock.max(self.0 + 1))
    }

    /// One that is greater than all that come within this time.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// The one of this number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00{:016X}", self.0)
    }
}

impl Serialize for Sequencer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'a> TestEvent<'a> {
    /// For a rule that was made at `at`.
    #[must_use]
    pub fn new(at: Timestamp, bucket: &'a str, request_id: &'a str, host_id: &'a str) -> Self {
        Self { service: "Amazon S3", event: "s3:TestEvent", time: at, bucket, request_id, host_id }
    }
}

/// A key as records have it: as in a form, so that a space is a `+`, but with slashes as they are.
#[must_use]
pub fn encode_key(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(event: EventType, object: &ObjectFacts<'_>) -> Value {
        let region = Region::parse("eu-west-1").expect("a region");
        let origin = Origin {
            region: &region,
            bucket: "uploads",
            owner: "A1",
            principal: "A2",
            source_ip: "127.0.0.1",
            request_id: "R",
            host_id: "H",
        };
        let at = Timestamp::from_unix_millis(1_764_026_009_007);
        serde_json::to_value(Record::new(event, at, "thumbnails", &origin, object)).expect("it serialises")
    }

    fn expected(version: &str, name: &str, object: &Value) -> Value {
        json!({
            "eventVersion": version,
            "eventSource": "aws:s3",
            "awsRegion": "eu-west-1",
            "eventTime": "2025-11-24T23:13:29.007Z",
            "eventName": name,
            "userIdentity": {"principalId": "A2"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": "R", "x-amz-id-2": "H"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "thumbnails",
                "bucket": {
                    "name": "uploads",
                    "ownerIdentity": {"principalId": "A1"},
                    "arn": "arn:aws:s3:::uploads",
                },
                "object": object,
            },
        })
    }

    #[test]
    fn records_are_those_of_aws() {
        let sequencer = Some(Sequencer(0x55ae_d6dc_d902_81e5));
        let put = ObjectFacts {
            key: "a@b c",
            bytes: Some(9),
            etag: Some("437b930db84b8079c2dd804a71936b5f"),
            version: None,
            sequencer,
        };
        let seen = json!({
            "key": "a%40b+c",
            "size": 9,
            "eTag": "437b930db84b8079c2dd804a71936b5f",
            "sequencer": "0055AED6DCD90281E5",
        });
        assert_eq!(record(EventType::CreatedPut, &put), expected("2.1", "ObjectCreated:Put", &seen));
        let gone = ObjectFacts { bytes: None, etag: None, version: Some("v"), ..put.clone() };
        let seen = json!({"key": "a%40b+c", "versionId": "v", "sequencer": "0055AED6DCD90281E5"});
        assert_eq!(record(EventType::RemovedDelete, &gone), expected("2.1", "ObjectRemoved:Delete", &seen));
        let tagged = ObjectFacts { bytes: None, sequencer: None, ..put };
        let seen = json!({"key": "a%40b+c", "eTag": "437b930db84b8079c2dd804a71936b5f"});
        assert_eq!(record(EventType::TaggingPut, &tagged), expected("2.3", "ObjectTagging:Put", &seen));
    }

    #[test]
    fn keys_are_encoded_as_in_forms() {
        for (key, expected) in [
            ("plain/path-_.*", "plain/path-_.*"),
            ("red flower.jpg", "red+flower.jpg"),
            ("a+b", "a%2Bb"),
            ("ä\u{1f600}", "%C3%A4%F0%9F%98%80"),
            ("100%&~", "100%25%26%7E"),
        ] {
            assert_eq!(encode_key(key), expected);
        }
    }

    #[test]
    fn sequencers_grow_whatever_the_clock_does() {
        let now = Timestamp::from_unix_millis(1_764_026_009_007);
        let first = Sequencer::default().next(now);
        let second = first.next(now);
        let third = second.next(Timestamp::UNIX_EPOCH);
        assert!(first < second && second < third);
        assert!(first.to_string() < second.to_string() && second.to_string() < third.to_string());
        assert!(third < third.next(Timestamp::from_unix_millis(1_764_026_009_008)));
    }
}
