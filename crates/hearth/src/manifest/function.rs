//! A `[functions.NAME]` table.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use hearth_model::{
    cold_start::{ColdStartModel, Profile},
    function::{EnvironmentVariables, FunctionConfiguration, Runtime},
    identity::FunctionName,
    limits,
};
use toml::de::{DeTable, DeValue};

use super::{
    AsynchronousDeclaration, BucketEvents, HttpEvents, QueueEvents, ScheduleEvents, SocketEvents, Target,
    events::{self, Events, Sources},
    fields::Fields,
    logging::logging,
    problem::{Place, Problem},
    suggestion,
};

/// A function as a manifest declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDeclaration {
    /// All but its code and its dead-letter queue.
    pub configuration: FunctionConfiguration,
    /// Where its code is.
    pub code: CodePath,
    /// Where its layers are, in order.
    pub layers: Vec<CodePath>,
    /// The queue for events that could not be handled.
    pub dead_letter: Option<Target>,
    /// What applies to events that nobody waits for.
    pub asynchronous: Option<AsynchronousDeclaration>,
    /// The queues whose messages invoke it.
    pub queue_events: Vec<QueueEvents>,
    /// What happens in buckets and invokes it.
    pub bucket_events: Vec<BucketEvents>,
    /// When time invokes it.
    pub schedule_events: Vec<ScheduleEvents>,
    /// The requests that invoke it.
    pub http_events: Vec<HttpEvents>,
    /// What goes on at the WebSocket API and invokes it.
    pub socket_events: Vec<SocketEvents>,
    /// Where its reserved concurrency is written.
    pub(super) reserved_span: Option<Range<usize>>,
}

/// The path of a folder, a `.zip` or a `.wasm` file, and its place in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePath {
    /// The path, with the manifest's folder before it.
    pub path: PathBuf,
    /// Where it is written.
    pub place: Place,
}

/// What a function's table is read against.
pub(super) struct Surroundings<'a> {
    /// What paths are relative to.
    pub(super) folder: &'a Path,
    pub(super) sources: Sources<'a>,
    pub(super) seed: u64,
}

impl FunctionDeclaration {
    /// Reads the table of the function `name`, whose key is at `span`; `None` if what is missing cannot be made up.
    pub(super) fn read(
        name: FunctionName,
        span: Range<usize>,
        table: &DeTable<'_>,
        surroundings: &Surroundings<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let Surroundings { folder, sources, seed } = *surroundings;
        let mut fields = Fields::new(format!("function `{name}`"), table);
        let code = fields.string("code");
        if code.is_none() && !table.contains_key("code") {
            fields.note(
                Problem::new(format!("{} has no `code`", fields.owner()), span.clone())
                    .help("add `code = \"PATH\"`: a folder, a `.zip` or a `.wasm` file"),
            );
        }
        let runtime = runtime(&mut fields);
        if let (Some(Runtime::Python(_)), false) = (runtime, fields.has("handler")) {
            fields.note(Problem::new(format!("{} has no `handler`", fields.owner()), span.clone()).help(
                "add `handler = \"app.lambda_handler\"` for the function `lambda_handler` of `app.py`",
            ));
        }
        let defaults = FunctionConfiguration::new(name);
        let mut reserved_span = None;
        let configuration = FunctionConfiguration {
            runtime: runtime.unwrap_or(defaults.runtime),
            handler: fields.string("handler").map_or(defaults.handler, |(handler, _)| handler.to_owned()),
            memory: fields.bounded("memory_mib").unwrap_or(defaults.memory),
            timeout: fields.bounded("timeout_s").unwrap_or(defaults.timeout),
            ephemeral_storage: fields.bounded("ephemeral_storage_mib").unwrap_or(defaults.ephemeral_storage),
            reserved_concurrency: fields.integer("reserved_concurrency", 0..=u32::MAX).map(
                |(reserved, span)| {
                    reserved_span = Some(span);
                    reserved
                },
            ),
            environment: environment(&mut fields).unwrap_or(defaults.environment),
            logging: logging(&mut fields),
            dead_letter: defaults.dead_letter,
            cold_start: cold_start(&mut fields, seed),
            name: defaults.name,
        };
        let locate =
            |(path, span): (&str, Range<usize>)| CodePath { path: folder.join(path), place: Place(span) };
        let layers = layers(&mut fields).into_iter().map(locate).collect();
        let dead_letter = fields.string("dead_letter_queue").map(Target::of);
        let asynchronous = AsynchronousDeclaration::read(&mut fields);
        let Events { queues, buckets, schedules, http, websocket } =
            events::read_all(&mut fields, sources, configuration.timeout);
        problems.extend(fields.finish());
        Some(Self {
            configuration,
            code: locate(code?),
            layers,
            dead_letter,
            asynchronous,
            queue_events: queues,
            bucket_events: buckets,
            schedule_events: schedules,
            http_events: http,
            socket_events: websocket,
            reserved_span,
        })
    }
}

fn runtime(fields: &mut Fields<'_>) -> Option<Runtime> {
    let (name, span) = fields.string("runtime")?;
    match Runtime::parse(name) {
        Ok(runtime) => Some(runtime),
        Err(error) => {
            fields.note(Problem::new(error.to_string(), span));
            None
        }
    }
}

fn environment(fields: &mut Fields<'_>) -> Option<EnvironmentVariables> {
    let value = fields.value("environment")?;
    let Some(table) = value.get_ref().as_table() else {
        fields.wrong_type("environment", value, "a table");
        return None;
    };
    let mut variables = BTreeMap::new();
    for (name, value) in table {
        match value.get_ref().as_str() {
            Some(text) => {
                variables.insert(name.get_ref().to_string(), text.to_owned());
            }
            None => fields.wrong_type(name.get_ref(), value, "a string"),
        }
    }
    match EnvironmentVariables::new(variables) {
        Ok(variables) => Some(variables),
        Err(error) => {
            fields.note(Problem::new(error.to_string(), value.span()));
            None
        }
    }
}

fn layers<'d>(fields: &mut Fields<'d>) -> Vec<(&'d str, Range<usize>)> {
    let layers = fields.strings("layers");
    if let Some((_, span)) = layers.get(limits::LAYERS) {
        let message = format!("a function has at most {} layers", limits::LAYERS);
        fields.note(Problem::new(message, span.clone()));
    }
    layers
}

/// What turns modelling off, which is the default.
const NO_PROFILE: &str = "none";

/// Either a profile's name or a table with the parts of a cold start.
fn cold_start(fields: &mut Fields<'_>, seed: u64) -> ColdStartModel {
    let none = ColdStartModel { seed, ..ColdStartModel::default() };
    let Some(value) = fields.value("cold_start") else { return none };
    match value.get_ref() {
        DeValue::String(name) => ColdStartModel { profile: profile(fields, name, value.span()), ..none },
        DeValue::Table(table) => cold_start_table(fields, table, seed),
        _ => {
            fields.wrong_type("cold_start", value, "a profile's name or a table");
            none
        }
    }
}

fn cold_start_table(outer: &mut Fields<'_>, table: &DeTable<'_>, seed: u64) -> ColdStartModel {
    let mut fields = Fields::new("`cold_start`", table);
    let name = fields.string("profile");
    let largest_mib = limits::PACKAGE_UNZIPPED_BYTES / MEBIBYTE;
    let package_mib = fields.integer("package_mib", 0..=largest_mib);
    let read = ColdStartModel {
        profile: name.and_then(|(name, span)| profile(&mut fields, name, span)),
        package_bytes: package_mib.map_or(0, |(mebibytes, _)| mebibytes * MEBIBYTE),
        vpc: fields.boolean("vpc").unwrap_or(false),
        seed: fields.integer("seed", 0..=u64::MAX).map_or(seed, |(seed, _)| seed),
    };
    for problem in fields.finish() {
        outer.note(problem);
    }
    read
}

const MEBIBYTE: u64 = 1024 * 1024;

fn profile(fields: &mut Fields<'_>, name: &str, span: Range<usize>) -> Option<Profile> {
    let profile = Profile::parse(name);
    if profile.is_none() && name != NO_PROFILE {
        let names = Profile::ALL.into_iter().map(Profile::as_str).chain([NO_PROFILE]);
        let message = format!("there is no cold-start profile `{name}`");
        fields.note(Problem::new(message, span).help(suggestion::help(name, names)));
    }
    profile
}
