//! The page for Prometheus, read as strictly as its format is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::{client::invoke, world::World};

/// A name with its labels.
type Series = (String, BTreeMap<String, String>);

/// The samples of a page: values by name and labels.
#[derive(Debug)]
struct Page {
    kinds: BTreeMap<String, String>,
    samples: BTreeMap<Series, f64>,
}

impl Page {
    fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line ends too");
        let mut page = Self { kinds: BTreeMap::new(), samples: BTreeMap::new() };
        let mut family: Option<String> = None;
        let mut helped: Option<String> = None;
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').expect("a name and a text");
                assert!(!help.is_empty() && is_name(name), "{line}");
                helped = Some(name.to_owned());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a name and a type");
                assert_eq!(helped.take().as_deref(), Some(name), "help comes first, and once");
                assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                let known = page.kinds.insert(name.to_owned(), kind.to_owned());
                assert_eq!(known, None, "a family stands in one place");
                family = Some(name.to_owned());
            } else {
                let family = family.as_ref().expect("a type comes before samples");
                page.sample(line, family);
            }
        }
        page.check_histograms();
        page
    }

    fn sample(&mut self, line: &str, family: &str) {
        let (series, value) = line.rsplit_once(' ').expect("a series and a value");
        let (name, labels) = series.split_once('{').expect("labels");
        let labels = labels.strip_suffix('}').expect("labels end");
        let suffix = name.strip_prefix(family).expect("samples stand with their type");
        let histogram = self.kinds[family] == "histogram";
        assert_eq!(matches!(suffix, "_bucket" | "_sum" | "_count"), histogram, "{line}");
        assert!(is_name(name) && (histogram || suffix.is_empty()), "{line}");
        let mut read = BTreeMap::new();
        for label in labels.split(',') {
            let (name, value) = label.split_once('=').expect("a label");
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect("quotes");
            assert!(is_name(name) && !value.contains(['"', '\\', '\n']), "{line}");
            assert_eq!(read.insert(name.to_owned(), value.to_owned()), None, "{line}");
        }
        let value: f64 = value.parse().expect("a number");
        assert!(value >= 0.0 && value.is_finite(), "{line}");
        assert_eq!(self.samples.insert((name.to_owned(), read), value), None, "twice: {line}");
    }

    /// Buckets go up, and the last of them is the count.
    fn check_histograms(&self) {
        let mut rows: BTreeMap<Series, Vec<(f64, f64)>> = BTreeMap::new();
        for ((name, labels), value) in &self.samples {
            if let Some(name) = name.strip_suffix("_bucket") {
                let mut labels = labels.clone();
                let bound = labels.remove("le").expect("a bound");
                let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a number") };
                rows.entry((name.to_owned(), labels)).or_default().push((bound, *value));
            }
        }
        let mut bounds = BTreeSet::new();
        for ((name, labels), mut row) in rows {
            row.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(row.is_sorted_by(|one, other| one.1 <= other.1), "{name} {labels:?} {row:?}");
            let count = self.samples[&(format!("{name}_count"), labels.clone())];
            assert_eq!(row.last(), Some(&(f64::INFINITY, count)));
            assert!(self.samples.contains_key(&(format!("{name}_sum"), labels)));
            bounds.insert(row.iter().map(|(bound, _)| bound.to_string()).collect::<Vec<_>>());
        }
        assert!(bounds.len() <= 1, "all have the same bounds, so that they can be added up");
    }

    /// The value of a sample of the default account and region.
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let home = [("account", "000000000000"), ("region", "us-east-1")];
        let labels = home.iter().chain(labels).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let key = (name.to_owned(), labels.collect());
        *self.samples.get(&key).unwrap_or_else(|| panic!("{key:?} in {:?}", self.samples))
    }
}

fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    begins && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// What Prometheus 3 sends.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                      text/plain;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";

async fn page(world: &World) -> Page {
    let answer = world.client().await.call("GET /_hearth/metrics", &[("accept", ACCEPT)], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Page::read(&answer.body)
}

#[tokio::test]
async fn the_page_has_the_numbers_of_each_version() {
    let world = World::new().await;
    world.deploy("off", Some(0)).await;
    let mut client = world.client().await;
    for (function, event) in [("hello", "{}"), ("hello", "\"function error\""), ("off", "{}")] {
        client.call(&invoke(function), &[], event).await;
    }
    client.call("POST /2015-03-31/functions/hello/versions", &[], "{}").await;
    client.call(&invoke("hello:1"), &[], "{}").await;
    let page = page(&world).await;
    let hello = ("function", "hello");
    let latest = [hello, ("version", "$LATEST")];
    let one = [hello, ("version", "1")];
    assert_eq!(page.value("hearth_invocations_total", &latest), 2.0);
    assert_eq!(page.value("hearth_errors_total", &latest), 1.0);
    assert_eq!(page.value("hearth_invocations_total", &one), 1.0);
    assert_eq!(page.value("hearth_cold_starts_total", &one), 1.0);
    assert_eq!(page.value("hearth_throttles_total", &[("function", "off"), ("version", "$LATEST")]), 1.0);
    assert_eq!(page.value("hearth_billed_seconds_total", &latest), 0.002);
    assert_eq!(page.value("hearth_invocation_duration_seconds_count", &latest), 2.0);
    let fast = [&latest[..], &[("le", "0.00005")]].concat();
    assert_eq!(page.value("hearth_invocation_duration_seconds_bucket", &fast), 2.0, "no time passes");
    assert_eq!(page.value("hearth_init_duration_seconds_count", &one), 1.0);
    for part in ["provision", "modelled", "init"] {
        let part = [&one[..], &[("part", part)]].concat();
        assert_eq!(page.value("hearth_cold_start_seconds_count", &part), 1.0);
    }
    assert_eq!(page.value("hearth_environments", &[hello, ("state", "idle")]), 2.0);
    assert_eq!(page.value("hearth_environments", &[hello, ("state", "busy")]), 0.0);
    assert_eq!(page.value("hearth_concurrency", &[hello]), 0.0);
    assert_eq!(page.value("hearth_account_concurrency_limit", &[]), 1_000.0);
    assert_eq!(page.value("hearth_account_concurrency_in_use", &[]), 0.0);
    assert_eq!(page.kinds["hearth_info"], "gauge");
}

#[tokio::test]
async fn events_are_counted_by_function() {
    let world = World::new().await;
    let mut client = world.client().await;
    let event = [("x-amz-invocation-type", "Event")];
    client.call(&invoke("hello"), &event, "\"wait\"").await;
    world.waiting.notified().await;
    let hello = [("function", "hello")];
    let running = page(&world).await;
    assert_eq!(running.value("hearth_events_accepted_total", &hello), 1.0);
    assert_eq!(running.value("hearth_pending_events", &hello), 1.0);
    assert_eq!(running.value("hearth_concurrency", &hello), 1.0);
    assert_eq!(running.value("hearth_event_age_seconds_count", &hello), 1.0);
    assert_eq!(running.value("hearth_environments", &[hello[0], ("state", "busy")]), 1.0);
    world.go_on.notify_one();
    world.engine.work().idle().await;
    assert_eq!(page(&world).await.value("hearth_pending_events", &hello), 0.0);
}

#[tokio::test]
async fn who_does_not_ask_for_the_page_gets_json() {
    let world = World::new().await;
    let mut client = world.client().await;
    for accept in
        ["*/*", "application/json", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]
    {
        let answer = client.call("GET /_hearth/metrics", &[("accept", accept)], "").await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
    }
    for accept in ["text/plain", "text/plain;version=0.0.4", "application/openmetrics-text; version=1.0.0"] {
        let answer = client.call("GET /_hearth/metrics", &[("accept", accept)], "").await;
        assert!(answer.body.starts_with("# HELP hearth_info "), "{accept}");
    }
}
