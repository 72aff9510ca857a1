//! All log groups of an engine.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use hearth_model::{identity::Partition, logging::LogGroupName};
use parking_lot::Mutex;

use super::group::LogGroup;
use crate::clock::Clock;

/// The log groups of all accounts and regions.
#[derive(Debug)]
pub struct LogGroups {
    clock: Clock,
    capacity_bytes: usize,
    groups: Mutex<HashMap<Partition, BTreeMap<LogGroupName, Arc<LogGroup>>>>,
}

impl LogGroups {
    pub(crate) fn new(clock: Clock, capacity_bytes: usize) -> Self {
        Self { clock, capacity_bytes, groups: Mutex::default() }
    }

    /// The group of a name, whether it exists or not.
    #[must_use]
    pub fn group(&self, partition: &Partition, name: &LogGroupName) -> Arc<LogGroup> {
        let mut groups = self.groups.lock();
        let groups = groups.entry(partition.clone()).or_default();
        if let Some(group) = groups.get(name) {
            return Arc::clone(group);
        }
        // Those that do not exist are kept as long as somebody may write to them.
        groups.retain(|_, group| Arc::strong_count(group) > 1 || group.created_at().is_some());
        let group = Arc::new(LogGroup::new(name.clone(), self.clock.clone(), self.capacity_bytes));
        groups.insert(name.clone(), Arc::clone(&group));
        group
    }

    /// The group of a name, if it exists.
    #[must_use]
    pub fn find(&self, partition: &Partition, name: &LogGroupName) -> Option<Arc<LogGroup>> {
        let groups = self.groups.lock();
        let group = groups.get(partition)?.get(name)?;
        group.created_at().map(|_| Arc::clone(group))
    }

    /// The groups that exist in an account and region, in the order of their names.
    #[must_use]
    pub fn list(&self, partition: &Partition) -> Vec<Arc<LogGroup>> {
        let groups = self.groups.lock();
        let groups = groups.get(partition).into_iter().flat_map(BTreeMap::values);
        groups.filter(|group| group.created_at().is_some()).cloned().collect()
    }
}
