//! Entries as they are written.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_engine::journal::Unreadable;
use hearth_model::{
    identity::AccountId,
    sqs::{
        KeptMessage, MessageId, MoveFailure, MoveStatus, MoveTask, MoveTaskId, NewMoveTask, Place, QueueName,
        Remembered, Sent, SequenceNumber, Standing, State,
    },
    time::{Moment, Timestamp},
};
use serde::{Deserialize, Serialize};

use crate::{
    kept::unreadable,
    sqs::content::{AttributeValue, Content, Md5, MessageAttribute},
};

/// How many queues a region has had.
#[derive(Serialize, Deserialize)]
pub(super) enum RegionDocument {
    V1(u32),
}

/// A queue without its messages.
#[derive(Serialize, Deserialize)]
pub(super) enum QueueDocument {
    V1(QueueV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct QueueV1 {
    pub(super) name: String,
    /// Those that can be chosen, as their owner would give them.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_at: i64,
    pub(super) modified_at: i64,
    /// A number that no message of the queue is beyond.
    pub(super) reserved: u64,
    pub(super) moves: Vec<MoveV1>,
}

/// A task that moves messages.
#[derive(Serialize, Deserialize)]
pub(super) struct MoveV1 {
    id: [u8; 16],
    destination: Option<String>,
    messages_per_second: Option<u32>,
    started_at: i64,
    status: MoveStatusV1,
    moved: u64,
    to_move: u64,
}

#[derive(Serialize, Deserialize)]
enum MoveStatusV1 {
    Running,
    Completed,
    Cancelled,
    NoSuchDestination,
    UnknownSource,
}

/// A message as it came.
#[derive(Serialize, Deserialize)]
pub(super) enum MessageDocument<'a> {
    #[serde(borrow)]
    V1(MessageV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct MessageV1<'a> {
    key: u32,
    id: [u8; 16],
    body: &'a str,
    body_md5: [u8; 16],
    attributes: Vec<AttributeV1<'a>>,
    trace_header: Option<&'a str>,
    sender: AccountV1,
    bytes: u64,
    sent_at: i64,
    enqueued_at: i64,
    group: Option<&'a str>,
    deduplication: Option<&'a str>,
    dead_letter_source: Option<&'a str>,
    standing: StandingV1,
}

/// The digits of an account.
type AccountV1 = String;

#[derive(Serialize, Deserialize)]
struct AttributeV1<'a> {
    name: &'a str,
    data_type: &'a str,
    value: ValueV1<'a>,
}

#[derive(Serialize, Deserialize)]
enum ValueV1<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// What has become of a message.
#[derive(Serialize, Deserialize)]
pub(super) enum StandingDocument {
    V1(StandingV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct StandingV1 {
    state: StateV1,
    first_received_at: Option<i64>,
    receive_count: u32,
    receipts: u32,
}

#[derive(Serialize, Deserialize)]
enum StateV1 {
    Visible,
    Delayed { until: i64 },
    InFlight { until: i64, since: i64 },
}

/// A message whose duplicates are known.
#[derive(Serialize, Deserialize)]
pub(super) enum RememberedDocument<'a> {
    #[serde(borrow)]
    V1(RememberedV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct RememberedV1<'a> {
    deduplication: &'a str,
    group: Option<&'a str>,
    id: [u8; 16],
    since: i64,
}

impl MoveV1 {
    pub(super) fn of(task: &MoveTask) -> Self {
        let MoveTask { request, started_at, status, moved, to_move } = task;
        Self {
            id: request.id.to_bytes(),
            destination: request.destination.as_ref().map(ToString::to_string),
            messages_per_second: request.messages_per_second,
            started_at: started_at.as_unix_nanos(),
            status: match status {
                MoveStatus::Running => MoveStatusV1::Running,
                MoveStatus::Completed => MoveStatusV1::Completed,
                MoveStatus::Cancelled => MoveStatusV1::Cancelled,
                MoveStatus::Failed(MoveFailure::NoSuchDestination) => MoveStatusV1::NoSuchDestination,
                MoveStatus::Failed(MoveFailure::UnknownSource) => MoveStatusV1::UnknownSource,
            },
            moved: *moved,
            to_move: *to_move,
        }
    }

    pub(super) fn read(self) -> Result<MoveTask, Unreadable> {
        Ok(MoveTask {
            request: NewMoveTask {
                id: MoveTaskId::from_bytes(self.id),
                destination: self.destination.as_deref().map(queue_name).transpose()?,
                messages_per_second: self.messages_per_second,
            },
            started_at: Timestamp::from_unix_nanos(self.started_at),
            status: match self.status {
                MoveStatusV1::Running => MoveStatus::Running,
                MoveStatusV1::Completed => MoveStatus::Completed,
                MoveStatusV1::Cancelled => MoveStatus::Cancelled,
                MoveStatusV1::NoSuchDestination => MoveStatus::Failed(MoveFailure::NoSuchDestination),
                MoveStatusV1::UnknownSource => MoveStatus::Failed(MoveFailure::UnknownSource),
            },
            moved: self.moved,
            to_move: self.to_move,
        })
    }
}

impl<'a> MessageV1<'a> {
    pub(super) fn of(now: Moment, message: &'a KeptMessage<Arc<Content>>) -> Self {
        let content = &message.content;
        let attribute = |attribute: &'a MessageAttribute| AttributeV1 {
            name: &attribute.name,
            data_type: &attribute.data_type,
            value: match &attribute.value {
                AttributeValue::Text(text) => ValueV1::Text(text),
                AttributeValue::Binary(bytes) => ValueV1::Binary(bytes),
            },
        };
        Self {
            key: message.place.key,
            id: message.id.to_bytes(),
            body: &content.body,
            body_md5: content.body_md5.to_bytes(),
            attributes: content.attributes.iter().map(attribute).collect(),
            trace_header: content.trace_header.as_deref(),
            sender: content.sender.to_string(),
            bytes: u64::try_from(message.bytes).expect("a usize fits"),
            sent_at: message.sent_at.as_unix_nanos(),
            enqueued_at: now.wall_of(message.enqueued_at).as_unix_nanos(),
            group: message.group.as_deref(),
            deduplication: message.deduplication.as_deref(),
            dead_letter_source: message.dead_letter_source.as_ref().map(QueueName::as_str),
            standing: StandingV1::of(now, &message.standing),
        }
    }

    pub(super) fn read(
        self,
        now: Moment,
        queue: &QueueName,
        number: u64,
    ) -> Result<KeptMessage<Arc<Content>>, Unreadable> {
        if queue.is_fifo() && self.group.is_none() {
            return Err(unreadable("it is a message of a FIFO queue and has no group"));
        }
        let attribute = |AttributeV1 { name, data_type, value }| MessageAttribute {
            name: Box::from(name),
            data_type: Box::from(data_type),
            value: match value {
                ValueV1::Text(text) => AttributeValue::Text(text.into()),
                ValueV1::Binary(bytes) => AttributeValue::Binary(Bytes::copy_from_slice(bytes)),
            },
        };
        let content = Content {
            body: self.body.into(),
            body_md5: Md5::from_bytes(self.body_md5),
            attributes: self.attributes.into_iter().map(attribute).collect(),
            trace_header: self.trace_header.map(Box::from),
            sender: AccountId::parse(&self.sender).ok_or_else(|| unreadable("its sender is no account"))?,
        };
        Ok(KeptMessage {
            place: Place { key: self.key, number },
            id: MessageId::from_bytes(self.id),
            content: Arc::new(content),
            bytes: usize::try_from(self.bytes).unwrap_or(usize::MAX).min(MOST_BYTES),
            sent_at: Timestamp::from_unix_nanos(self.sent_at),
            enqueued_at: now.instant_of(Timestamp::from_unix_nanos(self.enqueued_at)),
            group: self.group.map(Arc::from),
            deduplication: self.deduplication.map(Arc::from),
            dead_letter_source: self.dead_letter_source.map(queue_name).transpose()?,
            standing: self.standing.read(now)?,
        })
    }
}

impl StandingV1 {
    pub(super) fn of(now: Moment, standing: &Standing) -> Self {
        let wall = |instant| now.wall_of(instant).as_unix_nanos();
        Self {
            state: match standing.state {
                State::Visible => StateV1::Visible,
                State::Delayed { until } => StateV1::Delayed { until: wall(until) },
                State::InFlight { until, since } => {
                    StateV1::InFlight { until: wall(until), since: wall(since) }
                }
            },
            first_received_at: standing.first_received_at.map(Timestamp::as_unix_nanos),
            receive_count: standing.receive_count,
            receipts: standing.receipts,
        }
    }

    pub(super) fn read(self, now: Moment) -> Result<Standing, Unreadable> {
        if self.receipts > self.receive_count || (self.receive_count > 0) != self.first_received_at.is_some()
        {
            return Err(unreadable("its receipts contradict each other"));
        }
        let instant = |wall| now.instant_of(Timestamp::from_unix_nanos(wall));
        Ok(Standing {
            state: match self.state {
                StateV1::Visible => State::Visible,
                StateV1::Delayed { until } => State::Delayed { until: instant(until) },
                StateV1::InFlight { until, since } => {
                    State::InFlight { until: instant(until), since: instant(since) }
                }
            },
            first_received_at: self.first_received_at.map(Timestamp::from_unix_nanos),
            receive_count: self.receive_count,
            receipts: self.receipts,
        })
    }
}

impl<'a> RememberedV1<'a> {
    pub(super) fn of(now: Moment, remembered: &'a Remembered) -> Self {
        Self {
            deduplication: &remembered.deduplication,
            group: remembered.group.as_deref(),
            id: remembered.sent.id.to_bytes(),
            since: now.wall_of(remembered.since).as_unix_nanos(),
        }
    }

    pub(super) fn read(self, now: Moment, number: u64) -> Remembered {
        Remembered {
            deduplication: self.deduplication.into(),
            group: self.group.map(Arc::from),
            sent: Sent { id: MessageId::from_bytes(self.id), sequence: Some(SequenceNumber(number)) },
            since: now.instant_of(Timestamp::from_unix_nanos(self.since)),
        }
    }
}

/// No message takes more room.
const MOST_BYTES: usize = 1 << 30;

pub(super) fn queue_name(text: &str) -> Result<QueueName, Unreadable> {
    QueueName::parse(text).map_err(|_| unreadable(format!("`{text}` is no name of a queue")))
}
