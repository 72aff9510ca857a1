//! What a pool and its caller tell each other.

#[cfg(doc)]
use super::Pool;
use super::{ColdReason, Generation, RetireReason, ThrottleReason};
use crate::identity::EnvironmentId;

/// What becomes of an invocation. One that is not throttled must be ended by [`Pool::handle_release`].
#[derive(Debug, PartialEq, Eq)]
pub enum Acquired<E> {
    /// An idle environment serves it.
    Warm {
        /// The environment; busy from now on.
        id: EnvironmentId,
        /// What the caller keeps of it.
        environment: E,
        /// Whether it belongs to the function's provisioned concurrency.
        provisioned: bool,
    },
    /// The caller creates a new environment for it.
    Cold {
        /// The new environment; provisioning from now on.
        id: EnvironmentId,
        /// Why no other could serve.
        reason: ColdReason,
    },
    /// It cannot be served now.
    Throttled(ThrottleReason),
}

/// What is left of an environment that an invocation releases.
#[derive(Debug, PartialEq, Eq)]
pub enum Released<E> {
    /// It can serve the next invocation.
    Reusable(E),
    /// It is being reset: [`Pool::handle_reset`] brings it back.
    Resetting,
    /// It can't be used again.
    Lost,
}

/// What the caller has to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<E> {
    /// Drop an environment.
    Retired {
        /// The environment; the number is not valid any more.
        id: EnvironmentId,
        /// Its code and configuration.
        generation: Generation,
        /// What the caller keeps of it, if it was in the pool.
        environment: Option<E>,
        /// Why it ended.
        reason: RetireReason,
    },
    /// Create an environment that no invocation waits for, run its init, and then call [`Pool::handle_ready`]; if
    /// that fails, [`Pool::handle_release`] with [`Released::Lost`].
    Provision {
        /// The new environment; provisioning from now on.
        id: EnvironmentId,
        /// Its code and configuration.
        generation: Generation,
    },
}
