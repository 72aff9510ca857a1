//! Lambda's metrics, out of what the engine counted.
//!
//! Source: Lambda developer guide, "Types of metrics for Lambda functions".

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use hearth_engine::{
    Engine, Function,
    metrics::{AccountActivity, Activity, Distribution, Level, Resource},
};
use hearth_model::{
    identity::{FunctionName, Partition, Version},
    reference::AliasName,
    time::Timestamp,
};

use super::{Bucket, Datapoint, Metric, StatisticSet, Unit};
use crate::lambda::Functions;

/// What Lambda counts on AWS.
pub(super) const LAMBDA: &str = "AWS/Lambda";
/// What only Hearth counts.
pub(super) const HEARTH: &str = "Hearth";

const FUNCTION_NAME: &str = "FunctionName";
const RESOURCE: &str = "Resource";
const EXECUTED_VERSION: &str = "ExecutedVersion";

/// A metric of functions.
struct Definition {
    namespace: &'static str,
    name: &'static str,
    unit: Unit,
    values: fn(&Activity) -> Option<StatisticSet>,
}

/// A metric of an account that is not the sum of its functions'.
struct AccountDefinition {
    name: &'static str,
    level: fn(&AccountActivity) -> Level,
}

const DEFINITIONS: [Definition; 17] = [
    lambda("Invocations", Unit::COUNT, |activity| ones(activity.invocations())),
    lambda("Errors", Unit::COUNT, |activity| flags(activity.errors, activity.invocations())),
    lambda("Throttles", Unit::COUNT, |activity| {
        flags(activity.throttles, activity.invocations() + activity.throttles)
    }),
    lambda("Duration", Unit::MILLISECONDS, |activity| times(&activity.duration)),
    lambda("ConcurrentExecutions", Unit::COUNT, |activity| level(activity.concurrency)),
    lambda("ProvisionedConcurrentExecutions", Unit::COUNT, |activity| {
        level(activity.provisioned_concurrency)
    }),
    lambda("ProvisionedConcurrencyInvocations", Unit::COUNT, |activity| {
        ones(activity.provisioned_invocations)
    }),
    lambda("ProvisionedConcurrencySpilloverInvocations", Unit::COUNT, |activity| {
        ones(activity.provisioned_spillovers)
    }),
    lambda("ProvisionedConcurrencyUtilization", Unit::NONE, |activity| {
        let used = activity.provisioned_utilization;
        (used > 0.0).then(|| StatisticSet::of_statistics(1.0, used, used, used))
    }),
    lambda("AsyncEventsReceived", Unit::COUNT, |activity| ones(activity.events_accepted)),
    lambda("AsyncEventAge", Unit::MILLISECONDS, |activity| times(&activity.event_age)),
    lambda("AsyncEventsDropped", Unit::COUNT, |activity| ones(activity.events_dropped)),
    lambda("RecursiveInvocationsDropped", Unit::COUNT, |activity| {
        ones(activity.recursive_invocations_dropped)
    }),
    lambda("DeadLetterErrors", Unit::COUNT, |activity| ones(activity.dead_letter_failures)),
    lambda("DestinationDeliveryFailures", Unit::COUNT, |activity| ones(activity.destination_failures)),
    hearth("ColdStarts", Unit::COUNT, |activity| {
        // An invocation that is cold in one minute may end in another.
        flags(activity.cold_starts, activity.invocations().max(activity.cold_starts))
    }),
    hearth("InitDuration", Unit::MILLISECONDS, |activity| times(&activity.init_duration)),
];

const ACCOUNT_DEFINITIONS: [AccountDefinition; 2] = [
    AccountDefinition { name: "ConcurrentExecutions", level: |activity| activity.concurrency },
    AccountDefinition {
        name: "UnreservedConcurrentExecutions",
        level: |activity| activity.unreserved_concurrency,
    },
];

/// Where Lambda's metrics come from.
#[derive(Clone, Copy)]
pub(super) struct LambdaMetrics<'a> {
    pub(super) engine: &'a Engine,
    pub(super) functions: &'a Functions,
}

impl LambdaMetrics<'_> {
    /// All metrics that functions of an account in a region have had values of, each with the time at which the function
    /// did something for the last time.
    pub(super) fn metrics(self, partition: &Partition) -> Vec<(Metric, Timestamp)> {
        let mut metrics = BTreeMap::new();
        let mut note = |activity: &Activity, dimensions: &BTreeMap<String, String>, newest: Timestamp| {
            for definition in DEFINITIONS.iter().filter(|definition| (definition.values)(activity).is_some())
            {
                let account = metrics.entry(definition.metric(BTreeMap::new())).or_insert(newest);
                *account = newest.max(*account);
                metrics.insert(definition.metric(dimensions.clone()), newest);
            }
        };
        for function in self.functions.list(partition) {
            let newest = |resource: Option<&Resource>| {
                let mut newest = Timestamp::from_unix_nanos(i64::MIN);
                self.engine.minutes(&function, resource, |start, _| newest = start);
                newest
            };
            note(&function.activity(), &dimensions(&function, None), newest(None));
            for (resource, activity) in function.activity_by_resource() {
                note(&activity, &dimensions(&function, Some(&resource)), newest(Some(&resource)));
            }
        }
        for (start, activity) in self.engine.account_minutes(partition) {
            for definition in &ACCOUNT_DEFINITIONS {
                if level((definition.level)(&activity)).is_some() {
                    metrics.insert(definition.metric(), start);
                }
            }
        }
        metrics.into_iter().collect()
    }

    /// A metric's datapoints within some time, in its order.
    pub(super) fn points(
        self,
        partition: &Partition,
        metric: &Metric,
        time: &Range<Timestamp>,
    ) -> Vec<Datapoint> {
        let within = |point: &Datapoint| time.contains(&point.at);
        if let Some(definition) = ACCOUNT_DEFINITIONS.iter().find(|definition| definition.metric() == *metric)
        {
            let minutes = self.engine.account_minutes(partition).into_iter();
            let point = |(at, activity)| {
                Some(Datapoint { at, unit: Unit::COUNT, set: level((definition.level)(&activity))? })
            };
            return minutes.filter_map(point).filter(within).collect();
        }
        let Some(definition) = Definition::of(metric) else { return Vec::new() };
        let Some(part) = self.part(partition, &metric.dimensions) else { return Vec::new() };
        let mut minutes: BTreeMap<Timestamp, StatisticSet> = BTreeMap::new();
        let mut note = |start: Timestamp, activity: &Activity| {
            if time.contains(&start)
                && let Some(values) = (definition.values)(activity)
            {
                minutes.entry(start).and_modify(|set| set.merge(&values)).or_insert(values);
            }
        };
        for (function, resource) in part {
            self.engine.minutes(&function, resource.as_ref(), &mut note);
        }
        minutes.into_iter().map(|(at, set)| Datapoint { at, unit: definition.unit, set }).collect()
    }

    /// The functions that dimensions mean, and what of them. `None` if nothing has such dimensions.
    fn part(
        self,
        partition: &Partition,
        dimensions: &BTreeMap<String, String>,
    ) -> Option<Vec<(Arc<Function>, Option<Resource>)>> {
        let get = |name| dimensions.get(name).map(String::as_str);
        let known = [FUNCTION_NAME, RESOURCE, EXECUTED_VERSION].map(get);
        if known.iter().flatten().count() < dimensions.len() {
            return None;
        }
        let find = |name| self.functions.find(partition, &FunctionName::parse(name).ok()?);
        match known {
            [None, None, None] => {
                Some(self.functions.list(partition).into_iter().map(|function| (function, None)).collect())
            }
            [Some(name), None, None] => Some(vec![(find(name)?, None)]),
            [Some(name), Some(resource), executed] => {
                Some(vec![(find(name)?, Some(self::resource(name, resource, executed)?))])
            }
            _ => None,
        }
    }
}

impl Definition {
    fn of(metric: &Metric) -> Option<&'static Self> {
        const ALL: &[Definition] = &DEFINITIONS;
        ALL.iter()
            .find(|definition| definition.namespace == metric.namespace && definition.name == metric.name)
    }

    fn metric(&self, dimensions: BTreeMap<String, String>) -> Metric {
        Metric { namespace: self.namespace.to_owned(), name: self.name.to_owned(), dimensions }
    }
}

impl AccountDefinition {
    fn metric(&self) -> Metric {
        let (namespace, name) = (LAMBDA.to_owned(), self.name.to_owned());
        Metric { namespace, name, dimensions: BTreeMap::new() }
    }
}

const fn lambda(name: &'static str, unit: Unit, values: fn(&Activity) -> Option<StatisticSet>) -> Definition {
    Definition { namespace: LAMBDA, name, unit, values }
}

const fn hearth(name: &'static str, unit: Unit, values: fn(&Activity) -> Option<StatisticSet>) -> Definition {
    Definition { namespace: HEARTH, name, unit, values }
}

/// The dimensions of a function or one of its resources.
fn dimensions(function: &Function, resource: Option<&Resource>) -> BTreeMap<String, String> {
    let name = function.name();
    let mut dimensions = BTreeMap::from([(FUNCTION_NAME.to_owned(), name.to_string())]);
    if let Some(Resource { alias, version }) = resource {
        let resource = match (alias, version) {
            (Some(alias), _) => format!("{name}:{alias}"),
            (None, Some(Version::Published(number))) => format!("{name}:{number}"),
            (None, Some(Version::Latest) | None) => name.to_string(),
        };
        dimensions.insert(RESOURCE.to_owned(), resource);
        if let (Some(_), Some(version)) = (alias, version) {
            dimensions.insert(EXECUTED_VERSION.to_owned(), version.to_string());
        }
    }
    dimensions
}

/// What dimensions mean of a function.
fn resource(function: &str, resource: &str, executed: Option<&str>) -> Option<Resource> {
    let version = |text: &str| match text {
        "$LATEST" => Some(Version::Latest),
        number => number.parse().ok().map(Version::Published),
    };
    let qualifier = match resource.strip_prefix(function)? {
        "" => "$LATEST",
        qualified => qualified.strip_prefix(':')?,
    };
    match (version(qualifier), executed) {
        (Some(version), None) => Some(Resource { alias: None, version: Some(version) }),
        (Some(_), Some(_)) => None,
        (None, executed) => {
            let alias = Some(AliasName::parse(qualifier).ok()?);
            let version = executed.map(|text| version(text).ok_or(())).transpose().ok()?;
            Some(Resource { alias, version })
        }
    }
}

/// Something that counts one each time.
fn ones(count: u64) -> Option<StatisticSet> {
    flags(count, count)
}

/// Something that counts one or nothing each time.
#[expect(clippy::cast_precision_loss, reason = "counts of a minute are far below 2^53")]
fn flags(ones: u64, all: u64) -> Option<StatisticSet> {
    let values = [(0.0, all - ones), (1.0, ones)].map(|(value, count)| (value, count as f64));
    StatisticSet::of_values(values.into_iter().filter(|(_, count)| *count > 0.0))
}

/// Something of which there was so much at most. It is one value for a minute, whatever its course was.
fn level(level: Level) -> Option<StatisticSet> {
    let most = f64::from(level.most);
    (level.most > 0).then(|| StatisticSet::of_statistics(1.0, most, most, most))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a minute are far below 2^53")]
fn times(distribution: &Distribution) -> Option<StatisticSet> {
    let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1_000.0;
    let buckets = distribution.buckets().map(|bucket| Bucket {
        low: millis(bucket.low),
        high: millis(bucket.high),
        count: bucket.count as f64,
    });
    let buckets: Vec<_> = buckets.collect();
    let (min, max) = (millis(distribution.min()), millis(distribution.max()));
    (!buckets.is_empty()).then(|| StatisticSet::of_buckets(millis(distribution.sum()), min, max, buckets))
}
