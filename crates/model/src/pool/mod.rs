//! The environments of one function, as a pure state machine.
//!
//! A [`Pool`] decides which environment serves an invocation, whether a new one may be created, and when one ends.
//! The caller creates, runs and drops environments; it feeds what happened to `handle_*` and `set_*` and drains
//! [`Pool::poll_output`] after each. [`Pool::poll_timeout`] tells when [`Pool::handle_timeout`] has something to do.
//!
//! | an environment that is | becomes | by |
//! | --- | --- | --- |
//! | not there | provisioning | [`Acquired::Cold`], [`Output::Provision`] |
//! | provisioning | initialising | [`Pool::handle_provisioned`] |
//! | initialising | busy | [`Pool::handle_initialised`], for an invocation |
//! | initialising | idle | [`Pool::handle_ready`], where no invocation waits |
//! | idle | busy | [`Acquired::Warm`] |
//! | busy | idle, resetting or retired | [`Pool::handle_release`], which may also come earlier |
//! | resetting | idle | [`Pool::handle_reset`] |
//! | idle | retired | expiry, pressure, a new generation in its place, deletion, less provisioned concurrency, shutdown |
//!
//! An environment of a generation that is retired, or of a pool that shuts down, retires where it would become idle.
//!
//! Invariants, all of them property tests in `tests/pool`:
//! - No decision takes executions above the function's reserved concurrency, the account's concurrency, or creates
//!   environments faster than the scaling rate.
//! - An environment serves one invocation at a time: an idle environment's `E` lives in the pool, and moves out while it
//!   is busy.
//! - No environment is created while an idle one of the same generation exists, and none is handed out after its idle
//!   lifetime.
//! - Counters follow from the environments: they equal a recount at every moment.

mod account;
mod environment;
mod exchange;
mod generation;
mod machine;
mod policy;
mod reason;

pub use account::{AccountConcurrency, ReservationRefused};
pub use environment::{EnvironmentState, EnvironmentView};
pub use exchange::{Acquired, Output, Released};
pub use generation::Generation;
pub use machine::Pool;
pub use policy::{PoolPolicy, ReuseOrder};
pub use reason::{ColdReason, RetireReason, ThrottleReason};
