//! Drives the model on tokio: the clock, environments, the ways of invoking a function, the timeline.
//!
//! The engine owns the port behind which sandboxes stand, and names no service.

pub mod clock;
pub mod log;
pub mod package;
pub mod port;
mod ring;

pub use self::ring::Followed;
