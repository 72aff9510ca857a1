//! The log groups, and what clients have set for them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use hearth_engine::{
    Engine,
    log::{LogGroup, LogLine},
};
use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};
use parking_lot::Mutex;

use super::{GroupSelector, Refusal, key::EventKey};

/// The log groups of all accounts and regions.
pub struct Logs {
    engine: Arc<Engine>,
    settings: Mutex<HashMap<Partition, BTreeMap<LogGroupName, GroupSettings>>>,
}

/// What clients have set for a group. One that functions created has the default.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupSettings {
    pub(super) retention_days: Option<u32>,
    pub(super) tags: BTreeMap<String, String>,
}

impl Logs {
    /// The groups to which the functions of an engine write.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, settings: Mutex::default() }
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }

    /// The group that is meant.
    pub(super) fn select(
        &self,
        partition: &Partition,
        group: &GroupSelector,
    ) -> Result<Arc<LogGroup>, Refusal> {
        self.find(partition, &group.resolve(partition)?)
    }

    pub(super) fn find(&self, partition: &Partition, name: &LogGroupName) -> Result<Arc<LogGroup>, Refusal> {
        self.engine.log_groups().find(partition, name).ok_or_else(Refusal::group_not_found)
    }

    pub(super) fn settings(&self, partition: &Partition, name: &LogGroupName) -> GroupSettings {
        let settings = self.settings.lock();
        settings.get(partition).and_then(|groups| groups.get(name)).cloned().unwrap_or_default()
    }

    /// Changes what is set for a group.
    pub(super) fn set<R>(
        &self,
        partition: &Partition,
        name: LogGroupName,
        change: impl FnOnce(&mut GroupSettings) -> R,
    ) -> R {
        let mut settings = self.settings.lock();
        change(settings.entry(partition.clone()).or_default().entry(name).or_default())
    }

    /// Forgets what is set for a group.
    pub(super) fn forget(&self, partition: &Partition, name: &LogGroupName) {
        if let Some(groups) = self.settings.lock().get_mut(partition) {
            groups.remove(name);
        }
    }

    /// The lines of a group whose retention has not ended, in the order of their keys.
    pub(super) fn lines(&self, partition: &Partition, group: &LogGroup) -> Vec<LogLine> {
        let mut lines = group.snapshot();
        if let Some(since) = self.settings(partition, group.name()).retained_since(self.now()) {
            lines.retain(|line| line.at >= since);
        }
        lines.sort_by_key(EventKey::of);
        lines
    }
}

impl GroupSettings {
    /// From when on events are kept; none if all are.
    pub(super) fn retained_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.retention_days.map(|days| now - days_of(days))
    }
}

/// So many days.
pub(super) const fn days_of(days: u32) -> Duration {
    Duration::from_secs(days as u64 * 24 * 60 * 60)
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("settings", &self.settings).finish_non_exhaustive()
    }
}
