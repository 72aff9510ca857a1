//! What the control API answers.

use hearth_engine::{Engine, Function, metrics::MetricsSnapshot};
use hearth_model::{
    identity::EnvironmentId,
    pool::{EnvironmentState, Generation},
};
use serde::{Deserialize, Serialize};

/// Whether Hearth runs, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`: whatever answers is well.
    pub status: String,
    /// Hearth's version.
    pub version: String,
    /// How many functions are deployed.
    pub functions: usize,
    /// How many invocations run.
    pub running: usize,
}

/// All environments that are alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environments {
    /// By function, and then in the order of their creation.
    pub environments: Vec<EnvironmentEntry>,
}

/// One environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentEntry {
    /// The function's name.
    pub function: String,
    /// The function's ARN, which tells account and region too.
    pub function_arn: String,
    /// The environment's number, unique in this process.
    pub id: EnvironmentId,
    /// Which deployment of the function it runs; the first is 1.
    pub generation: Generation,
    /// What it is doing.
    pub state: EnvironmentState,
    /// For how long it has been doing that, in milliseconds of the engine's clock.
    pub state_ms: u64,
    /// How many invocations it has served, the running one included.
    pub invocations: u64,
    /// Whether it belongs to the function's provisioned concurrency.
    pub provisioned: bool,
}

/// The counters of all functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Metrics {
    functions: Vec<FunctionMetrics>,
}

/// The counters of one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FunctionMetrics {
    function: String,
    function_arn: String,
    /// Invocations that run now.
    concurrency: u32,
    #[serde(flatten)]
    counters: MetricsSnapshot,
}

impl Health {
    pub(super) fn of(engine: &Engine) -> Self {
        Self {
            status: "ok".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            functions: engine.functions().len(),
            running: engine.work().running(),
        }
    }
}

impl Environments {
    pub(super) fn of(engine: &Engine) -> Self {
        let now = engine.clock().now();
        let entries = |function: &Function| {
            let name = function.name().to_string();
            let function_arn = function.arn().to_string();
            function.environments().into_iter().map(move |environment| EnvironmentEntry {
                function: name.clone(),
                function_arn: function_arn.clone(),
                id: environment.id,
                generation: environment.generation,
                state: environment.state,
                state_ms: u64::try_from((now - environment.since).as_millis()).unwrap_or(u64::MAX),
                invocations: environment.invocations,
                provisioned: environment.provisioned,
            })
        };
        Self { environments: engine.functions().iter().flat_map(|function| entries(function)).collect() }
    }
}

impl Metrics {
    pub(super) fn of(engine: &Engine) -> Self {
        let metrics = |function: &Function| FunctionMetrics {
            function: function.name().to_string(),
            function_arn: function.arn().to_string(),
            concurrency: function.concurrency(),
            counters: function.metrics(),
        };
        Self { functions: engine.functions().iter().map(|function| metrics(function)).collect() }
    }
}
