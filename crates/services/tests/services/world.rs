//! Services on a fake sandbox, at a frozen moment.

use std::{sync::Arc, time::Duration};

use hearth_engine::{
    EngineOptions, Function, InvokeRequest,
    clock::Clock,
    testing::{FakeSandbox, FakeWorld, Handled, empty_package},
    timeline::EventKind,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{FunctionName, Partition, RequestId},
    time::Instant,
};
use hearth_services::{
    Services,
    lambda::{AliasChange, Functions, InvocationError, Publication},
};

pub(crate) struct World {
    pub(crate) services: Arc<Services>,
    pub(crate) clock: Clock,
    pub(crate) sandbox: FakeSandbox,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(EngineOptions::default())
    }

    pub(crate) fn with(options: EngineOptions) -> Self {
        let FakeWorld { engine, clock, sandbox } = FakeWorld::new(options);
        Self { services: Services::new(engine), clock, sandbox }
    }

    pub(crate) fn functions(&self) -> &Functions {
        self.services.functions()
    }

    /// A function that may have this many environments at once, if any number is given.
    pub(crate) async fn deploy(&self, name: &str, reserved_concurrency: Option<u32>) -> Arc<Function> {
        let name = FunctionName::parse(name).expect("a name");
        let configuration =
            FunctionConfiguration { reserved_concurrency, ..FunctionConfiguration::new(name) };
        let deployed = self.functions().deploy(&here(), configuration, empty_package(), Vec::new()).await;
        deployed.expect("it deploys")
    }

    /// Publishes version 1 of a function, with an alias that points to it.
    pub(crate) fn publish(&self, function: &str, alias: &str) {
        let version = self.functions().publish(&here(), function, Publication::default()).expect("a version");
        self.point(function, alias, &version.deployed.version.to_string());
    }

    /// Lets an alias that may be new point to a version.
    pub(crate) fn point(&self, function: &str, alias: &str, version: &str) {
        let change = || AliasChange { version: Some(version.to_owned()), ..AliasChange::default() };
        let functions = self.functions();
        let created = functions.create_alias(&here(), function, alias, change());
        created.or_else(|_| functions.update_alias(&here(), function, alias, change())).expect("an alias");
    }

    /// Sends an event, as `Event` does.
    pub(crate) fn send(&self, function: &str, event: &str) -> RequestId {
        self.try_send(function, event).expect("it is accepted")
    }

    pub(crate) fn try_send(&self, function: &str, event: &str) -> Result<RequestId, InvocationError> {
        let event = serde_json::to_vec(event).expect("a text").into();
        let request = InvokeRequest { event, ..InvokeRequest::default() };
        self.functions().accept(&here(), function, None, request)
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds)).await;
    }

    /// When an event was tried, in seconds from the beginning.
    pub(crate) fn attempts(&self, id: RequestId) -> Vec<u64> {
        let events = self.services.engine().timeline().snapshot().into_iter();
        let attempts = events.filter(|event| matches!(event.kind, EventKind::Attempt { .. }));
        let mine = attempts.filter(|event| event.request_id() == Some(id));
        mine.map(|event| (event.at - Instant::ORIGIN).as_secs()).collect()
    }

    /// The invocations of a function since the last call.
    pub(crate) fn handled(&self, function: &str) -> Vec<Handled> {
        let mut handled = self.sandbox.take_handled();
        let arn = arn(function);
        handled.retain(|handled| handled.invoked_function_arn.starts_with(&arn));
        handled
    }
}

/// Where everything is.
pub(crate) fn here() -> Partition {
    Partition::default()
}

/// A function's ARN.
pub(crate) fn arn(function: &str) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:function:{function}")
}
