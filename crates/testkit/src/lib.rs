//! Hearth inside a Rust test.
//!
//! ```no_run
//! # async fn test() -> Result<(), hearth_testkit::StartError> {
//! use std::time::Duration;
//!
//! use hearth_testkit::Hearth;
//!
//! let hearth = Hearth::builder().manifest("hearth.toml").frozen_at("2026-01-01T00:00:00Z").start().await?;
//! hearth.advance(Duration::from_secs(30 * 24 * 60 * 60)).await;
//! assert_eq!(hearth.invocations("nightly-report").len(), 30);
//! # Ok(())
//! # }
//! ```
//!
//! Each [`Hearth`] has a port, a clock and a world of its own, and ends when it is dropped; those of one process share compiled
//! code, so that a start takes milliseconds and dozens run side by side. The features `lambda`, `s3` and `sqs` bring clients of the
//! AWS SDK that are ready; without them any client will do that can be given [an endpoint](Hearth::url).

mod builder;
mod error;
mod hearth;
mod invocation;
mod sandbox;
#[cfg(feature = "sdk")]
mod sdk;

pub use hearth_engine::{
    clock::Clock,
    settle::Tally,
    timeline::{Event, EventKind, Outcome},
};
pub use hearth_model::time::Timestamp;

pub use self::{builder::Builder, error::StartError, hearth::Hearth, invocation::Invocation};
