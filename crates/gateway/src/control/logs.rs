//! Lines of logs, as the control API tells them.

use hearth_engine::log::{LogGroup, LogLine, Message, Source};
use hearth_model::{identity::RequestId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it was written: `2025-11-24T23:13:29.123Z`.
    pub time: String,
    /// The name of the function that wrote it; the name of the log group if a client did.
    pub function: String,
    /// The log stream.
    pub stream: String,
    /// The request that was served then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// Who wrote it.
    pub source: LogSource,
    /// What it says, without newline at the end.
    pub message: String,
}

/// Who writes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSource {
    /// The guest, to standard output.
    Stdout,
    /// The guest, to standard error.
    Stderr,
    /// Hearth, about the guest.
    Platform,
    /// A client, through `PutLogEvents`.
    Client,
}

impl LogEntry {
    /// A line of a group.
    #[must_use]
    pub fn of(line: &LogLine, group: &LogGroup) -> Self {
        let function = line.stream.function();
        Self {
            time: rfc_3339(line.at),
            function: function.map_or_else(|| group.name().to_string(), |function| function.to_string()),
            stream: line.stream.name().to_owned(),
            request_id: line.request_id,
            source: match &line.message {
                Message::Output { source: Source::Stdout, .. } => LogSource::Stdout,
                Message::Output { source: Source::Stderr, .. } => LogSource::Stderr,
                Message::Platform(_) => LogSource::Platform,
                Message::Event(_) => LogSource::Client,
            },
            message: line.to_string(),
        }
    }
}

fn rfc_3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_unix_millis()).map(|at| format!("{at:.3}")).unwrap_or_default()
}
