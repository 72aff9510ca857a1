//! Events that clients write.

use std::time::Duration;

use hearth_model::{identity::Partition, time::Timestamp, validation::Violation};

use super::{
    Logs, Refusal,
    events::MOST,
    names::{check_stream_name, group_name},
    service::days_of,
};

/// Most bytes of a batch, and what each event counts beside its message.
const MOST_BYTES: usize = 1024 * 1024;
const EVENT_BYTES: usize = 26;

/// How long ago an event may have been.
const OLDEST_DAYS: u32 = 14;
/// How far in the future an event may be.
const NEWEST: Duration = Duration::from_secs(2 * 60 * 60);
/// How far the events of a batch may be apart, in milliseconds.
const SPAN_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What `PutLogEvents` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutRequest {
    /// The group's name.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// The events, oldest first.
    pub events: Vec<NewEvent>,
}

/// An event to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When it was, in milliseconds since 1970.
    pub at: i64,
    /// What it says.
    pub message: String,
}

/// Events of a batch that were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// How many, from the first on, are from more than 14 days ago.
    pub too_old_end: Option<usize>,
    /// How many, from the first on, would have expired already.
    pub expired_end: Option<usize>,
    /// The number of the first one that is more than two hours in the future.
    pub too_new_start: Option<usize>,
}

impl Logs {
    /// `PutLogEvents`. Returns what was left out, if anything was.
    ///
    /// # Errors
    /// If there is no such group or stream, or the batch is not as it must be; then nothing is written.
    pub fn put(&self, partition: &Partition, request: &PutRequest) -> Result<Option<Rejected>, Refusal> {
        let name = group_name(&request.group)?;
        check_stream_name("logStreamName", &request.stream)?;
        check_batch(&request.events)?;
        let retained_since = self.settings(partition, &name).retained_since(self.now());
        let mut state = self.state.lock();
        let group = self.find(partition, &name)?;
        let stream = group.stream(&request.stream).ok_or_else(Refusal::stream_not_found)?;

        let now = self.now();
        let events = &request.events;
        let before = |moment: Timestamp| {
            let end = events.partition_point(|event| event.at < moment.as_unix_millis());
            (end > 0).then_some(end)
        };
        let too_old_end = before(now - days_of(OLDEST_DAYS));
        let expired_end = retained_since.and_then(before);
        let newest = (now + NEWEST).as_unix_millis();
        let too_new_start = events.partition_point(|event| event.at <= newest);
        let rejected = Rejected {
            too_old_end,
            expired_end: expired_end.filter(|end| too_old_end.is_none_or(|too_old| *end > too_old)),
            too_new_start: (too_new_start < events.len()).then_some(too_new_start),
        };
        let begin = too_old_end.max(expired_end).unwrap_or_default();
        let valid = events.get(begin..too_new_start).unwrap_or_default();
        if let [first, .., last] = valid
            && last.at - first.at > SPAN_MILLIS
        {
            return Err(Refusal::invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            ));
        }
        let at = |event: &NewEvent| Timestamp::from_unix_millis(event.at);
        let end = group.put(&stream, valid.iter().map(|event| (at(event), event.message.as_str().into())));
        let place = (partition, &*group, &*request.stream);
        state.record_events(self.engine().journal(), place, now, valid, end);
        Ok((rejected != Rejected::default()).then_some(rejected))
    }
}

fn check_batch(events: &[NewEvent]) -> Result<(), Refusal> {
    if events.is_empty() {
        return Err(Violation::length_at_least("logEvents", "[]", 1).into());
    }
    if events.len() > MOST {
        return Err(Violation::length_at_most("logEvents", "[...]", MOST).into());
    }
    if let Some(event) = events.iter().find(|event| event.at < 0) {
        return Err(Violation::value_at_least("logEvents.member.timestamp", event.at, 0).into());
    }
    if events.iter().any(|event| event.message.is_empty()) {
        return Err(Violation::length_at_least("logEvents.member.message", "", 1).into());
    }
    let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_BYTES).sum();
    if bytes > MOST_BYTES {
        let message = format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}");
        return Err(Refusal::invalid(message));
    }
    if !events.is_sorted_by_key(|event| event.at) {
        return Err(Refusal::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(())
}
