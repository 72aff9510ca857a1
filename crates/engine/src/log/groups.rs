//! All log groups of an engine.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use hearth_model::{identity::Partition, logging::LogGroupName};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{group::LogGroup, kept::KeptLogs};
use crate::clock::Clock;

/// The log groups of all accounts and regions.
#[derive(Debug)]
pub struct LogGroups {
    clock: Clock,
    capacity_bytes: usize,
    /// Set before there is any group. Before the groups, so that it finds them when all of this is dropped.
    kept: OnceLock<KeptLogs>,
    groups: Mutex<HashMap<Partition, BTreeMap<LogGroupName, Numbered>>>,
    /// How many groups there have ever been; changes under the lock of `groups`.
    made: watch::Sender<u64>,
}

/// A group, and its number in the order in which groups came to be, from 1.
#[derive(Debug)]
struct Numbered {
    number: u64,
    group: Arc<LogGroup>,
}

/// Tells of groups as they come to be.
#[derive(Debug)]
pub struct NewLogGroups {
    groups: Arc<LogGroups>,
    made: watch::Receiver<u64>,
    seen: u64,
}

impl LogGroups {
    pub(crate) fn new(clock: Clock, capacity_bytes: usize) -> Self {
        let kept = OnceLock::new();
        Self { clock, capacity_bytes, kept, groups: Mutex::default(), made: watch::Sender::new(0) }
    }

    /// From now on, what functions log survives the process.
    pub(super) fn keep(&self, kept: KeptLogs) {
        // There is only one beginning.
        let _ = self.kept.set(kept);
    }

    /// What keeps what functions log, if anything does.
    pub(super) fn kept(&self) -> Option<&KeptLogs> {
        self.kept.get()
    }

    /// Sees to it that everything that functions have logged is kept. What they log later is not.
    pub(crate) fn close(&self) {
        if let Some(kept) = self.kept() {
            kept.close();
        }
    }

    /// The group of a name, whether it exists or not.
    #[must_use]
    pub fn group(&self, partition: &Partition, name: &LogGroupName) -> Arc<LogGroup> {
        let mut groups = self.groups.lock();
        let groups = groups.entry(partition.clone()).or_default();
        if let Some(Numbered { group, .. }) = groups.get(name) {
            return Arc::clone(group);
        }
        // Those that do not exist are kept as long as somebody may write to them.
        groups
            .retain(|_, Numbered { group, .. }| Arc::strong_count(group) > 1 || group.created_at().is_some());
        let mut group = LogGroup::new(name.clone(), self.clock.clone(), self.capacity_bytes);
        if let Some(kept) = self.kept() {
            group = group.kept_by(kept, partition);
        }
        let group = Arc::new(group);
        if let Some(kept) = self.kept() {
            kept.follow(Arc::downgrade(&group));
        }
        let number = *self.made.borrow() + 1;
        groups.insert(name.clone(), Numbered { number, group: Arc::clone(&group) });
        self.made.send_replace(number);
        group
    }

    /// The group of a name, if it exists.
    #[must_use]
    pub fn find(&self, partition: &Partition, name: &LogGroupName) -> Option<Arc<LogGroup>> {
        let groups = self.groups.lock();
        let Numbered { group, .. } = groups.get(partition)?.get(name)?;
        group.created_at().map(|_| Arc::clone(group))
    }

    /// The groups that exist in an account and region, in the order of their names.
    #[must_use]
    pub fn list(&self, partition: &Partition) -> Vec<Arc<LogGroup>> {
        let groups = self.groups.lock();
        let groups =
            groups.get(partition).into_iter().flat_map(BTreeMap::values).map(|numbered| &numbered.group);
        groups.filter(|group| group.created_at().is_some()).cloned().collect()
    }

    /// Tells of all groups, whether they exist or not: those that are there, and then those that come.
    #[must_use]
    pub fn follow(self: &Arc<Self>) -> NewLogGroups {
        NewLogGroups { groups: Arc::clone(self), made: self.made.subscribe(), seen: 0 }
    }
}

impl NewLogGroups {
    /// Waits for groups that it has not told of, and tells of them in no particular order. Cancel safe.
    pub async fn next(&mut self) -> Vec<Arc<LogGroup>> {
        let seen = self.seen;
        // The groups hold the other end, so that this ends with a new number and not with an error.
        drop(self.made.wait_for(|made| *made > seen).await);
        let groups = self.groups.groups.lock();
        self.seen = *self.groups.made.borrow();
        let all = groups.values().flat_map(BTreeMap::values);
        all.filter(|numbered| numbered.number > seen).map(|numbered| Arc::clone(&numbered.group)).collect()
    }
}
