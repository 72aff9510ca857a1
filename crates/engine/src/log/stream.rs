//! One log stream, as its lines know it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hearth_model::{identity::Version, logging::LogFormat, time::Timestamp};

/// One stream of a log group: what one environment, or a client, wrote.
#[derive(Debug)]
pub struct LogStream {
    name: Arc<str>,
    created_at: Timestamp,
    writer: Option<LogWriter>,
    deleted: AtomicBool,
}

/// The function whose environment writes a stream, and how it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogWriter {
    /// The function's name.
    pub function: Arc<str>,
    /// The version that the environment runs.
    pub version: Version,
    /// How lines are written, and which.
    pub format: LogFormat,
}

impl LogStream {
    pub(super) fn new(name: Arc<str>, created_at: Timestamp, writer: Option<LogWriter>) -> Self {
        Self { name, created_at, writer, deleted: AtomicBool::new(false) }
    }

    /// Its name: `YYYY/MM/DD/[VERSION]` and 32 hexadecimal digits for an environment's, anything for a client's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When its first line was written, or when a client created it.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// The function whose environment writes it; none if clients do.
    #[must_use]
    pub fn function(&self) -> Option<&Arc<str>> {
        self.writer.as_ref().map(|writer| &writer.function)
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Who writes it, if it is an environment.
    pub(super) fn writer(&self) -> Option<&LogWriter> {
        self.writer.as_ref()
    }

    pub(super) fn format(&self) -> LogFormat {
        self.writer.as_ref().map_or(LogFormat::Text, |writer| writer.format)
    }

    /// Streams that clients created stay until they delete them; others go with their last line.
    pub(super) fn is_clients(&self) -> bool {
        self.writer.is_none()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }

    /// Its lines are no longer shown, and whoever writes it begins another one.
    pub(super) fn delete(&self) {
        self.deleted.store(true, Ordering::Release);
    }
}
