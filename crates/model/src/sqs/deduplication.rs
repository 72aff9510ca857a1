//! What a FIFO queue remembers for five minutes.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    DeduplicationScope, ReceiptHandle, Remembered, Sent, SequenceNumber, Subject, kept::Changes,
    limits::DEDUPLICATION_INTERVAL,
};
use crate::time::Instant;

/// What was sent.
///
/// What was sent while the scope was the queue stays known to all groups when the scope becomes the group; what was sent
/// while the scope was the group is no longer known when it becomes the queue. That is how AWS does it (recorded).
#[derive(Debug, Default)]
pub(super) struct Deduplication {
    known: Recent<Identity, Sent>,
    changes: Changes,
}

/// The deduplication id, and the group if that is the scope.
type Identity = (Arc<str>, Option<Arc<str>>);

impl Deduplication {
    /// The message of which one with this identity would be a duplicate.
    pub(super) fn find(
        &mut self,
        now: Instant,
        scope: DeduplicationScope,
        deduplication: &Arc<str>,
        group: &Arc<str>,
    ) -> Option<Sent> {
        for Sent { sequence, .. } in self.known.forget(now) {
            self.changes.note(Subject::Forgotten(sequence.map_or(0, |SequenceNumber(number)| number)));
        }
        let mut identity = (Arc::clone(deduplication), None);
        if let Some(sent) = self.known.get(&identity) {
            return Some(*sent);
        }
        match scope {
            DeduplicationScope::Queue => None,
            DeduplicationScope::MessageGroup => {
                identity.1 = Some(Arc::clone(group));
                self.known.get(&identity).copied()
            }
        }
    }

    /// How many messages are remembered.
    pub(super) fn len(&self) -> usize {
        self.known.order.len()
    }

    pub(super) fn remember(
        &mut self,
        now: Instant,
        scope: DeduplicationScope,
        deduplication: Arc<str>,
        group: &Arc<str>,
        sent: Sent,
    ) {
        let group = match scope {
            DeduplicationScope::Queue => None,
            DeduplicationScope::MessageGroup => Some(Arc::clone(group)),
        };
        let remembered = Remembered { deduplication, group, sent, since: now };
        self.restore(remembered.clone());
        self.changes.note(Subject::Remembered(remembered));
    }

    /// Remembers what was remembered before.
    pub(super) fn restore(&mut self, remembered: Remembered) {
        let Remembered { deduplication, group, sent, since } = remembered;
        self.known.insert(since, (deduplication, group), sent);
    }

    /// What has changed that must survive.
    pub(super) const fn changes(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

/// How many attempts are remembered. AWS names no number: this one keeps memory bounded.
const REMEMBERED_ATTEMPTS: usize = 100_000;

/// Which attempts have received what, so that one that did not hear the answer can ask again.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    known: Recent<Arc<str>, Vec<ReceiptHandle>>,
}

impl Attempts {
    pub(super) fn find(&mut self, now: Instant, attempt: &Arc<str>) -> Option<&[ReceiptHandle]> {
        drop(self.known.forget(now));
        self.known.get(attempt).map(Vec::as_slice)
    }

    pub(super) fn remember(&mut self, now: Instant, attempt: &Arc<str>, received: Vec<ReceiptHandle>) {
        self.known.insert(now, Arc::clone(attempt), received);
        drop(self.known.keep_latest(REMEMBERED_ATTEMPTS));
    }
}

/// A map that forgets what is older than the interval.
#[derive(Debug)]
struct Recent<K, V> {
    values: HashMap<K, (Instant, V)>,
    order: VecDeque<(Instant, K)>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + std::hash::Hash, V> Recent<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    fn insert(&mut self, now: Instant, key: K, value: V) {
        self.values.insert(key.clone(), (now, value));
        self.order.push_back((now, key));
    }

    fn forget(&mut self, now: Instant) -> Vec<V> {
        self.forget_while(|since, _| since + DEDUPLICATION_INTERVAL <= now)
    }

    fn keep_latest(&mut self, most: usize) -> Vec<V> {
        self.forget_while(|_, length| length > most)
    }

    /// Forgets the oldest, as long as its age and how many there are say so. Returns what is forgotten.
    fn forget_while(&mut self, condition: impl Fn(Instant, usize) -> bool) -> Vec<V> {
        let mut forgotten = Vec::new();
        while let Some((since, _)) = self.order.front()
            && condition(*since, self.order.len())
            && let Some((since, key)) = self.order.pop_front()
        {
            // Unless it has been told again since.
            if self.values.get(&key).is_some_and(|(latest, _)| *latest == since) {
                forgotten.extend(self.values.remove(&key).map(|(_, value)| value));
            }
        }
        forgotten
    }
}
