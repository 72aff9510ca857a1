//! What functions and the platform say while they run, and what clients add.
//!
//! A log group has a bound in bytes; each environment of the functions that write to it writes a stream of it, as in
//! CloudWatch.

mod environment;
mod group;
mod groups;
mod kept;
mod level;
mod line;
mod platform;
mod platform_json;
mod split;
mod stream;
mod tail;

#[cfg(feature = "testing")]
pub use self::kept::read_raw_segment;
pub(crate) use self::platform_json::iso_8601;
pub use self::{
    environment::EnvironmentLog,
    group::{LogFollower, LogGroup, Renumbering},
    groups::{LogGroups, NewLogGroups},
    kept::{EarlierLines, inspect_logs},
    line::{LogLine, Message, Source},
    platform::{InitPhase, Initialization, InvocationStatus, PlatformLine, ReportLine},
    stream::{LogStream, LogWriter},
};
