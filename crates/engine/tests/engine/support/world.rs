//! An engine on a fake sandbox, at a frozen moment.

use std::{future::Future, sync::Arc, time::Duration};

use hearth_engine::{
    Engine, EngineOptions, Function, InvokeError, InvokeReply, InvokeRequest,
    clock::Clock,
    testing::{FakeSandbox, FakeWorld, empty_package},
    timeline::EventKind,
    work::WorkKind,
};
use hearth_model::{
    function::{FunctionConfiguration, Timeout},
    identity::{FunctionName, Partition, Version},
};
use tokio::task::JoinSet;

pub(crate) struct World {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Clock,
    pub(crate) sandbox: FakeSandbox,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(EngineOptions::default())
    }

    pub(crate) fn with(options: EngineOptions) -> Self {
        let FakeWorld { engine, clock, sandbox } = FakeWorld::new(options);
        Self { engine, clock, sandbox }
    }

    /// A function with a timeout of 3 seconds.
    pub(crate) async fn deploy(&self, name: &str) -> Arc<Function> {
        self.deploy_as(configuration(name)).await
    }

    pub(crate) async fn deploy_as(&self, configuration: FunctionConfiguration) -> Arc<Function> {
        let deployed =
            self.engine.deploy(Partition::default(), configuration, empty_package(), Vec::new()).await;
        deployed.expect("it deploys")
    }

    /// An invocation that needs no time, or for which `World::while_passing` lets it pass.
    pub(crate) async fn invoke(&self, function: &Arc<Function>, event: &str) -> InvokeReply {
        self.try_invoke(function, event).await.expect("it is not turned away")
    }

    pub(crate) async fn try_invoke(
        &self,
        function: &Arc<Function>,
        event: &str,
    ) -> Result<InvokeReply, InvokeError> {
        // The clock waits for it as it would for a client's.
        self.clock.activity().watch(WorkKind::Connection, self.engine.invoke(function, request(event))).await
    }

    /// As `try_invoke`, of a version that is not `$LATEST`.
    pub(crate) async fn try_invoke_version(
        &self,
        function: &Arc<Function>,
        number: u64,
        event: &str,
    ) -> Result<InvokeReply, InvokeError> {
        let version = Version::Published(number);
        self.engine.invoke(function, InvokeRequest { version, ..request(event) }).await
    }

    /// As many invocations at once, in tasks of their own.
    pub(crate) fn invoke_many(
        &self,
        function: &Arc<Function>,
        count: usize,
        event: &'static str,
    ) -> JoinSet<Result<InvokeReply, InvokeError>> {
        let mut invocations = JoinSet::new();
        for _ in 0..count {
            let (engine, function) = (Arc::clone(&self.engine), Arc::clone(function));
            let invocation = async move { engine.invoke(&function, request(event)).await };
            invocations.spawn(self.clock.activity().watch(WorkKind::Connection, invocation));
        }
        invocations
    }

    /// Lets time pass while something happens.
    pub(crate) async fn while_passing<T>(&self, time: Duration, action: impl Future<Output = T>) -> T {
        tokio::join!(action, self.clock.advance(time)).0
    }

    /// All events of the timeline about this function.
    pub(crate) fn events(&self, function: &Function) -> Vec<EventKind> {
        let events = self.engine.timeline().snapshot().into_iter();
        events.filter(|event| event.function() == Some(function.name())).map(|event| event.kind).collect()
    }
}

pub(crate) fn configuration(name: &str) -> FunctionConfiguration {
    FunctionConfiguration::new(FunctionName::parse(name).expect("a name"))
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn timeout(seconds: u32) -> Timeout {
    Timeout::try_from(seconds).expect("a timeout")
}

pub(crate) fn request(event: &str) -> InvokeRequest {
    InvokeRequest { event: event.to_owned().into(), ..InvokeRequest::default() }
}

/// The answer of an invocation that ended well.
pub(crate) fn answer(reply: &InvokeReply) -> &str {
    let answer = reply.result.as_ref().expect("it ended well");
    std::str::from_utf8(answer).expect("an answer is text")
}

/// The function's log as text, with the invocation's id replaced by `ID`, and without what was computed in real time.
pub(crate) fn text(function: &Function, reply: &InvokeReply) -> Vec<String> {
    let id = reply.request_id.to_string();
    let lines = function.log().snapshot();
    let text = |line: String| without_real(&without_real(&line, "Real Duration: "), ",\"realDurationMs\":");
    lines.iter().map(|line| text(line.to_string().replace(&id, "ID"))).collect()
}

/// A line without what it says of real time behind this.
fn without_real(line: &str, begin: &str) -> String {
    let Some((before, rest)) = line.split_once(begin) else { return line.to_owned() };
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    format!("{before}{}", behind.strip_prefix(" ms\t").unwrap_or(behind))
}
