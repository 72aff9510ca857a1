//! The one clock: every deadline, timestamp and sleep of Hearth and of its guests comes from here.
//!
//! A real clock follows the machine; a frozen one stands still until somebody advances it.

mod frozen;
mod machine;
mod reading;
mod sleep;

pub use self::{reading::Clock, sleep::Sleep};
