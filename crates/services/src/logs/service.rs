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

use super::{GroupSelector, Refusal, kept::Batches, key::EventKey};

/// The log groups of all accounts and regions.
pub struct Logs {
    engine: Arc<Engine>,
    /// Held by whoever changes what is kept, so that the journal has changes in their order.
    pub(super) state: Mutex<State>,
}

/// What only clients know of.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) settings: HashMap<Partition, BTreeMap<LogGroupName, GroupSettings>>,
    pub(super) batches: Batches,
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
        Self { engine, state: Mutex::default() }
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
        let state = self.state.lock();
        state.settings.get(partition).and_then(|groups| groups.get(name)).cloned().unwrap_or_default()
    }

    /// Changes what is set for a group that exists.
    pub(super) fn set<R>(
        &self,
        partition: &Partition,
        name: &LogGroupName,
        change: impl FnOnce(&mut GroupSettings) -> R,
    ) -> Result<R, Refusal> {
        let mut state = self.state.lock();
        let group = self.find(partition, name)?;
        let result = change(state.settings_mut(partition, name));
        state.record_group(self.engine.journal(), partition, &group);
        Ok(result)
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

impl State {
    pub(super) fn settings_mut(&mut self, partition: &Partition, name: &LogGroupName) -> &mut GroupSettings {
        self.settings.entry(partition.clone()).or_default().entry(name.clone()).or_default()
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
        f.debug_struct("Logs").field("state", &self.state).finish_non_exhaustive()
    }
}
