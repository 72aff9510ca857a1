//! `[[functions.NAME.events]]` tables: what invokes a function.

mod bucket;
mod http;
mod queue;
mod schedule;
mod websocket;

use std::ops::Range;

use hearth_model::function::Timeout;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    BucketDeclaration, HttpDeclaration, QueueDeclaration,
    fields::Fields,
    problem::{Place, Problem},
};

pub use self::{
    bucket::BucketEvents,
    http::HttpEvents,
    queue::{QueueEventSettings, QueueEvents},
    schedule::ScheduleEvents,
    websocket::SocketEvents,
};

/// What invokes a function, source by source.
#[derive(Default)]
pub(super) struct Events {
    pub(super) queues: Vec<QueueEvents>,
    pub(super) buckets: Vec<BucketEvents>,
    pub(super) schedules: Vec<ScheduleEvents>,
    pub(super) http: Vec<HttpEvents>,
    pub(super) websocket: Vec<SocketEvents>,
}

/// What the events of a function are read against.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) queues: &'a [QueueDeclaration],
    pub(super) buckets: &'a [BucketDeclaration],
    pub(super) http: &'a HttpDeclaration,
}

/// Reads the events of a function that may run for `timeout`.
pub(super) fn read_all(outer: &mut Fields<'_>, sources: Sources<'_>, timeout: Timeout) -> Events {
    let mut events = Events::default();
    let Some(value) = outer.value("events") else { return events };
    let tables = value.get_ref().as_array().and_then(|array| {
        let tables = array.iter().map(|item| Some((item.get_ref().as_table()?, item.span())));
        tables.collect::<Option<Vec<_>>>()
    });
    let Some(tables) = tables else {
        outer.wrong_type("events", value, "tables `[[functions.NAME.events]]`");
        return events;
    };
    for (table, span) in tables {
        read(outer, table, span, sources, timeout, &mut events);
    }
    for problem in queue::twice(&mut events.queues) {
        outer.note(problem);
    }
    events
}

/// What two functions, or one twice, would get of the same bucket.
pub(super) fn check_overlaps<'e>(all: impl Iterator<Item = &'e BucketEvents>) -> Vec<Problem> {
    bucket::overlaps(&all.collect::<Vec<_>>())
}

/// Requests that would invoke two functions, or one twice.
pub(super) fn check_routes<'e>(all: impl Iterator<Item = &'e HttpEvents>) -> Vec<Problem> {
    http::twice(&all.collect::<Vec<_>>())
}

/// Messages that would.
pub(super) fn check_socket_routes<'e>(all: impl Iterator<Item = &'e SocketEvents>) -> Vec<Problem> {
    websocket::twice(&all.collect::<Vec<_>>())
}

fn read(
    outer: &mut Fields<'_>,
    table: &DeTable<'_>,
    span: Range<usize>,
    sources: Sources<'_>,
    timeout: Timeout,
    events: &mut Events,
) {
    let mut fields = Fields::new(format!("an event of {}", outer.owner()), table);
    let (sqs, s3) = (fields.value("sqs"), fields.value("s3"));
    let (schedule, http, websocket) =
        (fields.value("schedule"), fields.value("http"), fields.value("websocket"));
    if let Some((table, place)) = source(&mut fields, "sqs", sqs) {
        events.queues.extend(queue::read(&mut fields, table, place, sources.queues, timeout));
    }
    if let Some((table, place)) = source(&mut fields, "s3", s3) {
        events.buckets.extend(bucket::read(&mut fields, table, place, sources.buckets));
    }
    if let Some(value) = schedule {
        events.schedules.extend(schedule::read(&mut fields, value));
    }
    if let Some(value) = http {
        events.http.extend(http::read(&mut fields, value, sources.http));
    }
    if let Some(value) = websocket {
        events.websocket.extend(websocket::read(&mut fields, value));
    }
    if [sqs, s3, schedule, http, websocket].into_iter().flatten().count() > 1 {
        let problem = Problem::new("an event comes from one place, and this one from two", span);
        fields.note(problem.help("write `[[functions.NAME.events]]` for each of them"));
    } else if table.is_empty() {
        let problem = Problem::new("an event says where it comes from", span);
        fields.note(
            problem.help("write `http = \"GET /\"`, `websocket = \"$default\"`, `sqs = { queue = \"NAME\" }`, `s3 = { bucket = \"NAME\", events = […] }` or `schedule = \"rate(5 minutes)\"`"),
        );
    }
    for problem in fields.finish() {
        outer.note(problem);
    }
}

/// The table that says how events come from a source, if they do.
fn source<'d>(
    fields: &mut Fields<'_>,
    key: &str,
    value: Option<&'d Spanned<DeValue<'d>>>,
) -> Option<(&'d DeTable<'d>, Place)> {
    let value = value?;
    let table = value.get_ref().as_table();
    if table.is_none() {
        fields.wrong_type(key, value, "a table");
    }
    Some((table?, Place(value.span())))
}
