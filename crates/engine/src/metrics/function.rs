//! The numbers of one function.

use std::collections::BTreeMap;

use hearth_model::{identity::Version, reference::AliasName, time::Timestamp};

use super::{activity::Activity, minutes::Minutes, resource::Resource};

/// What a function did, as a whole and by its resources.
#[derive(Debug, Default)]
pub(crate) struct FunctionMetrics {
    whole: Series,
    /// Called as versions.
    versions: BTreeMap<Version, Series>,
    aliases: BTreeMap<AliasName, AliasMetrics>,
}

#[derive(Debug, Default)]
struct AliasMetrics {
    whole: Series,
    versions: BTreeMap<Version, Series>,
}

#[derive(Debug, Default)]
struct Series {
    /// What happened before the current minute.
    before: Activity,
    minutes: Minutes<Activity>,
}

/// An invocation that runs, as far as it counts.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) resource: Resource,
    /// What is provisioned, if it is a provisioned environment that serves it.
    pub(crate) provisioned: Option<Allotment>,
    /// Whether it should have been one, and none was free or ready.
    pub(crate) spilled_over: bool,
    /// Whether the function has reserved concurrency.
    pub(crate) reserved: bool,
}

/// Provisioned concurrency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allotment {
    /// Of the version that runs.
    pub(crate) version: u32,
    /// Of all versions together.
    pub(crate) function: u32,
}

/// Resources of each kind that are kept. Beyond that, the ones go that have done nothing for the longest time.
const KEPT: usize = 100;

impl FunctionMetrics {
    /// Counts what a resource does, in the resource and in all that it is a part of.
    pub(crate) fn count(&mut self, resource: &Resource, now: Timestamp, change: impl Fn(&mut Activity)) {
        self.each(resource, now, |activity, _| change(activity));
    }

    /// An invocation begins to run.
    pub(crate) fn begin(&mut self, run: &Run, now: Timestamp) {
        self.each(&run.resource, now, |activity, whole| {
            activity.concurrency.rise();
            if let Some(allotment) = run.provisioned {
                activity.provisioned_invocations += 1;
                activity.provisioned_concurrency.rise();
                let allotted = if whole { allotment.function } else { allotment.version };
                let utilization = f64::from(activity.provisioned_concurrency.now) / f64::from(allotted);
                activity.provisioned_utilization = activity.provisioned_utilization.max(utilization);
            }
            activity.provisioned_spillovers += u64::from(run.spilled_over);
        });
    }

    /// An invocation runs no more.
    pub(crate) fn end(&mut self, run: &Run, now: Timestamp, change: impl Fn(&mut Activity)) {
        self.each(&run.resource, now, |activity, _| {
            activity.concurrency.fall();
            if run.provisioned.is_some() {
                activity.provisioned_concurrency.fall();
            }
            change(activity);
        });
    }

    /// All that the function has done.
    pub(crate) fn total(&self) -> Activity {
        self.whole.total()
    }

    /// All that each resource has done, as far as it is remembered.
    pub(crate) fn totals(&self) -> Vec<(Resource, Activity)> {
        let total = |alias: Option<&AliasName>, version: Option<Version>, series: &Series| {
            (Resource { alias: alias.cloned(), version }, series.total())
        };
        let mut totals = Vec::new();
        for (version, series) in &self.versions {
            totals.push(total(None, Some(*version), series));
        }
        for (alias, metrics) in &self.aliases {
            totals.push(total(Some(alias), None, &metrics.whole));
            for (version, series) in &metrics.versions {
                totals.push(total(Some(alias), Some(*version), series));
            }
        }
        totals
    }

    /// The minutes of the function, or of a resource: those in which something happened, oldest first.
    pub(crate) fn minutes(
        &mut self,
        resource: Option<&Resource>,
        now: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, &Activity)> {
        let series = match resource {
            None => Some(&mut self.whole),
            Some(resource) => self.find(resource),
        };
        series.into_iter().flat_map(move |series| {
            series.at(now);
            series.minutes.iter()
        })
    }

    fn find(&mut self, Resource { alias, version }: &Resource) -> Option<&mut Series> {
        match (alias, version) {
            (None, Some(version)) => self.versions.get_mut(version),
            (Some(alias), None) => self.aliases.get_mut(alias).map(|metrics| &mut metrics.whole),
            (Some(alias), Some(version)) => self.aliases.get_mut(alias)?.versions.get_mut(version),
            (None, None) => None,
        }
    }

    /// Does something to the whole function, of which `change` is told, and to what a resource is a part of.
    fn each(&mut self, resource: &Resource, now: Timestamp, change: impl Fn(&mut Activity, bool)) {
        change(self.whole.at(now), true);
        let versions = match &resource.alias {
            None => &mut self.versions,
            Some(alias) => {
                let metrics = entry(&mut self.aliases, alias, |metrics| &metrics.whole);
                change(metrics.whole.at(now), false);
                &mut metrics.versions
            }
        };
        if let Some(version) = &resource.version {
            change(entry(versions, version, |series| series).at(now), false);
        }
    }
}

impl Series {
    fn at(&mut self, now: Timestamp) -> &mut Activity {
        self.minutes.at(now, |over| self.before.merge(over))
    }

    fn total(&self) -> Activity {
        let mut total = self.before.clone();
        total.merge(self.minutes.current());
        total
    }
}

/// What has this key; if that is new and there are too many, another one goes.
fn entry<'a, K: Clone + Ord, V: Default>(
    entries: &'a mut BTreeMap<K, V>,
    key: &K,
    series: impl Fn(&V) -> &Series,
) -> &'a mut V {
    if entries.len() >= KEPT && !entries.contains_key(key) {
        let idle = entries.iter().filter(|(_, entry)| series(entry).minutes.current().concurrency.now == 0);
        let longest = idle.min_by_key(|(_, entry)| series(entry).minutes.newest());
        if let Some(longest) = longest.map(|(key, _)| key.clone()) {
            entries.remove(&longest);
        }
    }
    if !entries.contains_key(key) {
        entries.insert(key.clone(), V::default());
    }
    entries.get_mut(key).expect("it is there by now")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn alias(name: &str) -> AliasName {
        AliasName::parse(name).expect("a name")
    }

    fn throttles(metrics: &FunctionMetrics) -> Vec<(String, u64)> {
        let name = |resource: &Resource| {
            let parts = resource.alias.iter().map(ToString::to_string);
            parts.chain(resource.version.iter().map(ToString::to_string)).collect::<Vec<_>>().join("/")
        };
        metrics.totals().iter().map(|(resource, activity)| (name(resource), activity.throttles)).collect()
    }

    #[test]
    fn what_a_resource_does_counts_for_what_it_is_a_part_of() {
        let mut metrics = FunctionMetrics::default();
        let live = |version| Resource::executed(Some(alias("live")), Version::Published(version));
        let called = Resource { alias: Some(alias("live")), version: None };
        let latest = Resource::executed(None, Version::Latest);
        for resource in [live(1), live(2), live(2), called, latest] {
            metrics.count(&resource, NOW, |activity| activity.throttles += 1);
        }
        let expect = [("$LATEST", 1), ("live", 4), ("live/1", 1), ("live/2", 2)];
        assert_eq!(throttles(&metrics), expect.map(|(name, count)| (name.to_owned(), count)));
        assert_eq!(metrics.total().throttles, 5);
        let count = |metrics: &mut FunctionMetrics, resource: Option<&Resource>| {
            metrics.minutes(resource, NOW).map(|(_, activity)| activity.throttles).sum::<u64>()
        };
        assert_eq!((count(&mut metrics, None), count(&mut metrics, Some(&live(2)))), (5, 2));
        assert_eq!(count(&mut metrics, Some(&live(3))), 0);
    }

    #[test]
    fn totals_outlive_the_minutes() {
        let mut metrics = FunctionMetrics::default();
        let latest = Resource::executed(None, Version::Latest);
        for minute in 0..200 {
            let now = Timestamp::from_unix_millis(minute * 60_000);
            metrics.count(&latest, now, |activity| activity.throttles += 1);
        }
        assert_eq!((metrics.total().throttles, throttles(&metrics)[0].1), (200, 200));
        let now = Timestamp::from_unix_millis(200 * 60_000);
        assert_eq!(metrics.minutes(None, now).count(), 180);
    }

    #[test]
    fn resources_that_are_idle_make_room() {
        let mut metrics = FunctionMetrics::default();
        let version = |number| Resource::executed(None, Version::Published(number));
        let run = Run { resource: version(1), provisioned: None, spilled_over: false, reserved: false };
        metrics.begin(&run, NOW);
        for number in 2..=150 {
            let now = Timestamp::from_unix_millis(i64::try_from(number).expect("small") * 60_000);
            metrics.count(&version(number), now, |activity| activity.throttles += 1);
        }
        assert_eq!(metrics.versions.len(), 100);
        let kept: Vec<_> = metrics.versions.keys().copied().take(2).collect();
        assert_eq!(kept, [Version::Published(1), Version::Published(52)], "what runs stays");
        metrics.end(&run, NOW, |_| {});
        assert_eq!(metrics.total().throttles, 149);
    }

    #[test]
    fn provisioned_concurrency_is_used_to_a_part() {
        let mut metrics = FunctionMetrics::default();
        let resource = Resource::executed(None, Version::Published(1));
        let provisioned = Some(Allotment { version: 2, function: 8 });
        let run = Run { resource: resource.clone(), provisioned, spilled_over: false, reserved: false };
        metrics.begin(&run, NOW);
        metrics.begin(&run, NOW);
        metrics.end(&run, NOW, |_| {});
        let later = Timestamp::from_unix_millis(60_000);
        let seen = |metrics: &mut FunctionMetrics, resource: Option<&Resource>| {
            let minutes = metrics.minutes(resource, later);
            minutes
                .map(|(_, minute)| (minute.provisioned_concurrency.most, minute.provisioned_utilization))
                .collect()
        };
        let of_version: Vec<_> = seen(&mut metrics, Some(&resource));
        assert_eq!(of_version, [(2, 1.0), (1, 0.5)]);
        let of_function: Vec<_> = seen(&mut metrics, None);
        assert_eq!(of_function, [(2, 0.25), (1, 0.125)]);
    }
}
