//! `PutEvents`, and how it can be tried what an event pattern means.

use hearth_engine::{
    random::random_bits,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    bus_event::{BusEvent, Told},
    event_pattern::EventPattern,
    identity::{Partition, RequestId},
    time::Timestamp,
    validation::Violation,
    work_id::WorkId,
};
use serde_json::{Value, value::RawValue};
use thiserror::Error;

use crate::events::{
    Refusal, Rules,
    rule::{DEFAULT_BUS, is_default_bus},
};

/// An event as somebody tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEvent {
    /// `Time`; now if there is none.
    pub time: Option<Timestamp>,
    /// `Source`.
    pub source: Option<String>,
    /// `Resources`.
    pub resources: Vec<String>,
    /// `DetailType`.
    pub detail_type: Option<String>,
    /// `Detail`.
    pub detail: Option<String>,
    /// `EventBusName`; the default one if there is none.
    pub bus: Option<String>,
    /// `TraceHeader`, or that of the request.
    pub trace_header: Option<String>,
}

/// Why one event of several is not taken. The words are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryRefusal {
    /// Something is missing.
    #[error("Parameter {0} is not valid. Reason: {0} is a required argument.")]
    Missing(&'static str),
    /// The detail is no JSON object.
    #[error("Detail is malformed.")]
    MalformedDetail,
    /// Only AWS's services tell such events.
    #[error("Not authorized for the source.")]
    ForeignSource,
}

const MOST_EVENTS: usize = 10;
/// Source: `PutEvents` in the API reference.
const MOST_BYTES: usize = 1024 * 1024;

impl Rules {
    /// `PutEvents`: tells the event bus of events; the rules that are about them send them to their targets. Returns the id of
    /// each, or why it is not taken. What goes to an event bus that does not exist is taken and lost, as on AWS.
    ///
    /// # Errors
    /// If there are too many, or they are too large together.
    pub fn put_events(
        &self,
        partition: &Partition,
        events: Vec<NewEvent>,
    ) -> Result<Vec<Result<RequestId, EntryRefusal>>, Refusal> {
        let count = events.len();
        let listed = || format!("[{count} entries]");
        if count == 0 {
            return Err(Violation::length_at_least("entries", &listed(), 1).into());
        }
        if count > MOST_EVENTS {
            return Err(Violation::length_at_most("entries", &listed(), MOST_EVENTS).into());
        }
        if events.iter().map(NewEvent::bytes).sum::<usize>() > MOST_BYTES {
            return Err(Refusal::invalid("Total size of the entries in the request is over the limit."));
        }
        Ok(events.into_iter().map(|event| self.put_event(partition, event)).collect())
    }

    /// `TestEventPattern`: whether an event is meant.
    ///
    /// # Errors
    /// If the pattern is none, or the event no JSON object.
    pub fn test_event_pattern(&self, pattern: &str, event: &str) -> Result<bool, Refusal> {
        let pattern = EventPattern::parse(pattern)?;
        let event = serde_json::from_str::<Value>(event).ok().filter(Value::is_object);
        let event = event.ok_or_else(|| Refusal::parameter("Event", "Event is not a JSON object."))?;
        Ok(pattern.matches(&event))
    }

    fn put_event(&self, partition: &Partition, new: NewEvent) -> Result<RequestId, EntryRefusal> {
        let NewEvent { time, source, resources, detail_type, detail, bus, trace_header } = new;
        let source = required("Source", source)?;
        let detail_type = required("DetailType", detail_type)?;
        let detail = required("Detail", detail)?;
        if source.starts_with("aws.") {
            return Err(EntryRefusal::ForeignSource);
        }
        let detail = RawValue::from_string(detail).ok().filter(|detail| detail.get().starts_with('{'));
        let detail = detail.ok_or(EntryRefusal::MalformedDetail)?;
        let id = RequestId::from_random(random_bits());
        if !is_default_bus(partition, bus.as_deref()) {
            tracing::warn!(bus, "an event is lost: Hearth has only the default event bus");
            return Ok(id);
        }
        let told =
            Told { source: &source, detail_type: &detail_type, resources: &resources, detail: &detail };
        let cause = trace_header.as_deref().and_then(WorkId::of_trace_header);
        let subject = Subject::new(Resource::EventBus, DEFAULT_BUS).with_work(Work::EventId(id));
        let kind =
            EventKind::Put { source: source.as_str().into(), detail_type: detail_type.as_str().into() };
        self.engine().timeline().record(subject.caused_by(cause), kind);
        let time = time.unwrap_or_else(|| self.engine().clock().wall());
        let event = BusEvent::told(partition, id, time, told).document();
        let parsed: Value = serde_json::from_str(&event).expect("an event is a document");
        for rule in self.all(partition) {
            let is_meant = |pattern: &EventPattern| rule.enabled && pattern.matches(&parsed);
            if rule.pattern.as_ref().is_some_and(is_meant) {
                self.fire_for(partition, &rule, id, &event, trace_header.as_deref());
            }
        }
        Ok(id)
    }
}

impl NewEvent {
    /// How much counts against the limit. Source: "Calculating PutEvents event entry size" in the user guide.
    fn bytes(&self) -> usize {
        const TIME: usize = 14;
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        text(&self.source)
            + text(&self.detail_type)
            + text(&self.detail)
            + self.resources.iter().map(String::len).sum::<usize>()
            + self.time.map_or(0, |_| TIME)
    }
}

impl EntryRefusal {
    /// The name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "InvalidArgument",
            Self::MalformedDetail => "MalformedDetail",
            Self::ForeignSource => "NotAuthorizedForSourceException",
        }
    }
}

fn required(parameter: &'static str, value: Option<String>) -> Result<String, EntryRefusal> {
    value.filter(|value| !value.is_empty()).ok_or(EntryRefusal::Missing(parameter))
}
