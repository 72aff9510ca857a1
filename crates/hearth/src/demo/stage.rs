//! What the stages stand on: functions made of the samples, and invocations whose times are taken.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::{
    DeployError, Engine, Function, InvokeError, InvokeReply, InvokeRequest,
    package::{Package, PackageFile, PackagePath},
};
use hearth_model::{
    function::{FunctionConfiguration, MemorySize, Timeout},
    identity::{FunctionName, Partition},
};
use hearth_services::Services;
use thiserror::Error;
use tokio::task::JoinSet;

use super::bill::Bill;
use crate::client::Endpoint;

/// Makes thumbnails of photographs.
pub(super) const THUMBNAIL: Sample =
    Sample { name: "thumbnail", wasm: include_bytes!("../../../../functions/thumbnail/thumbnail.wasm") };
/// Does what the event says, good or bad.
pub(super) const MISBEHAVE: Sample =
    Sample { name: "misbehave", wasm: include_bytes!("../../../../functions/misbehave/misbehave.wasm") };
/// A photograph in the public domain, see `fixtures/README.md`.
pub(super) const PHOTOGRAPH: &[u8] = include_bytes!("../../../../fixtures/astronaut.jpg");

/// The compiled code of a sample in `functions/`.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) wasm: &'static [u8],
}

/// Where the demo takes place.
pub(super) struct Stage {
    services: Arc<Services>,
    endpoint: Endpoint,
    bill: Bill,
}

/// Something that the demo shows did not happen.
#[derive(Debug, Error)]
#[error("the demo's {stage} went wrong: {what}")]
struct Unexpected {
    stage: &'static str,
    what: String,
}

pub(super) fn unexpected(stage: &'static str, what: &str) -> Box<dyn std::error::Error + Send + Sync> {
    Unexpected { stage, what: what.to_owned() }.into()
}

/// An invocation, and how long its caller waited.
pub(super) struct Taken {
    pub(super) result: Result<InvokeReply, InvokeError>,
    pub(super) waited: Duration,
}

impl Sample {
    pub(super) fn configuration(&self) -> FunctionConfiguration {
        FunctionConfiguration::new(FunctionName::parse(self.name).expect("samples have valid names"))
    }

    pub(super) fn package(&self) -> Arc<Package> {
        let path = PackagePath::parse("bootstrap.wasm").expect("a valid path");
        let file = PackageFile { content: Bytes::from_static(self.wasm) };
        Arc::new(Package::new(BTreeMap::from([(path, file)])).expect("one file is a package"))
    }
}

impl Stage {
    pub(super) fn new(services: Arc<Services>, endpoint: Endpoint) -> Self {
        Self { services, endpoint, bill: Bill::default() }
    }

    /// What there is.
    pub(super) fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// Where it answers.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What all invocations so far would have cost.
    pub(super) fn bill(&self) -> &Bill {
        &self.bill
    }

    /// Puts an invocation on the bill that nobody waited for.
    pub(super) fn pay(&mut self, configuration: &FunctionConfiguration, billed: Duration) {
        self.bill.add_run(configuration, billed);
    }

    /// Deploys a sample; tells how long that took.
    pub(super) async fn deploy(
        &self,
        sample: &Sample,
        configure: impl FnOnce(&mut FunctionConfiguration),
    ) -> Result<(Arc<Function>, Duration), DeployError> {
        let mut configuration = sample.configuration();
        configure(&mut configuration);
        let (engine, package) = (self.services.engine(), sample.package());
        let clock = engine.clock();
        let began = clock.now();
        let function = engine.deploy(Partition::default(), configuration, package, Vec::new()).await?;
        Ok((function, clock.now() - began))
    }

    /// Invokes a function once.
    pub(super) async fn invoke(&mut self, function: &Arc<Function>, event: &str) -> Taken {
        let taken = invoke(self.services.engine(), function, Bytes::copy_from_slice(event.as_bytes())).await;
        self.bill.add(function, &taken);
        taken
    }

    /// Invokes a function so many times at once; tells also how long all of them took together.
    pub(super) async fn invoke_at_once(
        &mut self,
        function: &Arc<Function>,
        event: &str,
        times: usize,
    ) -> (Vec<Taken>, Duration) {
        let event = Bytes::copy_from_slice(event.as_bytes());
        let engine = self.services.engine();
        let began = engine.clock().now();
        let mut running = JoinSet::new();
        for _ in 0..times {
            let (engine, function, event) = (Arc::clone(engine), Arc::clone(function), event.clone());
            running.spawn(async move { invoke(&engine, &function, event).await });
        }
        let taken = running.join_all().await;
        let took = engine.clock().now() - began;
        for taken in &taken {
            self.bill.add(function, taken);
        }
        (taken, took)
    }
}

async fn invoke(engine: &Arc<Engine>, function: &Arc<Function>, event: Bytes) -> Taken {
    let began = engine.clock().now();
    let result = engine.invoke(function, InvokeRequest { event, ..InvokeRequest::default() }).await;
    Taken { result, waited: engine.clock().now() - began }
}

/// A function's memory; the demo's own numbers are within the limits.
pub(super) fn memory(mib: u32) -> MemorySize {
    MemorySize::try_from(mib).expect("within the limits")
}

/// A function's timeout; the demo's own numbers are within the limits.
pub(super) fn timeout(seconds: u32) -> Timeout {
    Timeout::try_from(seconds).expect("within the limits")
}

/// The value below which a share of the sorted values lies.
pub(super) fn quantile(sorted: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a short list"
    )]
    let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occur() {
        let values: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&values, 0.5), Duration::from_millis(50));
        assert_eq!(quantile(&values, 0.99), Duration::from_millis(99));
        assert_eq!(quantile(&values[..1], 0.99), Duration::from_millis(1));
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }
}
