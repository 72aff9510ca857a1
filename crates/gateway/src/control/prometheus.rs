//! The numbers of all functions as a page that Prometheus reads.
//!
//! Source: Prometheus, "Exposition formats", text format 0.0.4, and its conventions of naming.

use std::{
    fmt::{self, Display, Write},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hearth_engine::{
    Engine, Function,
    metrics::{Activity, Distribution},
};
use hearth_model::{identity::Partition, pool::EnvironmentState};
use hearth_services::sqs::Queues;
use http::{
    HeaderMap, HeaderValue, Response,
    header::{ACCEPT, CONTENT_TYPE},
};

use crate::body::AnswerBody;

const PAGE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Upper bounds of the buckets in microseconds. They are all bounds of the engine's own buckets, so that none of those
/// lies on both sides.
const BOUNDS_US: [u64; 19] = [
    50,
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    60_000_000,
    900_000_000,
];

/// Something that is counted.
struct Counter {
    name: &'static str,
    help: &'static str,
    value: fn(&Activity) -> f64,
}

/// Something that takes time.
struct Histogram {
    name: &'static str,
    help: &'static str,
    /// Of what; a metric without parts has one without a name.
    parts: &'static [Part],
}

struct Part {
    name: Option<&'static str>,
    distribution: fn(&Activity) -> &Distribution,
}

/// What versions do.
const COUNTERS: [Counter; 8] = [
    counter("invocations", "Invocations that ended, whether well or not.", |activity| {
        number(activity.invocations())
    }),
    counter("errors", "Invocations that ended with an error of the function.", |activity| {
        number(activity.errors)
    }),
    counter("platform_faults", "Invocations that ended with a fault of Hearth's own.", |activity| {
        number(activity.platform_faults)
    }),
    counter("throttles", "Requests that were turned away.", |activity| number(activity.throttles)),
    counter("cold_starts", "Invocations that had to create an environment.", |activity| {
        number(activity.cold_starts)
    }),
    counter("provisioned_invocations", "Invocations that provisioned environments served.", |activity| {
        number(activity.provisioned_invocations)
    }),
    counter(
        "provisioned_spillovers",
        "Invocations that found all provisioned concurrency in use, and ran on demand.",
        |activity| number(activity.provisioned_spillovers),
    ),
    counter("billed_seconds", "What invocations are billed for.", |activity| activity.billed.as_secs_f64()),
];

/// What functions do, whatever their versions.
const EVENT_COUNTERS: [Counter; 5] = [
    counter("events_accepted", "Events that were accepted for asynchronous invocation.", |activity| {
        number(activity.events_accepted)
    }),
    counter(
        "events_dropped",
        "Events that ended without a success, whether somebody was told or not.",
        |activity| number(activity.events_dropped),
    ),
    counter(
        "recursive_invocations_dropped",
        "Invocations that were not made because their chain of events had invoked the function too often.",
        |activity| number(activity.recursive_invocations_dropped),
    ),
    counter("destination_failures", "Records that a destination did not take.", |activity| {
        number(activity.destination_failures)
    }),
    counter("dead_letter_failures", "Events that a dead-letter queue did not take.", |activity| {
        number(activity.dead_letter_failures)
    }),
];

const HISTOGRAMS: [Histogram; 3] = [
    Histogram {
        name: "hearth_invocation_duration_seconds",
        help: "What invocations took, without initialisation before them.",
        parts: &[Part { name: None, distribution: |activity| &activity.duration }],
    },
    Histogram {
        name: "hearth_init_duration_seconds",
        help: "What it took to initialise environments before their first invocation.",
        parts: &[Part { name: None, distribution: |activity| &activity.init_duration }],
    },
    Histogram {
        name: "hearth_cold_start_seconds",
        help: "The parts of cold starts: making the environment, what the cold-start model added, and init itself.",
        parts: &[
            Part { name: Some("provision"), distribution: |activity| &activity.provision },
            Part { name: Some("modelled"), distribution: |activity| &activity.modelled_init },
            Part { name: Some("init"), distribution: |activity| &activity.measured_init },
        ],
    },
];

const EVENT_HISTOGRAM: Histogram = Histogram {
    name: "hearth_event_age_seconds",
    help: "How old events were at the attempts to give them to their function.",
    parts: &[Part { name: None, distribution: |activity| &activity.event_age }],
};

const STATES: [EnvironmentState; 5] = [
    EnvironmentState::Provisioning,
    EnvironmentState::Initialising,
    EnvironmentState::Idle,
    EnvironmentState::Busy,
    EnvironmentState::Resetting,
];

/// Whether a client would rather read this page than JSON: Prometheus says so, browsers and `curl` do not.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let types = accepted.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    types.into_iter().any(|range| matches!(range, "text/plain" | "application/openmetrics-text"))
}

pub(super) fn answer(engine: &Engine, queues: &Queues) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::from(Bytes::from(page(engine, queues))));
    response.headers_mut().insert(CONTENT_TYPE, PAGE);
    response
}

fn page(engine: &Engine, queues: &Queues) -> String {
    let mut functions = engine.functions();
    functions.sort_by(|one, other| one.arn().cmp(other.arn()));
    let by_version: Vec<_> = functions.iter().flat_map(|function| of_versions(function)).collect();
    let by_function: Vec<_> =
        functions.iter().map(|function| (Labels::of(function), function.activity())).collect();

    let mut page = Page(String::new());
    page.family("hearth_info", "gauge", "Which Hearth this is; always 1.");
    page.sample("hearth_info", &format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1);
    for counter in &COUNTERS {
        page.counter(counter, &by_version);
    }
    for counter in &EVENT_COUNTERS {
        page.counter(counter, &by_function);
    }
    for histogram in &HISTOGRAMS {
        page.histogram(histogram, &by_version);
    }
    page.histogram(&EVENT_HISTOGRAM, &by_function);
    page.gauges(engine, &functions);
    page.waiting_receives(queues);
    page.0
}

/// What each version of a function has done, by whatever name it was called.
fn of_versions(function: &Function) -> Vec<(Labels, Activity)> {
    let labels =
        |version: &dyn Display| Labels { version: Some(version.to_string()), ..Labels::of(function) };
    let activities = function.activity_by_version();
    activities.into_iter().map(|(version, activity)| (labels(&version), activity)).collect()
}

const fn counter(name: &'static str, help: &'static str, value: fn(&Activity) -> f64) -> Counter {
    Counter { name, help, value }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
fn number(count: u64) -> f64 {
    count as f64
}

/// A page that is being written.
struct Page(String);

impl Page {
    fn counter(&mut self, Counter { name, help, value }: &Counter, activities: &[(Labels, Activity)]) {
        let name = format!("hearth_{name}_total");
        self.family(&name, "counter", help);
        for (labels, activity) in activities {
            self.sample(&name, &labels.with(&[]), value(activity));
        }
    }

    fn histogram(&mut self, Histogram { name, help, parts }: &Histogram, activities: &[(Labels, Activity)]) {
        self.family(name, "histogram", help);
        for (labels, activity) in activities {
            for Part { name: part, distribution } in *parts {
                let part = part.map(|part| ("part", part));
                self.distribution(name, labels, part, distribution(activity));
            }
        }
    }

    fn distribution(
        &mut self,
        name: &str,
        labels: &Labels,
        part: Option<(&str, &str)>,
        distribution: &Distribution,
    ) {
        let part: Vec<_> = part.into_iter().collect();
        let mut buckets = distribution.buckets().peekable();
        let mut below = 0;
        for bound in BOUNDS_US.map(Duration::from_micros) {
            while let Some(bucket) = buckets.next_if(|bucket| bucket.high <= bound) {
                below += bucket.count;
            }
            let bound = bound.as_secs_f64().to_string();
            let labels = labels.with(&[&part[..], &[("le", &bound)]].concat());
            self.sample(&format!("{name}_bucket"), &labels, below);
        }
        let all = distribution.count();
        self.sample(&format!("{name}_bucket"), &labels.with(&[&part[..], &[("le", "+Inf")]].concat()), all);
        self.sample(&format!("{name}_sum"), &labels.with(&part), distribution.sum().as_secs_f64());
        self.sample(&format!("{name}_count"), &labels.with(&part), all);
    }

    fn gauges(&mut self, engine: &Engine, functions: &[Arc<Function>]) {
        self.family("hearth_environments", "gauge", "Environments that are alive, by what they are doing.");
        for function in functions {
            let environments = function.environments();
            for state in STATES {
                let count = environments.iter().filter(|environment| environment.state == state).count();
                let labels = Labels::of(function).with(&[("state", state.as_str())]);
                self.sample("hearth_environments", &labels, count);
            }
        }
        self.family("hearth_concurrency", "gauge", "Invocations that run.");
        for function in functions {
            self.sample("hearth_concurrency", &Labels::of(function).with(&[]), function.concurrency());
        }
        self.family("hearth_pending_events", "gauge", "Events that were accepted and have not ended.");
        for function in functions {
            self.sample("hearth_pending_events", &Labels::of(function).with(&[]), function.pending_events());
        }
        let mut partitions: Vec<&Partition> = functions.iter().map(|function| function.partition()).collect();
        partitions.sort();
        partitions.dedup();
        for (name, help, value) in [
            (
                "hearth_account_concurrency_limit",
                "Concurrent executions that the functions of an account can have.",
                (|usage| usage.limit) as fn(&hearth_engine::AccountUsage) -> u32,
            ),
            (
                "hearth_account_concurrency_unreserved",
                "Concurrent executions that no function of the account has reserved.",
                |usage| usage.unreserved,
            ),
            (
                "hearth_account_concurrency_in_use",
                "Executions of an account that run, and what is provisioned.",
                |usage| usage.in_use,
            ),
        ] {
            self.family(name, "gauge", help);
            for partition in &partitions {
                self.sample(name, &of_account(partition), value(&engine.account_usage(partition)));
            }
        }
    }

    fn waiting_receives(&mut self, queues: &Queues) {
        const NAME: &str = "hearth_waiting_receives";
        self.family(NAME, "gauge", "Receives that wait for a message of a queue.");
        for partition in queues.partitions() {
            self.sample(NAME, &of_account(&partition), queues.waiting(&partition));
        }
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        self.line(format_args!("{name}{labels} {value}"));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a string takes everything");
    }
}

fn of_account(Partition { account, region }: &Partition) -> String {
    format!("{{account=\"{account}\",region=\"{region}\"}}")
}

/// Whose number it is. No name has a character in it that would have to be escaped.
struct Labels {
    function: Arc<str>,
    version: Option<String>,
    partition: Partition,
}

impl Labels {
    fn of(function: &Function) -> Self {
        let (name, partition) = (Arc::clone(function.name()), function.partition().clone());
        Self { function: name, version: None, partition }
    }

    /// As text, with others behind.
    fn with(&self, others: &[(&str, &str)]) -> String {
        let Self { function, version, partition: Partition { account, region } } = self;
        let version = version.as_ref().map_or_else(String::new, |version| format!(",version=\"{version}\""));
        let mut text =
            format!("{{account=\"{account}\",region=\"{region}\",function=\"{function}\"{version}");
        for (name, value) in others {
            write!(text, ",{name}=\"{value}\"").expect("a string takes everything");
        }
        text + "}"
    }
}
