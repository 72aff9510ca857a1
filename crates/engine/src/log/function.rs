//! The log of one function.

use std::sync::Arc;

use hearth_model::identity::Version;

use super::{environment::EnvironmentLog, line::LogLine};
use crate::{
    clock::Clock,
    ring::{Followed, Follower, Ring},
};

/// The log of one function: the newest lines of all its environments, up to a bound.
#[derive(Debug)]
pub struct FunctionLog {
    clock: Clock,
    lines: Arc<Ring<LogLine>>,
}

impl FunctionLog {
    /// How many bytes of lines a function's log keeps unless told otherwise: some ten thousand invocations.
    pub const DEFAULT_CAPACITY_BYTES: usize = 4 * 1024 * 1024;

    /// A log that keeps up to `capacity_bytes` of lines, counted as they lie in memory.
    #[must_use]
    pub fn new(clock: Clock, capacity_bytes: usize) -> Self {
        Self { clock, lines: Arc::new(Ring::new(capacity_bytes)) }
    }

    /// Opens a stream for a new environment, named `YYYY/MM/DD/[VERSION]` and `unique` as 32 hexadecimal digits.
    #[must_use]
    pub fn stream(&self, version: Version, unique: u128) -> EnvironmentLog {
        EnvironmentLog::new(self.clock.clone(), Arc::clone(&self.lines), version, unique)
    }

    /// All lines that are kept, oldest first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<LogLine> {
        self.lines.snapshot()
    }

    /// How many lines have gone to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lines.dropped()
    }

    /// Follows the log: only what is written from now on.
    #[must_use]
    pub fn follow(&self) -> LogFollower {
        LogFollower(self.lines.follow())
    }

    /// Follows the log, beginning with the lines that are kept.
    #[must_use]
    pub fn follow_from_start(&self) -> LogFollower {
        LogFollower(self.lines.follow_from_start())
    }
}

/// Reads a log as it grows.
#[derive(Debug)]
pub struct LogFollower(Follower<LogLine>);

impl LogFollower {
    /// Waits for lines. Cancel safe. A follower that is slower than the writers misses lines and learns how many.
    pub async fn next(&mut self) -> Followed<LogLine> {
        self.0.next().await
    }
}
