//! `sqs = { queue = … }`: the messages of a queue invoke a function.

use std::{ops::Range, time::Duration};

use hearth_model::{
    event_pattern::EventPattern,
    event_source::{
        BatchSize, BatchingWindow, Configuration, FilterCriteria, InvalidConfiguration, InvalidFilter,
        MaximumConcurrency, Scaling,
    },
    function::Timeout,
    sqs::QueueName,
};
use toml::de::{DeTable, DeValue};

use crate::manifest::{
    QueueDeclaration,
    fields::Fields,
    json::json,
    problem::{Place, Problem},
    queue,
};

/// A queue whose messages invoke a function.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueEvents {
    /// The queue.
    pub queue: QueueName,
    /// How.
    pub settings: QueueEventSettings,
    /// Where it is written.
    pub place: Place,
}

/// How the messages of a queue invoke a function; by default as on AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueEventSettings {
    /// `batch_size`, `batching_window_s`, `maximum_concurrency` and `report_batch_item_failures`.
    pub configuration: Configuration,
    /// `filter`: which messages the function wants; the others are deleted.
    pub filters: FilterCriteria,
    /// `enabled`: whether messages are received.
    pub enabled: bool,
}

pub(super) fn read(
    outer: &mut Fields<'_>,
    table: &DeTable<'_>,
    place: Place,
    queues: &[QueueDeclaration],
    timeout: Timeout,
) -> Option<QueueEvents> {
    let mut fields = Fields::new("`sqs`", table);
    let named = fields.string("queue");
    if !table.contains_key("queue") {
        let problem = Problem::new("`sqs` has no `queue`", place.0.clone());
        fields.note(problem.help("add `queue = \"NAME\"`, the name of a `[queues.NAME]`"));
    }
    let settings = QueueEventSettings {
        configuration: configuration(&mut fields),
        filters: filters(&mut fields).unwrap_or_default(),
        enabled: fields.boolean("enabled").unwrap_or(true),
    };
    let declared = named.and_then(|(given, span)| {
        let declared = queue::find(queues, given);
        if declared.is_none() {
            fields.note(queue::no_queue(queues, (given, span)));
        }
        declared
    });
    if let Some(queue) = declared {
        check_fit(&mut fields, queue, &settings, timeout, &place.0);
    }
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(QueueEvents { queue: declared?.name.clone(), settings, place })
}

/// A function gets the messages of a queue in one way: takes the others away, and says so.
pub(super) fn twice(all: &mut Vec<QueueEvents>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut kept: Vec<QueueEvents> = Vec::with_capacity(all.len());
    for events in all.drain(..) {
        let Some(first) = kept.iter().find(|other| other.queue == events.queue) else {
            kept.push(events);
            continue;
        };
        let problem = Problem::new(format!("queue `{}` is there twice", events.queue), events.place.0);
        let problem = problem.related(first.place.0.clone(), "the first one");
        problems
            .push(problem.help("a function gets the messages of a queue in one way: remove one of the two"));
    }
    *all = kept;
    problems
}

fn configuration(fields: &mut Fields<'_>) -> Configuration {
    const CHECKED: &str = "it was checked to be in range";
    let batch_size = fields.integer("batch_size", 1..=10_000_i64);
    let window = fields.integer("batching_window_s", 0..=300_i64);
    let maximum = fields.integer("maximum_concurrency", 2..=1_000_i64);
    Configuration {
        batch_size: batch_size
            .map_or_else(BatchSize::default, |(size, _)| BatchSize::new(size).expect(CHECKED)),
        window: window.map_or_else(BatchingWindow::default, |(seconds, _)| {
            BatchingWindow::from_seconds(seconds).expect(CHECKED)
        }),
        scaling: maximum.map_or(Scaling::Standard, |(maximum, _)| {
            Scaling::MaximumConcurrency(MaximumConcurrency::new(maximum).expect(CHECKED))
        }),
        reports_item_failures: fields.boolean("report_batch_item_failures").unwrap_or(false),
    }
}

/// What a queue and the way in which its messages invoke a function must have in common.
fn check_fit(
    fields: &mut Fields<'_>,
    queue: &QueueDeclaration,
    settings: &QueueEventSettings,
    timeout: Timeout,
    span: &Range<usize>,
) {
    if let Err(error) = settings.configuration.check(queue.name.is_fifo()) {
        let (message, help) = match error {
            InvalidConfiguration::LargeBatchWithoutWindow => (
                "a batch of more than 10 messages needs time to gather",
                "add `batching_window_s = 1`, or lower `batch_size`",
            ),
            InvalidConfiguration::WindowOfFifo => {
                ("batches of a FIFO queue do not wait", "remove `batching_window_s`")
            }
            InvalidConfiguration::LargeBatchOfFifo => {
                ("a batch of a FIFO queue has at most 10 messages", "lower `batch_size`")
            }
        };
        fields.note(Problem::new(message, span.clone()).help(help));
    }
    let hidden = Duration::from_secs(queue.settings.visibility_timeout_s);
    if hidden < timeout.duration() {
        let message = format!(
            "messages of queue `{}` are hidden for {} s, and the function may run for {} s",
            queue.name,
            hidden.as_secs(),
            timeout.duration().as_secs()
        );
        let help = "raise `visibility_timeout_s` of the queue, or lower `timeout_s` of the function: messages would come \
                    twice";
        fields.note(Problem::new(message, span.clone()).help(help));
    }
}

/// One pattern or several: tables, or JSON texts as on AWS.
fn filters(fields: &mut Fields<'_>) -> Option<FilterCriteria> {
    let value = fields.value("filter")?;
    let patterns = match value.get_ref() {
        DeValue::Array(patterns) => patterns.iter().collect(),
        _ => vec![value],
    };
    let mut texts = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let text = match pattern.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Table(_) => json(pattern).map(|document| document.to_string()),
            _ => None,
        };
        let Some(text) = text else {
            fields.wrong_type("filter", pattern, "an event pattern: a table, or a text with JSON");
            return None;
        };
        if let Err(error) = EventPattern::parse(&text) {
            fields.note(Problem::new(format!("`filter` is no event pattern: {error}"), pattern.span()));
            return None;
        }
        texts.push(text);
    }
    match FilterCriteria::parse(texts.iter().map(String::as_str)) {
        Ok(filters) => Some(filters),
        Err(error @ (InvalidFilter::TooMany | InvalidFilter::Pattern)) => {
            fields.note(Problem::new(error.to_string(), value.span()));
            None
        }
    }
}
