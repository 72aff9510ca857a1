//! Counting what functions do, and telling what was counted.

use std::collections::BTreeMap;

use hearth_model::{
    identity::{Partition, Version},
    reference::Qualifier,
    time::Timestamp,
};

use crate::{
    engine::Engine,
    function::Function,
    metrics::{AccountActivity, Activity, MetricsSnapshot, Resource},
    timeline::{EventKind, Subject},
};

impl Function {
    /// Its counters now.
    #[must_use]
    pub fn metrics(&self) -> MetricsSnapshot {
        MetricsSnapshot::from(&self.activity())
    }

    /// All that it has done.
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.with_metrics(|metrics| metrics.total())
    }

    /// All that each of its resources has done: of versions, of aliases, and of versions that aliases led to, up to a
    /// hundred each. What was idle for the longest time is forgotten first.
    #[must_use]
    pub fn activity_by_resource(&self) -> Vec<(Resource, Activity)> {
        self.with_metrics(|metrics| metrics.totals())
    }

    /// All that each version has done, by whatever name it was called, as far as its resources are remembered.
    #[must_use]
    pub fn activity_by_version(&self) -> BTreeMap<Version, Activity> {
        let mut versions: BTreeMap<Version, Activity> = BTreeMap::new();
        for (resource, activity) in self.activity_by_resource() {
            if let Some(version) = resource.version {
                versions.entry(version).or_default().merge(&activity);
            }
        }
        versions
    }

    /// Counts what a resource does.
    pub(crate) fn count(&self, resource: &Resource, now: Timestamp, change: impl Fn(&mut Activity)) {
        self.with_metrics(|metrics| metrics.count(resource, now, change));
    }
}

impl Engine {
    /// Tells that a request to invoke a function was turned away because the chain of events that led to it had invoked the
    /// function too often. Of an event that nobody waits for, the engine
    /// [tells itself](crate::asynchronous::AsynchronousRequest::recursive).
    pub fn loop_stopped(&self, function: &Function, qualifier: Option<&Qualifier>) {
        let resource = Resource::called(qualifier);
        function
            .count(&resource, self.clock().wall(), |activity| activity.recursive_invocations_dropped += 1);
        self.timeline().record(Subject::function(function.name()), EventKind::LoopStopped);
    }

    /// Tells `each` of the minutes in which a function, or one of its resources, did something: of when it began, and of
    /// what was done in it. Oldest first, up to 180 of them, the current one included.
    ///
    /// The function cannot go on while it is told of.
    pub fn minutes(
        &self,
        function: &Function,
        resource: Option<&Resource>,
        mut each: impl FnMut(Timestamp, &Activity),
    ) {
        let now = self.clock().wall();
        function.with_metrics(|metrics| {
            for (start, activity) in metrics.minutes(resource, now) {
                each(start, activity);
            }
        });
    }

    /// As [`minutes`](Self::minutes), of an account in a region that has had functions.
    #[must_use]
    pub fn account_minutes(&self, partition: &Partition) -> Vec<(Timestamp, AccountActivity)> {
        let Some(account) = self.known_account(partition) else { return Vec::new() };
        let mut account = account.state.lock();
        account.metrics.at(self.clock().wall(), |_| {});
        account.metrics.iter().map(|(start, activity)| (start, *activity)).collect()
    }
}
