//! CloudWatch's metrics of Lambda.

use std::collections::BTreeMap;

use hearth_engine::InvokeRequest;
use hearth_model::{identity::FunctionName, time::Timestamp};
use hearth_services::{
    cloudwatch::{Metric, MetricFilter, Period, Span, Statistic},
    lambda::InvocationError,
};

use crate::world::{World, here};

/// 2024-03-04T17:22:00Z, the minute in which the world begins, 38 seconds late.
const MINUTE: i64 = 1_709_572_920;

fn metric(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Metric {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Metric { namespace: namespace.to_owned(), name: name.to_owned(), dimensions: dimensions.collect() }
}

fn lambda(name: &str, dimensions: &[(&str, &str)]) -> Metric {
    metric("AWS/Lambda", name, dimensions)
}

impl World {
    /// Invokes a function that is told what to do, while time passes.
    async fn run(&self, function: &str, qualifier: Option<&str>, event: &str, seconds: u64) {
        let running = self.try_run(function, qualifier, event);
        let (ended, ()) = tokio::join!(running, self.advance(seconds));
        ended.expect("it is admitted");
    }

    async fn try_run(
        &self,
        function: &str,
        qualifier: Option<&str>,
        event: &str,
    ) -> Result<(), InvocationError> {
        let event = serde_json::to_vec(event).expect("a text").into();
        let request = InvokeRequest { event, ..InvokeRequest::default() };
        self.functions().invoke(&here(), function, qualifier, request).await.map(drop)
    }

    /// Minutes after 17:22, and a statistic of each in which the metric has values.
    fn values(&self, metric: &Metric, statistic: Statistic) -> Vec<(i64, f64)> {
        let moment = |second: i64| Timestamp::from_unix_millis((MINUTE + second) * 1_000);
        let period = Period::parse(60).expect("a period");
        let span = Span { time: moment(0)..moment(86_400), period };
        let points = self.services.metrics().statistics(&here(), metric, &span, None).expect("datapoints");
        let value = |point: &hearth_services::cloudwatch::Datapoint| {
            let minute = (point.at.as_unix_seconds() - MINUTE) / 60;
            Some((minute, point.set.statistic(statistic)?))
        };
        points.iter().filter_map(value).collect()
    }

    fn of_orders(&self, name: &str, statistic: Statistic) -> Vec<(i64, f64)> {
        self.values(&lambda(name, &[("FunctionName", "orders")]), statistic)
    }
}

#[tokio::test]
async fn invocations_are_counted_as_lambda_counts_them() {
    let world = World::new();
    world.deploy("orders", Some(1)).await;
    world.run("orders", None, "sleep 2.5", 3).await;
    world.run("orders", None, "fail Oops", 0).await;
    world.advance(60).await;
    world.run("orders", None, "sleep 2", 2).await;
    let busy = world.run("orders", None, "sleep 1", 1);
    let ((), throttled) = tokio::join!(busy, world.try_run("orders", None, ""));
    assert!(matches!(throttled, Err(InvocationError::Throttled(_))), "{throttled:?}");

    assert_eq!(world.of_orders("Invocations", Statistic::Sum), [(0, 2.0), (1, 2.0)]);
    assert_eq!(world.of_orders("Errors", Statistic::Sum), [(0, 1.0), (1, 0.0)]);
    assert_eq!(world.of_orders("Errors", Statistic::Average), [(0, 0.5), (1, 0.0)], "the error rate");
    assert_eq!(world.of_orders("Errors", Statistic::SampleCount), [(0, 2.0), (1, 2.0)]);
    assert_eq!(world.of_orders("Throttles", Statistic::Sum), [(0, 0.0), (1, 1.0)]);
    assert_eq!(world.of_orders("Duration", Statistic::Maximum), [(0, 2_500.0), (1, 2_000.0)]);
    assert_eq!(world.of_orders("Duration", Statistic::Average), [(0, 1_250.0), (1, 1_500.0)]);
    assert_eq!(world.of_orders("Duration", Statistic::Percentile(99.0))[1], (1, 2_000.0));
    assert_eq!(world.of_orders("ConcurrentExecutions", Statistic::Maximum), [(0, 1.0), (1, 1.0)]);
    let cold = metric("Hearth", "ColdStarts", &[("FunctionName", "orders")]);
    assert_eq!(world.values(&cold, Statistic::Sum), [(0, 1.0), (1, 0.0)]);
    let init = metric("Hearth", "InitDuration", &[("FunctionName", "orders")]);
    assert_eq!(world.values(&init, Statistic::SampleCount), [(0, 1.0)]);
}

#[tokio::test]
async fn resources_and_the_account_have_their_own() {
    let world = World::new();
    for name in ["orders", "mails"] {
        world.deploy(name, None).await;
    }
    world.publish("orders", "live");
    for (function, qualifier) in [
        ("orders", None),
        ("orders", Some("$LATEST")),
        ("orders", Some("1")),
        ("orders", Some("live")),
        ("orders", Some("live")),
        ("mails", None),
    ] {
        world.run(function, qualifier, "", 0).await;
    }
    let sum = |dimensions: &[(&str, &str)]| {
        let values = world.values(&lambda("Invocations", dimensions), Statistic::Sum);
        values.first().map(|(_, value)| *value)
    };
    let orders = ("FunctionName", "orders");
    assert_eq!(sum(&[]), Some(6.0));
    assert_eq!(sum(&[orders]), Some(5.0));
    assert_eq!(sum(&[orders, ("Resource", "orders")]), Some(2.0));
    assert_eq!(sum(&[orders, ("Resource", "orders:1")]), Some(1.0));
    assert_eq!(sum(&[orders, ("Resource", "orders:live")]), Some(2.0));
    assert_eq!(sum(&[orders, ("Resource", "orders:live"), ("ExecutedVersion", "1")]), Some(2.0));
    for nothing in [
        &[("FunctionName", "nobody")][..],
        &[("Resource", "orders:live")],
        &[orders, ("Resource", "mails")],
        &[orders, ("Resource", "orders:2")],
        &[orders, ("Resource", "orders:1"), ("ExecutedVersion", "1")],
        &[orders, ("Resource", "orders:live"), ("ExecutedVersion", "2")],
        &[orders, ("Resource", "orders:live"), ("ExecutedVersion", "x")],
        &[orders, ("ExecutedVersion", "1")],
        &[orders, ("Colour", "red")],
    ] {
        assert_eq!(sum(nothing), None, "{nothing:?}");
    }
    let unreserved = lambda("UnreservedConcurrentExecutions", &[]);
    assert_eq!(world.values(&unreserved, Statistic::Maximum), [(0, 1.0)]);
    assert_eq!(world.values(&lambda("Nothing", &[]), Statistic::Sum), []);
}

#[tokio::test]
async fn only_metrics_with_values_are_listed() {
    let world = World::new();
    world.deploy("idle", None).await;
    world.deploy("orders", None).await;
    let list = |filter: &MetricFilter, active| {
        world.services.metrics().list(&here(), filter, active, None).expect("a page").metrics
    };
    assert_eq!(list(&MetricFilter::default(), false), []);
    world.publish("orders", "live");
    world.run("orders", Some("live"), "", 0).await;
    world.send("orders", "");
    world.advance(0).await;
    let names = |metrics: &[Metric], dimensions: &BTreeMap<String, String>| {
        let mine = metrics.iter().filter(|metric| metric.dimensions == *dimensions);
        mine.map(|metric| metric.name.clone()).collect::<Vec<_>>()
    };
    let all = list(&MetricFilter::default(), false);
    let function = lambda("", &[("FunctionName", "orders")]).dimensions;
    let of_function = [
        "AsyncEventAge",
        "AsyncEventsReceived",
        "ConcurrentExecutions",
        "Duration",
        "Errors",
        "Invocations",
        "Throttles",
        "ColdStarts",
        "InitDuration",
    ];
    assert_eq!(names(&all, &function), of_function);
    let mut of_account = of_function.to_vec();
    of_account.insert(7, "UnreservedConcurrentExecutions");
    assert_eq!(names(&all, &BTreeMap::new()), of_account);
    let filter = MetricFilter {
        name: Some("Invocations".to_owned()),
        dimensions: vec![("Resource".to_owned(), Some("orders:live".to_owned()))],
        ..MetricFilter::default()
    };
    assert_eq!(list(&filter, false).len(), 2, "with the executed version and without");
    assert_eq!(list(&filter, true).len(), 2);
    world.advance(3 * 3_600).await;
    world.send("orders", "");
    world.advance(0).await;
    assert_eq!(list(&filter, true), [], "not within three hours");
    let filter = MetricFilter { namespace: Some("Hearth".to_owned()), ..MetricFilter::default() };
    assert!(list(&filter, true).contains(&metric("Hearth", "ColdStarts", &[("FunctionName", "orders")])));

    world.functions().remove(&here(), &FunctionName::parse("orders").expect("a name"));
    let left = list(&MetricFilter::default(), false);
    assert!(left.iter().all(|metric| metric.dimensions.is_empty()), "{left:?}");
}

#[tokio::test]
async fn events_are_counted_until_they_end() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.send("orders", "fail Oops");
    world.advance(3 * 60).await;
    assert_eq!(world.of_orders("AsyncEventsReceived", Statistic::Sum), [(0, 1.0)]);
    // At once, after one minute, and after two more.
    let ages = world.of_orders("AsyncEventAge", Statistic::Maximum);
    assert_eq!(ages, [(0, 0.0), (1, 60_000.0), (3, 180_000.0)]);
    assert_eq!(world.of_orders("AsyncEventsDropped", Statistic::Sum), [(3, 1.0)]);
    assert_eq!(world.of_orders("Errors", Statistic::Sum), [(0, 1.0), (1, 1.0), (3, 1.0)]);
}

#[tokio::test]
async fn provisioned_concurrency_has_its_own() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.publish("orders", "live");
    world.functions().provision(&here(), "orders", "live", 2).expect("it is provisioned");
    world.advance(1).await;
    let call = |event: &'static str| world.try_run("orders", Some("live"), event);
    let (_, _, _, ()) = tokio::join!(call("sleep 1"), call("sleep 1"), call("sleep 1"), world.advance(1));
    let alias = [("FunctionName", "orders"), ("Resource", "orders:live")];
    let value = |name: &str, statistic| world.values(&lambda(name, &alias), statistic);
    assert_eq!(value("ProvisionedConcurrencyInvocations", Statistic::Sum), [(0, 2.0)]);
    assert_eq!(value("ProvisionedConcurrencySpilloverInvocations", Statistic::Sum), [(0, 1.0)]);
    assert_eq!(value("ProvisionedConcurrentExecutions", Statistic::Maximum), [(0, 2.0)]);
    assert_eq!(value("ProvisionedConcurrencyUtilization", Statistic::Maximum), [(0, 1.0)]);
    assert_eq!(value("ConcurrentExecutions", Statistic::Maximum), [(0, 3.0)]);
}
