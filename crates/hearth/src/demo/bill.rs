//! What the demo's invocations would have cost on Lambda.

use std::time::Duration;

use hearth_engine::Function;
use hearth_model::{
    cost::{self, Cost},
    function::FunctionConfiguration,
};

use super::stage::Taken;

/// The sum of all invocations. Throttled ones cost nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bill {
    pub(super) invocations: u64,
    pub(super) billed: Duration,
    pub(super) cost: Cost,
}

impl Bill {
    pub(super) fn add(&mut self, function: &Function, taken: &Taken) {
        let Ok(reply) = &taken.result else { return };
        self.add_run(&function.configuration(), reply.report.billed);
    }

    pub(super) fn add_run(&mut self, configuration: &FunctionConfiguration, billed: Duration) {
        self.invocations += 1;
        self.billed += billed;
        self.cost =
            self.cost + cost::estimate(1, billed, configuration.memory, configuration.ephemeral_storage);
    }
}
