//! CloudWatch's metrics.

use std::collections::BTreeMap;

use hearth_model::{identity::Partition, time::Timestamp};
use hearth_services::cloudwatch::{
    DataQuery, DataRequest, DataResult, Datapoint, Measurement, Metric, MetricFilter, Period, Refusal, Span,
    Statistic, StatisticSet, Unit,
};

use crate::world::{World, here};

/// 2024-03-04T17:22:00Z, the minute in which the world begins.
const MINUTE: i64 = 1_709_572_920;

fn metric(name: &str, dimensions: &[(&str, &str)]) -> Metric {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Metric { namespace: "Shop".to_owned(), name: name.to_owned(), dimensions: dimensions.collect() }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_millis((MINUTE + second) * 1_000)
}

fn period(seconds: i64) -> Period {
    Period::parse(seconds).expect("a period")
}

/// Values that are measured at a second after 17:22.
fn measured(name: &str, second: i64, values: &[f64]) -> Measurement {
    let values = StatisticSet::of_values(values.iter().map(|value| (*value, 1.0))).expect("values");
    let (metric, at) = (metric(name, &[]), Some(at(second)));
    Measurement { metric, at, unit: Unit::NONE, high_resolution: false, values }
}

impl World {
    fn put(&self, measurements: Vec<Measurement>) {
        self.services.metrics().put(&here(), measurements).expect("they are taken");
    }

    fn list(&self, filter: &MetricFilter, active: bool) -> Vec<String> {
        let page = self.services.metrics().list(&here(), filter, active, None).expect("a page");
        assert_eq!(page.next_token, None);
        page.metrics.into_iter().map(|metric| metric.name).collect()
    }

    /// Second, unit and a statistic of each datapoint from one second to another.
    fn statistics(
        &self,
        name: &str,
        from: i64,
        until: i64,
        seconds: i64,
        statistic: Statistic,
    ) -> Vec<(i64, &'static str, Option<f64>)> {
        let span = Span { time: at(from)..at(until), period: period(seconds) };
        let points = self.services.metrics().statistics(&here(), &metric(name, &[]), &span, None);
        let second = |point: &Datapoint| point.at.as_unix_seconds() - MINUTE;
        let points = points.expect("datapoints").into_iter();
        points.map(|point| (second(&point), point.unit.as_str(), point.set.statistic(statistic))).collect()
    }
}

#[tokio::test]
async fn values_of_a_minute_are_one_datapoint() {
    let world = World::new();
    world.put(vec![measured("Orders", 0, &[1.0, 2.0]), measured("Orders", 59, &[6.0])]);
    world.put(vec![measured("Orders", 60, &[4.0]), measured("Other", 60, &[1.0])]);
    let sum = |from, until, seconds| world.statistics("Orders", from, until, seconds, Statistic::Sum);
    assert_eq!(sum(0, 120, 60), [(0, "None", Some(9.0)), (60, "None", Some(4.0))]);
    assert_eq!(sum(0, 60, 60), [(0, "None", Some(9.0))], "what begins at the end does not belong to it");
    assert_eq!(sum(-30, 61, 300), [(-60, "None", Some(13.0))], "the start is rounded down to a minute");
    assert_eq!(sum(120, 240, 60), []);
    for (statistic, expect) in [
        (Statistic::SampleCount, 3.0),
        (Statistic::Average, 3.0),
        (Statistic::Minimum, 1.0),
        (Statistic::Maximum, 6.0),
        (Statistic::Percentile(50.0), 2.0),
    ] {
        let given = world.statistics("Orders", 0, 60, 60, statistic);
        assert_eq!(given, [(0, "None", Some(expect))], "{statistic:?}");
    }
}

#[tokio::test]
async fn values_of_high_resolution_stay_apart() {
    let world = World::new();
    let fine = |second| Measurement { high_resolution: true, ..measured("Orders", second, &[1.0]) };
    world.put(vec![fine(1), fine(3), fine(11), fine(61)]);
    let sum = |from, seconds| world.statistics("Orders", from, 120, seconds, Statistic::Sum);
    assert_eq!(sum(0, 10), [(0, "None", Some(2.0)), (10, "None", Some(1.0)), (60, "None", Some(1.0))]);
    assert_eq!(sum(3, 1), [(3, "None", Some(1.0)), (11, "None", Some(1.0)), (61, "None", Some(1.0))]);
    assert_eq!(sum(0, 60), [(0, "None", Some(3.0)), (60, "None", Some(1.0))]);
}

#[tokio::test]
async fn values_of_other_units_are_not_added_up() {
    let world = World::new();
    let seconds = Unit::parse("Seconds").expect("a unit");
    let of = |unit, value| Measurement { unit, ..measured("Time", 0, &[value]) };
    world.put(vec![of(seconds, 1.0), of(Unit::MILLISECONDS, 60_000.0)]);
    let points = world.statistics("Time", 0, 60, 60, Statistic::Sum);
    assert_eq!(points, [(0, "Milliseconds", Some(60_000.0)), (0, "Seconds", Some(1.0))]);
    let result = |unit| {
        let query = DataQuery { unit, ..query("q", "Time", Statistic::Sum, "Sum") };
        world.services.metrics().data(&here(), &request(vec![query])).expect("a page").results.remove(0)
    };
    assert_eq!(result(Some(seconds)).values, [(at(0), 1.0)]);
    let mixed = result(None);
    assert_eq!(mixed.values, [(at(0), 60_000.0)]);
    let message = "Multiple units returned: '[Milliseconds, Seconds]'".to_owned();
    assert_eq!(mixed.messages, [("MultipleUnits", message)]);
}

#[tokio::test]
async fn metrics_are_listed_by_what_they_are() {
    let world = World::new();
    let with = |name: &str, dimensions: &[(&str, &str)]| Measurement {
        metric: metric(name, dimensions),
        ..measured(name, 0, &[1.0])
    };
    world.put(vec![
        with("a", &[]),
        with("b", &[("Shop", "1")]),
        with("c", &[("Shop", "2"), ("Till", "1")]),
        with("c", &[("Shop", "1")]),
    ]);
    let all = MetricFilter::default();
    assert_eq!(world.list(&all, false), ["a", "b", "c", "c"]);
    let dimensions = vec![("Shop".to_owned(), None)];
    assert_eq!(world.list(&MetricFilter { dimensions, ..all.clone() }, false), ["b", "c", "c"]);
    let dimensions = vec![("Shop".to_owned(), Some("1".to_owned())), ("Till".to_owned(), None)];
    assert!(world.list(&MetricFilter { dimensions, ..all.clone() }, false).is_empty());
    let name = Some("c".to_owned());
    assert_eq!(world.list(&MetricFilter { name, ..all.clone() }, false), ["c", "c"]);
    let namespace = Some("Other".to_owned());
    assert!(world.list(&MetricFilter { namespace, ..all.clone() }, false).is_empty());

    let elsewhere =
        Partition { region: hearth_model::identity::Region::parse("eu-west-1").expect("one"), ..here() };
    let page = world.services.metrics().list(&elsewhere, &all, false, None).expect("a page");
    assert_eq!(page.metrics, []);

    world.advance(3 * 3_600).await;
    world.put(vec![Measurement { at: None, ..measured("new", 0, &[1.0]) }]);
    assert_eq!(world.list(&all, true), ["new"]);
    assert_eq!(world.list(&all, false).len(), 5);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::new();
    world.put((0..501).map(|number| measured(&format!("{number:03}"), 0, &[1.0])).collect());
    let page =
        |token: Option<&str>| world.services.metrics().list(&here(), &MetricFilter::default(), false, token);
    let first = page(None).expect("a page");
    assert_eq!((first.metrics.len(), &*first.metrics[499].name), (500, "499"));
    let second = page(first.next_token.as_deref()).expect("a page");
    assert_eq!((second.metrics.len(), &*second.metrics[0].name, second.next_token), (1, "500", None));
    assert_eq!(page(Some("next")), Err(Refusal::InvalidToken));
}

#[tokio::test]
async fn times_are_checked() {
    let world = World::new();
    let two_weeks = 14 * 86_400;
    let put = |second| world.services.metrics().put(&here(), vec![measured("Orders", second, &[1.0])]);
    // It is 38 seconds past.
    assert_eq!(put(38 - two_weeks), Ok(()));
    assert_eq!(put(38 + 7_200), Ok(()));
    let message =
        "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.";
    for second in [37 - two_weeks, 39 + 7_200] {
        assert_eq!(put(second), Err(Refusal::InvalidValue(message.into())), "{second}");
    }
    let span = |from, until| Span { time: at(from)..at(until), period: period(60) };
    let statistics = |span| world.services.metrics().statistics(&here(), &metric("Orders", &[]), &span, None);
    let backwards = "The parameter StartTime must be less than the parameter EndTime.";
    assert_eq!(statistics(span(60, 60)), Err(Refusal::InvalidValue(backwards.into())));
    assert!(statistics(span(0, 1_440 * 60)).is_ok());
    let many = "You have requested up to 1,608 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints \
                requested by increasing Period, or decreasing the time range.";
    assert_eq!(statistics(span(0, 1_608 * 60)), Err(Refusal::Combination(many.into())));
}

fn query(id: &str, name: &str, statistic: Statistic, spelled: &str) -> DataQuery {
    DataQuery {
        id: id.to_owned(),
        label: None,
        metric: metric(name, &[]),
        period: period(60),
        statistic: (statistic, spelled.to_owned()),
        unit: None,
    }
}

/// The minutes from 17:22 to 17:32.
fn request(queries: Vec<DataQuery>) -> DataRequest {
    let (from, until) = (at(0), at(600));
    DataRequest { queries, from, until, ascending: true, most_values: 100, token: None }
}

#[tokio::test]
async fn many_metrics_come_in_pages() {
    let world = World::new();
    let minutes = |name: &str, count: i64| {
        (0..count).map(|minute| measured(name, minute * 60, &[minute as f64])).collect::<Vec<_>>()
    };
    world.put([minutes("a", 3), minutes("b", 2)].concat());
    let sum = |id, name| query(id, name, Statistic::Sum, "Sum");
    let whole = request(vec![sum("qa", "a"), sum("qb", "b"), sum("qc", "c")]);
    let page = world.services.metrics().data(&here(), &whole).expect("a page");
    let values = |result: &DataResult| result.values.iter().map(|(_, value)| *value).collect::<Vec<_>>();
    assert_eq!(page.results.iter().map(values).collect::<Vec<_>>(), [&[0.0, 1.0, 2.0][..], &[0.0, 1.0], &[]]);
    assert!(page.results.iter().all(|result| result.complete));

    let mut seen: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut token = None;
    for _ in 0..3 {
        let part = DataRequest { most_values: 2, ascending: false, token: token.take(), ..whole.clone() };
        let page = world.services.metrics().data(&here(), &part).expect("a page");
        for result in &page.results {
            seen.entry(result.id.clone()).or_default().extend(values(result));
        }
        let partial = page.results.iter().filter(|result| !result.complete).count();
        assert_eq!(partial, usize::from(page.next_token.is_some()));
        token = page.next_token;
    }
    assert_eq!(token, None);
    let expect = [("qa", &[2.0, 1.0, 0.0][..]), ("qb", &[1.0, 0.0]), ("qc", &[])];
    assert!(seen.iter().map(|(id, values)| (&**id, &values[..])).eq(expect), "{seen:?}");
    for token in ["", "1", "x.1", "3.0"] {
        let refused = world
            .services
            .metrics()
            .data(&here(), &DataRequest { token: Some(token.to_owned()), ..whole.clone() });
        assert_eq!(refused, Err(Refusal::InvalidToken), "{token}");
    }
}

#[tokio::test]
async fn labels_tell_what_differs() {
    let world = World::new();
    let labels = |queries: Vec<DataQuery>| {
        let page = world.services.metrics().data(&here(), &request(queries)).expect("a page");
        page.results.into_iter().map(|result| result.label).collect::<Vec<_>>()
    };
    let sum = query("a", "Orders", Statistic::Sum, "Sum");
    let minimum = query("b", "Orders", Statistic::Minimum, "Minimum");
    let longer = DataQuery { period: period(300), ..sum.clone() };
    let named = DataQuery { label: Some("mine".to_owned()), ..sum.clone() };
    assert_eq!(labels(vec![sum.clone()]), ["Orders"]);
    assert_eq!(labels(vec![sum.clone(), minimum.clone()]), ["Orders Sum", "Orders Minimum"]);
    assert_eq!(labels(vec![sum.clone(), longer.clone()]), ["Orders 60", "Orders 300"]);
    assert_eq!(labels(vec![longer, minimum, named]), ["Orders Sum 300", "Orders Minimum 60", "mine"]);
}

#[tokio::test]
async fn percentiles_that_are_not_known_are_left_out_and_said_to_be() {
    let world = World::new();
    let values = StatisticSet::of_statistics(3.0, 6.0, 1.0, 3.0);
    world.put(vec![Measurement { values, ..measured("Time", 0, &[1.0]) }, measured("Time", 60, &[5.0])]);
    let p99 = query("q", "Time", Statistic::Percentile(99.0), "p99");
    let page = world.services.metrics().data(&here(), &request(vec![p99])).expect("a page");
    assert_eq!(page.results[0].values, [(at(60), 5.0)]);
    assert_eq!(page.results[0].messages[0].0, "PercentilesUnavailable");
    let given = world.statistics("Time", 0, 120, 60, Statistic::Percentile(99.0));
    assert_eq!(given, [(0, "None", None), (60, "None", Some(5.0))]);
}

#[tokio::test]
async fn nothing_can_be_in_no_time() {
    let world = World::new();
    let base = request(vec![query("q", "Orders", Statistic::Sum, "Sum")]);
    let refusal = |from, until| {
        let request = DataRequest { from: at(from), until: at(until), ..base.clone() };
        world.services.metrics().data(&here(), &request).expect_err("it is refused").to_string()
    };
    assert_eq!(refusal(60, 60), "The parameter StartTime must not equal parameter EndTime.");
    assert_eq!(refusal(61, 60), "The parameter EndTime must be greater than StartTime.");
}
