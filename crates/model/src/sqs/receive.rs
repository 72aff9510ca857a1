//! Receives, and those of them that wait.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::Delivery;
use crate::time::Instant;

/// A receive that waits, counted by the caller: a later one has a larger number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiveId(pub u64);

/// What a receiver asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveRequest {
    /// How many messages at most.
    pub maximum: usize,
    /// How long they are invisible; none means the queue's timeout.
    pub visibility_timeout: Option<Duration>,
    /// How long to wait for a message, if there is none.
    pub wait: Duration,
    /// In a FIFO queue: what names this attempt and its repetitions.
    pub attempt: Option<Arc<str>>,
}

impl Default for ReceiveRequest {
    fn default() -> Self {
        Self { maximum: 1, visibility_timeout: None, wait: Duration::ZERO, attempt: None }
    }
}

/// What a receive came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receive<C> {
    /// The answer; it may be empty.
    Answer(Vec<Delivery<C>>),
    /// The answer comes later, as an output.
    Waiting,
}

/// Receives that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    receives: BTreeMap<ReceiveId, (Instant, ReceiveRequest)>,
    deadlines: BTreeSet<(Instant, ReceiveId)>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.receives.len()
    }

    pub(super) fn add(&mut self, id: ReceiveId, deadline: Instant, request: ReceiveRequest) {
        self.receives.insert(id, (deadline, request));
        self.deadlines.insert((deadline, id));
    }

    pub(super) fn first(&self) -> Option<(ReceiveId, ReceiveRequest)> {
        self.receives.first_key_value().map(|(id, (_, request))| (*id, request.clone()))
    }

    pub(super) fn remove(&mut self, id: ReceiveId) -> bool {
        let Some((deadline, _)) = self.receives.remove(&id) else { return false };
        self.deadlines.remove(&(deadline, id))
    }

    pub(super) fn pop_due(&mut self, now: Instant) -> Option<ReceiveId> {
        let (_, id) = self.deadlines.first().filter(|(deadline, _)| *deadline <= now).copied()?;
        self.remove(id);
        Some(id)
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// All of them, at the end of the queue.
    pub(super) fn into_ids(self) -> impl Iterator<Item = ReceiveId> {
        self.receives.into_keys()
    }
}
