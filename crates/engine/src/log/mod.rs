//! What functions and the platform say while they run.
//!
//! A function has one log with a bound in bytes; each of its environments writes a stream of it, as in CloudWatch.

mod environment;
mod function;
mod line;
mod platform;
mod split;

pub use self::{
    environment::EnvironmentLog,
    function::{FunctionLog, LogFollower},
    line::{LogLine, Message, Source},
    platform::{InitPhase, InvocationStatus, PlatformLine, ReportLine},
};
