//! Events as EventBridge delivers them.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{
    identity::{Partition, RequestId},
    time::{Timestamp, rfc3339_seconds},
};

/// Something that happened, or whose time has come. As a document, it has the fields of AWS, in its order.
#[derive(Clone, Debug, Serialize)]
pub struct BusEvent<'a> {
    version: &'static str,
    /// What tells it from others.
    id: RequestId,
    #[serde(rename = "detail-type")]
    detail_type: &'a str,
    source: &'a str,
    account: String,
    #[serde(serialize_with = "rfc3339_seconds")]
    time: Timestamp,
    region: &'a str,
    resources: &'a [String],
    detail: Detail<'a>,
}

/// What somebody tells the event bus.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Who tells it.
    pub source: &'a str,
    /// What kind of event it is.
    pub detail_type: &'a str,
    /// What it is about.
    pub resources: &'a [String],
    /// What happened: an object.
    pub detail: &'a RawValue,
}

#[derive(Clone, Copy, Debug)]
enum Detail<'a> {
    Object(&'a RawValue),
    /// Nothing more than the event itself says.
    Nothing,
    /// The same, in the words of EventBridge Scheduler, as others report: a text.
    NothingAsText,
}

impl<'a> BusEvent<'a> {
    /// Somebody told something.
    #[must_use]
    pub fn told(partition: &'a Partition, id: RequestId, time: Timestamp, told: Told<'a>) -> Self {
        let Told { source, detail_type, resources, detail } = told;
        Self {
            version: "0",
            id,
            detail_type,
            source,
            account: partition.account.to_string(),
            time,
            region: partition.region.as_str(),
            resources,
            detail: Detail::Object(detail),
        }
    }

    /// The time has come that the schedule of a rule names, whose ARN is the only resource; recorded from AWS.
    #[must_use]
    pub fn of_rule(partition: &'a Partition, id: RequestId, time: Timestamp, rule: &'a [String; 1]) -> Self {
        Self::scheduled(partition, id, time, rule, "aws.events", Detail::Nothing)
    }

    /// The time has come that a schedule of EventBridge Scheduler names, whose ARN is the only resource.
    #[must_use]
    pub fn of_schedule(
        partition: &'a Partition,
        id: RequestId,
        time: Timestamp,
        schedule: &'a [String; 1],
    ) -> Self {
        Self::scheduled(partition, id, time, schedule, "aws.scheduler", Detail::NothingAsText)
    }

    /// The event as a document.
    #[must_use]
    pub fn document(&self) -> String {
        serde_json::to_string(self).expect("texts can always be written")
    }

    fn scheduled(
        partition: &'a Partition,
        id: RequestId,
        time: Timestamp,
        resources: &'a [String; 1],
        source: &'a str,
        detail: Detail<'a>,
    ) -> Self {
        let told = Told { source, detail_type: "Scheduled Event", resources, detail: RawValue::NULL };
        Self { detail, ..Self::told(partition, id, time, told) }
    }
}

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(object) => object.serialize(serializer),
            Self::Nothing => serializer.serialize_map(Some(0))?.end(),
            Self::NothingAsText => serializer.serialize_str("{}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_unix_millis(1_795_262_400_999);

    #[test]
    fn a_scheduled_event_is_as_recorded() {
        let (partition, id) = (Partition::default(), RequestId::from_random(1));
        let arn = ["arn:aws:events:us-east-1:000000000000:rule/tick".to_owned()];
        let event = BusEvent::of_rule(&partition, id, NOON, &arn).document();
        assert_eq!(
            event,
            format!(
                r#"{{"version":"0","id":"{id}","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":"2026-11-21T12:00:00Z","region":"us-east-1","resources":["{}"],"detail":{{}}}}"#,
                arn[0]
            )
        );
        let event = BusEvent::of_schedule(&partition, id, NOON, &arn).document();
        assert!(
            event.contains(r#""source":"aws.scheduler""#) && event.ends_with(r#""detail":"{}"}"#),
            "{event}"
        );
    }

    #[test]
    fn details_are_as_they_were_told() {
        let detail = RawValue::from_string(r#"{"z": 1.50, "a": null}"#.to_owned()).expect("JSON");
        let told = Told { source: "shop", detail_type: "order", resources: &[], detail: &detail };
        let event = BusEvent::told(&Partition::default(), RequestId::from_random(1), NOON, told).document();
        assert!(event.ends_with(r#""resources":[],"detail":{"z": 1.50, "a": null}}"#), "{event}");
    }
}
