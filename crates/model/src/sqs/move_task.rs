//! Tasks that move the messages of a dead-letter queue to where they came from, or to another queue.

use std::{collections::VecDeque, fmt, time::Duration};

use uuid::Uuid;

use super::{QueueName, limits};
use crate::time::{Instant, Timestamp};

/// The identifier of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MoveTaskId(Uuid);

impl MoveTaskId {
    /// A version 4 identifier out of 128 random bits; the caller brings the randomness.
    #[must_use]
    pub const fn from_random(bits: u128) -> Self {
        Self(uuid::Builder::from_random_bytes(bits.to_ne_bytes()).into_uuid())
    }

    /// The identifier as bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Reads the hyphenated form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for MoveTaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A task that is to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMoveTask {
    /// Its identifier.
    pub id: MoveTaskId,
    /// Where the messages go; none means to the queues from which they came.
    pub destination: Option<QueueName>,
    /// How many messages it moves in a second; none means as fast as it can.
    pub messages_per_second: Option<u32>,
}

/// A task that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveTask {
    /// What was asked for.
    pub request: NewMoveTask,
    /// When it started.
    pub started_at: Timestamp,
    /// How far it is.
    pub status: MoveStatus,
    /// How many messages it has moved.
    pub moved: u64,
    /// How many messages there were to move when it started.
    pub to_move: u64,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoveStatus {
    /// There is more to move.
    Running,
    /// Nothing was left to move.
    Completed,
    /// Somebody did not want it any more.
    Cancelled,
    /// A message could not be moved.
    Failed(MoveFailure),
}

/// Why a message could not be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoveFailure {
    /// The queue to which it should go is not there any more.
    NoSuchDestination,
    /// It has not come from another queue.
    UnknownSource,
}

/// How many messages a task moves at once, if nobody limits it. Others get their turn in between.
const SLICE: usize = 1_000;

/// The tasks of one source.
#[derive(Debug, Default)]
pub(super) struct MoveTasks {
    /// The latest first; only that one can be running.
    tasks: VecDeque<MoveTask>,
    /// When the running one moves its next message.
    next_at: Option<Instant>,
    /// Whether something has changed that must survive.
    changed: bool,
}

impl MoveTasks {
    /// Tasks that were there before, the latest first. One that ran goes on.
    pub(super) fn restored(now: Instant, tasks: Vec<MoveTask>) -> Self {
        let runs = tasks.first().is_some_and(|task| task.status == MoveStatus::Running);
        Self { tasks: tasks.into(), next_at: runs.then_some(now), changed: false }
    }

    /// Whether something has changed since this was asked last.
    pub(super) const fn take_changed(&mut self) -> bool {
        std::mem::replace(&mut self.changed, false)
    }

    pub(super) const fn next_deadline(&self) -> Option<Instant> {
        self.next_at
    }

    pub(super) fn list(&self) -> impl Iterator<Item = &MoveTask> {
        self.tasks.iter()
    }

    pub(super) fn find(&self, id: MoveTaskId) -> Option<&MoveTask> {
        self.tasks.iter().find(|task| task.request.id == id)
    }

    pub(super) fn is_running(&self) -> bool {
        self.next_at.is_some()
    }

    pub(super) fn start(&mut self, now: Instant, task: MoveTask) {
        self.tasks.push_front(task);
        self.tasks.truncate(limits::LISTED_MOVE_TASKS);
        self.next_at = Some(now);
        self.changed = true;
    }

    /// Where the messages that are due to be moved go, and how many they are.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Option<QueueName>, usize)> {
        let at = self.next_at.filter(|at| *at <= now)?;
        let request = &self.tasks.front()?.request;
        let most = match request.messages_per_second {
            None => SLICE,
            Some(per_second) => {
                self.next_at = Some(at + Duration::from_secs(1) / per_second.max(1));
                1
            }
        };
        Some((request.destination.clone(), most))
    }

    pub(super) fn count_moved(&mut self) {
        if let Some(task) = self.tasks.front_mut() {
            task.moved += 1;
        }
        self.changed = true;
    }

    /// Ends the running task.
    pub(super) fn end(&mut self, status: MoveStatus) {
        self.next_at = None;
        if let Some(task) = self.tasks.front_mut() {
            task.status = status;
        }
        self.changed = true;
    }
}
