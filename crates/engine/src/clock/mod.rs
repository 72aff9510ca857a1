//! The one clock: every deadline, timestamp and sleep of Hearth and of its guests comes from here.
//!
//! A real clock follows the machine. A steered one does so too, or stands still until somebody moves it, deadline by deadline;
//! it goes on only when nothing is going on any more that could still happen at the last one.

mod machine;
mod reading;
mod sleep;
mod steered;
mod stopwatch;

pub use self::{reading::Clock, sleep::Sleep, stopwatch::Stopwatch};
