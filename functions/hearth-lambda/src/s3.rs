//! Amazon S3: objects, and the events that tell of them.
//!
//! Errors have S3's code as their type, such as `NoSuchKey`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};

use crate::{
    Error, aws,
    http::{Request, Response},
};

/// What S3 gives to a function: what happened to objects. It tells of one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One thing that happened to an object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "WireRecord")]
pub struct Record {
    /// What, such as `ObjectCreated:Put`.
    pub event_name: String,
    /// In which bucket.
    pub bucket: String,
    /// To which object: its key as it is, and not as events have it.
    pub key: String,
}

/// Reads an object, all of it.
///
/// # Errors
/// S3's own, such as `NoSuchKey`.
///
/// # Panics
/// Outside WebAssembly.
pub fn get_object(bucket: &str, key: &str) -> Result<Vec<u8>, Error> {
    Ok(send(request("GET", bucket, key)?)?.body)
}

/// Writes an object.
///
/// # Errors
/// S3's own, such as `NoSuchBucket`.
///
/// # Panics
/// Outside WebAssembly.
pub fn put_object(bucket: &str, key: &str, content_type: &str, body: Vec<u8>) -> Result<(), Error> {
    send(request("PUT", bucket, key)?.header("content-type", content_type).body(body)).map(drop)
}

fn request(method: &'static str, bucket: &str, key: &str) -> Result<Request, Error> {
    aws::request("s3", method, &format!("/{bucket}/{}", encode(key)))
}

fn send(request: Request) -> Result<Response, Error> {
    let response = request.send()?;
    if response.is_success() { Ok(response) } else { Err(refusal(&response)) }
}

/// The error in an answer: an XML document with a code and a message.
fn refusal(response: &Response) -> Error {
    let document = String::from_utf8_lossy(&response.body);
    let element = |name: &str| {
        let (_, rest) = document.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    };
    let status = || Cow::Owned(format!("S3 answered with status {}", response.status));
    let message = element("Message").map_or_else(status, Cow::Borrowed);
    Error::new(element("Code").unwrap_or("S3Error"), message)
}

/// A key as a path has it.
fn encode(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A key out of an event, where it is encoded as in forms: a space is a `+`.
fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                high << 4 | low
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord {
    event_name: String,
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    #[serde(deserialize_with = "decoded")]
    key: String,
}

fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let encoded = String::deserialize(deserializer)?;
    decode(&encoded)
        .ok_or_else(|| de::Error::custom(format!("the key `{encoded}` is not encoded as in forms")))
}

impl From<WireRecord> for Record {
    fn from(wire: WireRecord) -> Self {
        let WireRecord { event_name, s3: Entity { bucket, object } } = wire;
        Self { event_name, bucket: bucket.name, key: object.key }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(key: &str) -> String {
        format!(
            r#"{{"Records":[{{"eventName":"ObjectCreated:Put","s3":{{"bucket":{{"name":"photos"}},"object":{{"key":"{key}","size":3}}}}}}]}}"#
        )
    }

    #[test]
    fn events_name_objects_by_their_keys() {
        for (encoded, key) in [
            ("uploads/red+flower.jpg", "uploads/red flower.jpg"),
            ("a%2Bb", "a+b"),
            ("%C3%A4%F0%9F%98%80", "ä\u{1f600}"),
        ] {
            let event: Event = serde_json::from_str(&event(encoded)).unwrap();
            let expected =
                Record { event_name: "ObjectCreated:Put".into(), bucket: "photos".into(), key: key.into() };
            assert_eq!(event.records, [expected]);
        }
        for broken in ["100%", "%zz", "%e4"] {
            let error = serde_json::from_str::<Event>(&event(broken)).unwrap_err().to_string();
            assert!(error.contains("not encoded as in forms"), "{error}");
        }
    }

    #[test]
    fn keys_in_paths_are_what_they_were() {
        assert_eq!(encode("a/b c+ä%.jpg"), "a/b%20c%2B%C3%A4%25.jpg");
    }

    #[test]
    fn refusals_have_the_code_of_s3() {
        let check = |body: &str, expected: &str| {
            let response = Response { status: 404, headers: Vec::new(), body: body.into() };
            assert_eq!(refusal(&response).to_string(), expected);
        };
        check(
            "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
            "NoSuchKey: The specified key does not exist.",
        );
        check("", "S3Error: S3 answered with status 404");
    }
}
