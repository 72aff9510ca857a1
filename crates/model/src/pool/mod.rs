//! The environments of one function, as a pure state machine.
//!
//! A [`Pool`] decides which environment serves an invocation, whether a new one may be created, and when one ends.
//! The caller creates, runs and drops environments; it feeds what happened to `handle_*` and `set_*` and drains
//! [`Pool::poll_output`] after each. [`Pool::poll_timeout`] tells when [`Pool::handle_timeout`] has something to do.
//!
//! ```text
//!              acquire, Output::Provision
//!                         │
//!                   Provisioning ── provisioned ──▶ Initialising ──────────┐
//!                                                        │ initialised     │ ready
//!                         ┌──────────── acquire ──────── ▼ ◀─────┐         ▼
//!                         │                             Busy     └────── Idle ──▶ retired: expired,
//!                         │                              │ release         ▲      code changed, …
//!                         │       reset                  ├─────────────────┤
//!                      Resetting ◀───────────────────────┤ reusable        │
//!                         └──────────────────────────────┼─────────────────┘
//!                                                        └──▶ retired: lost, init failed, …
//! ```
//!
//! Invariants, all of them property tests in `tests`:
//! - No decision takes executions above the function's reserved concurrency, the account's concurrency, or creates
//!   environments faster than the scaling rate.
//! - An environment serves one invocation at a time: an idle environment's `E` lives in the pool, and moves out while it
//!   is busy.
//! - No environment is created while an idle one of the same generation exists, and none is handed out after its idle
//!   lifetime.
//! - Counters follow from the environments: they equal a recount at every moment.

mod account;
mod environment;
mod generation;
mod machine;
mod policy;
mod reason;
mod scaling;

pub use account::{AccountConcurrency, ReservationRefused};
pub use environment::{EnvironmentState, EnvironmentView};
pub use generation::Generation;
pub use machine::{Acquired, Output, Pool, Released};
pub use policy::{PoolPolicy, ReuseOrder};
pub use reason::{ColdReason, RetireReason, ThrottleReason};
