//! What functions and the platform say while they run, and what clients add.
//!
//! A log group has a bound in bytes; each environment of the functions that write to it writes a stream of it, as in
//! CloudWatch.

mod environment;
mod group;
mod groups;
mod level;
mod line;
mod platform;
mod platform_json;
mod split;
mod stream;
mod tail;

pub(crate) use self::platform_json::iso_8601;
pub use self::{
    environment::EnvironmentLog,
    group::{LogFollower, LogGroup},
    groups::{LogGroups, NewLogGroups},
    line::{LogLine, Message, Source},
    platform::{InitPhase, Initialization, InvocationStatus, PlatformLine, ReportLine},
    stream::{LogStream, LogWriter},
};
