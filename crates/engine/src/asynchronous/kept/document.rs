//! Entries as they are written.

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::{
    asynchronous::{Condition, Ending, KeptInvocation, Progress},
    destination::Destination,
    identity::{RequestId, Version},
    reference::Qualifier,
    time::{Moment, Timestamp},
    work_id::WorkId,
};
use serde::{Deserialize, Serialize};

use crate::{
    asynchronous::{AsynchronousRequest, events::Response},
    journal::Unreadable,
    kept::unreadable,
};

/// An event as it came.
#[derive(Serialize, Deserialize)]
pub(super) enum InvocationDocument<'a> {
    #[serde(borrow)]
    V1(InvocationV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct InvocationV1<'a> {
    position: u64,
    accepted_at: i64,
    event: &'a [u8],
    qualifier: Option<String>,
    trace_header: Option<&'a str>,
    client_context: Option<&'a str>,
    recursive: bool,
    cause: Option<u64>,
}

/// What has become of an event.
#[derive(Serialize, Deserialize)]
pub(super) enum AttemptDocument<'a> {
    #[serde(borrow)]
    V1(AttemptV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct AttemptV1<'a> {
    state: StateV1,
    #[serde(borrow)]
    last: Option<ResponseV1<'a>>,
}

#[derive(Serialize, Deserialize)]
enum StateV1 {
    Waiting { due: i64, errors: u32, setbacks: u32 },
    Ended(EndingV1),
}

#[derive(Serialize, Deserialize)]
struct EndingV1 {
    condition: ConditionV1,
    invoke_count: u32,
    record_to: Option<String>,
    dead_letter_to: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum ConditionV1 {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
    RecursiveInvocation,
}

#[derive(Serialize, Deserialize)]
enum ResponseV1<'a> {
    Function { version: String, error_message: Option<&'a str>, payload: &'a [u8] },
    Refused { status: u16, message: &'a str },
}

/// What has become of an event, read.
pub(super) enum State {
    Waiting(Progress),
    Ended(Ending),
}

impl<'a> InvocationV1<'a> {
    pub(super) fn of(now: Moment, kept: &KeptInvocation, request: &'a AsynchronousRequest) -> Self {
        Self {
            position: kept.position,
            accepted_at: now.wall_of(kept.accepted_at).as_unix_nanos(),
            event: &request.event,
            qualifier: request.qualifier.as_ref().map(ToString::to_string),
            trace_header: request.trace_header.as_deref(),
            client_context: request.client_context.as_deref(),
            recursive: request.recursive,
            cause: request.cause.map(WorkId::bits),
        }
    }

    /// An event of which no attempt is over.
    pub(super) fn read(self, now: Moment, id: RequestId) -> (KeptInvocation, AsynchronousRequest) {
        let accepted_at = now.instant_of(Timestamp::from_unix_nanos(self.accepted_at));
        let request = AsynchronousRequest {
            event: Bytes::copy_from_slice(self.event),
            qualifier: self.qualifier.as_deref().map(Qualifier::read),
            trace_header: self.trace_header.map(str::to_owned),
            client_context: self.client_context.map(str::to_owned),
            recursive: self.recursive,
            cause: self.cause.and_then(WorkId::from_bits),
        };
        let kept = KeptInvocation {
            id,
            position: self.position,
            accepted_at,
            qualifier: request.queue_qualifier(),
            progress: Progress { due: accepted_at, errors: 0, setbacks: 0 },
        };
        (kept, request)
    }
}

impl<'a> AttemptV1<'a> {
    pub(super) fn waiting(now: Moment, progress: Progress, last: Option<&'a Response>) -> Self {
        let Progress { due, errors, setbacks } = progress;
        let due = now.wall_of(due).as_unix_nanos();
        Self { state: StateV1::Waiting { due, errors, setbacks }, last: last.map(ResponseV1::of) }
    }

    pub(super) fn ended(ending: &Ending, last: Option<&'a Response>) -> Self {
        let arn = |destination: &Arc<Destination>| destination.as_str().to_owned();
        let ending = EndingV1 {
            condition: ConditionV1::of(ending.condition),
            invoke_count: ending.approximate_invoke_count,
            record_to: ending.record_to.as_ref().map(arn),
            dead_letter_to: ending.dead_letter_to.as_ref().map(arn),
        };
        Self { state: StateV1::Ended(ending), last: last.map(ResponseV1::of) }
    }

    pub(super) fn read(self, now: Moment, id: RequestId) -> Result<(State, Option<Response>), Unreadable> {
        let state = match self.state {
            StateV1::Waiting { due, errors, setbacks } => {
                let due = now.instant_of(Timestamp::from_unix_nanos(due));
                State::Waiting(Progress { due, errors, setbacks })
            }
            StateV1::Ended(EndingV1 { condition, invoke_count, record_to, dead_letter_to }) => {
                State::Ended(Ending {
                    id,
                    condition: condition.read(),
                    approximate_invoke_count: invoke_count,
                    record_to: record_to.as_deref().map(destination).transpose()?,
                    dead_letter_to: dead_letter_to.as_deref().map(destination).transpose()?,
                })
            }
        };
        Ok((state, self.last.map(ResponseV1::read).transpose()?))
    }
}

impl ConditionV1 {
    const fn of(condition: Condition) -> Self {
        match condition {
            Condition::Success => Self::Success,
            Condition::RetriesExhausted => Self::RetriesExhausted,
            Condition::EventAgeExceeded => Self::EventAgeExceeded,
            Condition::ZeroReservedConcurrency => Self::ZeroReservedConcurrency,
            Condition::RecursiveInvocation => Self::RecursiveInvocation,
        }
    }

    const fn read(self) -> Condition {
        match self {
            Self::Success => Condition::Success,
            Self::RetriesExhausted => Condition::RetriesExhausted,
            Self::EventAgeExceeded => Condition::EventAgeExceeded,
            Self::ZeroReservedConcurrency => Condition::ZeroReservedConcurrency,
            Self::RecursiveInvocation => Condition::RecursiveInvocation,
        }
    }
}

impl<'a> ResponseV1<'a> {
    fn of(response: &'a Response) -> Self {
        match response {
            Response::Function { version, error_message, payload } => Self::Function {
                version: version.to_string(),
                error_message: error_message.as_deref(),
                payload,
            },
            Response::Refused { status, message } => Self::Refused { status: *status, message },
        }
    }

    fn read(self) -> Result<Response, Unreadable> {
        Ok(match self {
            Self::Function { version, error_message, payload } => Response::Function {
                version: read_version(&version)?,
                error_message: error_message.map(str::to_owned),
                payload: Bytes::copy_from_slice(payload),
            },
            Self::Refused { status, message } => Response::Refused { status, message: message.to_owned() },
        })
    }
}

fn read_version(text: &str) -> Result<Version, Unreadable> {
    Qualifier::read(text).version().ok_or_else(|| unreadable(format!("`{text}` is no version")))
}

fn destination(arn: &str) -> Result<Arc<Destination>, Unreadable> {
    Destination::parse(arn).map(Arc::new).map_err(|error| unreadable(format!("`{arn}`: {error}")))
}
