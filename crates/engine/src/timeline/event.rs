//! What can happen.

use std::{mem, sync::Arc, time::Duration};

use hearth_model::{
    asynchronous::Condition,
    cold_start::ModelledColdStart,
    faults::{FaultId, FaultKind},
    identity::{RequestId, Version},
    outcome::Failure,
    pool::{ColdReason, Generation, RetireReason, ThrottleReason},
    time::{Instant, Timestamp},
    work_id::WorkId,
};
use serde::{Serialize, Serializer};

use super::{Resource, Subject, Work};
use crate::{invoke::Via, log::InitPhase, ring::Entry};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The event's number, from 0, without gaps.
    pub sequence: u64,
    /// When, on the monotonic clock, in nanoseconds since its origin.
    #[serde(rename = "at_ns", serialize_with = "nanoseconds")]
    pub at: Instant,
    /// When, on the wall clock, in microseconds since the Unix epoch.
    #[serde(rename = "wall_us", serialize_with = "wall_microseconds")]
    pub wall: Timestamp,
    /// What it is about, and what led to it.
    #[serde(flatten)]
    pub subject: Subject,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventKind {
    /// A function has new code or a new configuration.
    Deployed {
        /// What it is from now on.
        generation: Generation,
        /// What loading the code took: mapping the compiled artifact, or compiling it.
        #[serde(rename = "load_us", serialize_with = "microseconds")]
        load: Duration,
    },
    /// `$LATEST` was published as a version.
    Published {
        /// The version's number.
        version: u64,
        /// What it is.
        generation: Generation,
    },
    /// A published version was deleted.
    VersionDeleted {
        /// The version's number.
        version: u64,
    },
    /// A function was deleted, with all its versions.
    Deleted,
    /// An event for a function was accepted, to be given to it asynchronously.
    Accepted {
        /// The size of the event.
        event_bytes: usize,
    },
    /// An event is given to its function: what follows under its request id is an invocation.
    Attempt {
        /// How often the function will have been run with this one, from 1.
        number: u32,
        /// How long ago the event was accepted.
        #[serde(rename = "age_us", serialize_with = "microseconds")]
        age: Duration,
    },
    /// The attempt did not end well, and there will be another.
    Retrying {
        /// How long from now.
        #[serde(rename = "delay_us", serialize_with = "microseconds")]
        delay: Duration,
    },
    /// The end of an event was told to a destination.
    Delivered {
        /// The destination's ARN.
        destination: Box<str>,
        /// How the event ended.
        condition: Condition,
    },
    /// A destination was not told of the end of an event.
    DeliveryFailed {
        /// The destination's ARN.
        destination: Box<str>,
        /// How the event ended.
        condition: Condition,
        /// Why the destination was not told.
        reason: Box<str>,
    },
    /// An event failed, and nobody is to be told.
    Dropped {
        /// How the event ended.
        condition: Condition,
    },
    /// A queue took a message.
    Sent {
        /// The size of its body.
        body_bytes: usize,
    },
    /// Messages were received for a function, which is about to be invoked with them.
    Polled {
        /// The queue.
        queue: Arc<str>,
        /// The messages; each is a cause of the batch.
        messages: Box<[WorkId]>,
    },
    /// A message was received too often, and went to this queue.
    DeadLettered {
        /// The queue that it came from.
        source: Box<str>,
    },
    /// A message was made of a dead letter by a task that moves those back.
    Redriven,
    /// An object of a bucket changed, and somebody is told.
    Changed {
        /// What the change is called in notifications.
        change: &'static str,
        /// The object's key.
        key: Box<str>,
    },
    /// An event came to an event bus.
    Put {
        /// Its `source`.
        source: Box<str>,
        /// Its `detail-type`.
        detail_type: Box<str>,
    },
    /// A rule or a schedule tells its targets.
    Fired {
        /// For when that was planned, in microseconds since the Unix epoch; left out if an event made a rule fire.
        #[serde(
            rename = "scheduled_us",
            serialize_with = "wall_microseconds_of",
            skip_serializing_if = "Option::is_none"
        )]
        scheduled: Option<Timestamp>,
    },
    /// A target did not take what a rule or a schedule had for it.
    Undelivered(Box<Undelivered>),
    /// A request to invoke a function came in.
    Received {
        /// The version that is to serve it; left out if it is `$LATEST`.
        #[serde(serialize_with = "display", skip_serializing_if = "is_latest")]
        version: Version,
        /// The size of the event.
        event_bytes: usize,
        /// Which way it came; left out if it is one of the Lambda API.
        #[serde(skip_serializing_if = "Via::is_api")]
        via: Via,
    },
    /// Something goes wrong because a rule for faults says so.
    Injected {
        /// The rule.
        rule: FaultId,
        /// What goes wrong.
        fault: FaultKind,
    },
    /// The request was turned away.
    Throttled {
        /// Why.
        reason: ThrottleReason,
    },
    /// The request was turned away because the chain of events that led to it had invoked the function too often.
    LoopStopped,
    /// An environment was created for the request.
    ColdStart(Box<ColdStart>),
    /// An environment was created ahead of requests, for provisioned concurrency.
    Provisioned(Box<Provisioned>),
    /// An environment that had been reset, or whose first initialisation had failed, was initialised within the
    /// invocation.
    Initialised {
        /// What it took.
        #[serde(rename = "init_us", serialize_with = "microseconds")]
        init: Duration,
    },
    /// An initialisation did not end well.
    InitFailed {
        /// When it ran.
        phase: InitPhase,
        /// The class of the error.
        error_type: Box<str>,
        /// What it took.
        #[serde(rename = "init_us", serialize_with = "microseconds")]
        init: Duration,
    },
    /// An invocation has ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// What it took.
        #[serde(rename = "duration_us", serialize_with = "microseconds")]
        duration: Duration,
        /// What is paid for.
        #[serde(rename = "billed_us", serialize_with = "microseconds")]
        billed: Duration,
    },
    /// An environment starts again: its globals are lost, its `/tmp` is kept.
    Reset {
        /// How the invocation before ended.
        reason: Outcome,
    },
    /// An environment is gone.
    Retired {
        /// Its function's code and configuration when it was created.
        generation: Generation,
        /// Why.
        reason: RetireReason,
    },
}

/// The parts of a cold start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColdStart {
    /// Why a new environment was needed.
    pub reason: ColdReason,
    /// What making it took.
    #[serde(rename = "provision_us", serialize_with = "microseconds")]
    pub provision: Duration,
    /// What its initialisation took.
    #[serde(rename = "init_us", serialize_with = "microseconds")]
    pub init: Duration,
    /// What was added to it by the cold-start model.
    #[serde(serialize_with = "modelled")]
    pub modelled: ModelledColdStart,
}

/// The parts of making an environment that no request waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provisioned {
    /// What making it took.
    #[serde(rename = "provision_us", serialize_with = "microseconds")]
    pub provision: Duration,
    /// What its initialisation took.
    #[serde(rename = "init_us", serialize_with = "microseconds")]
    pub init: Duration,
    /// What was added to it by the cold-start model.
    #[serde(serialize_with = "modelled")]
    pub modelled: ModelledColdStart,
}

/// What a target did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The target's ARN.
    pub target: Box<str>,
    /// Why it did not take it.
    pub reason: Box<str>,
    /// When it is tried again; none if it was given up.
    #[serde(
        rename = "retry_us",
        serialize_with = "microseconds_of",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Duration>,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Well.
    Success,
    /// The handler reported an error.
    FunctionError,
    /// The function's timeout passed.
    Timeout,
    /// The guest ended itself.
    Exit,
    /// The guest trapped.
    Crash,
    /// The guest wanted more memory than it has.
    OutOfMemory,
    /// The answer was too large.
    ResponseTooLarge,
    /// There was no answer, or it could not be read.
    InvalidResponse,
    /// A fault of Hearth's own.
    PlatformFault,
}

impl Outcome {
    /// That of a result.
    pub fn of<T>(result: &Result<T, Failure>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(Failure::Function(_)) => Self::FunctionError,
            Err(Failure::Timeout { .. }) => Self::Timeout,
            Err(Failure::Exit { .. }) => Self::Exit,
            Err(Failure::Crash { .. }) => Self::Crash,
            Err(Failure::OutOfMemory { .. }) => Self::OutOfMemory,
            Err(Failure::ResponseTooLarge { .. }) => Self::ResponseTooLarge,
            Err(Failure::InvalidResponse { .. }) => Self::InvalidResponse,
            Err(Failure::Platform(_)) => Self::PlatformFault,
        }
    }
}

impl Event {
    /// The function that it is about, if it is about one.
    #[must_use]
    pub fn function(&self) -> Option<&Arc<str>> {
        (self.subject.resource == Resource::Function).then_some(&self.subject.name)
    }

    /// The invocation that it is about, if it is about one.
    #[must_use]
    pub const fn request_id(&self) -> Option<RequestId> {
        match self.subject.work {
            Some(Work::RequestId(id)) => Some(id),
            Some(Work::MessageId(_) | Work::EventId(_)) | None => None,
        }
    }

    /// What led to the work that it is about, as far as this event tells.
    pub fn causes(&self) -> impl Iterator<Item = WorkId> {
        let messages = if let EventKind::Polled { messages, .. } = &self.kind { &**messages } else { &[] };
        self.subject.cause.into_iter().chain(messages.iter().copied())
    }
}

impl Entry for Event {
    fn set_sequence(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// The bytes that it takes in memory.
    fn weight(&self) -> usize {
        let boxed = match &self.kind {
            EventKind::ColdStart(_) => mem::size_of::<ColdStart>(),
            EventKind::Provisioned(_) => mem::size_of::<Provisioned>(),
            EventKind::InitFailed { error_type, .. } => error_type.len(),
            EventKind::Delivered { destination, .. } => destination.len(),
            EventKind::DeliveryFailed { destination, reason, .. } => destination.len() + reason.len(),
            EventKind::Polled { messages, .. } => size_of_val(&**messages),
            EventKind::DeadLettered { source } => source.len(),
            EventKind::Changed { key, .. } => key.len(),
            EventKind::Put { source, detail_type } => source.len() + detail_type.len(),
            EventKind::Undelivered(undelivered) => {
                mem::size_of::<Undelivered>() + undelivered.target.len() + undelivered.reason.len()
            }
            EventKind::Deployed { .. }
            | EventKind::Sent { .. }
            | EventKind::Redriven
            | EventKind::Fired { .. }
            | EventKind::Accepted { .. }
            | EventKind::Attempt { .. }
            | EventKind::Retrying { .. }
            | EventKind::Dropped { .. }
            | EventKind::Published { .. }
            | EventKind::VersionDeleted { .. }
            | EventKind::Deleted
            | EventKind::Received { .. }
            | EventKind::Injected { .. }
            | EventKind::Throttled { .. }
            | EventKind::LoopStopped
            | EventKind::Initialised { .. }
            | EventKind::Ended { .. }
            | EventKind::Reset { .. }
            | EventKind::Retired { .. } => 0,
        };
        mem::size_of::<Self>() + boxed
    }
}

fn nanoseconds<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_nanos())
}

fn wall_microseconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_unix_nanos().div_euclid(1_000))
}

fn wall_microseconds_of<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    wall_microseconds(at.as_ref().expect("what is not there is left out"), serializer)
}

fn microseconds_of<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    microseconds(duration.as_ref().expect("what is not there is left out"), serializer)
}

fn microseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

fn is_latest(version: &Version) -> bool {
    *version == Version::Latest
}

fn display<S: Serializer>(version: &Version, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

fn modelled<S: Serializer>(modelled: &ModelledColdStart, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Parts {
        #[serde(rename = "runtime_us", serialize_with = "microseconds")]
        runtime: Duration,
        #[serde(rename = "package_us", serialize_with = "microseconds")]
        package: Duration,
        #[serde(rename = "vpc_us", serialize_with = "microseconds")]
        vpc: Duration,
    }
    let ModelledColdStart { runtime, package, vpc } = *modelled;
    Parts { runtime, package, vpc }.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_two_lines_of_a_cache() {
        assert_eq!(size_of::<Event>(), 128);
    }
}
