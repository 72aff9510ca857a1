//! What something really takes, whatever the clock says.

use std::time::Duration;

use hearth_model::time::Instant;

use super::machine::MachineClock;

/// Measures real time: what a guest computes while the clock stands.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    machine: MachineClock,
    started: Instant,
}

impl Stopwatch {
    /// One that begins now.
    #[must_use]
    pub fn start() -> Self {
        let machine = MachineClock::start();
        Self { machine, started: machine.now() }
    }

    /// What has passed since.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.machine.now() - self.started
    }
}
