//! One line of a log.

use std::{borrow::Cow, fmt, mem, sync::Arc};

use hearth_model::{identity::RequestId, logging::LogFormat, time::Timestamp};

use super::{platform::PlatformLine, stream::LogStream};
use crate::ring::Entry;

/// One line, as a log keeps it; [`Display`](fmt::Display) is its text in its stream's format, without newline at the end.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The line's number in its group, from 0, without gaps.
    pub sequence: u64,
    /// When it was written; for a client's, when the client says it happened.
    pub at: Timestamp,
    /// When it came into the log.
    pub ingested_at: Timestamp,
    /// The stream that it belongs to.
    pub stream: Arc<LogStream>,
    /// The request that was served then; none while an environment initialises for the first time, and of clients'.
    pub request_id: Option<RequestId>,
    /// What it says.
    pub message: Message,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What the guest wrote.
    Output {
        /// Where it wrote.
        source: Source,
        /// The line, without newline.
        text: Arc<str>,
    },
    /// What the platform wrote. It becomes text only when somebody reads it, which few lines ever are.
    Platform(PlatformLine),
    /// What a client wrote, as it is; may have newlines anywhere.
    Event(Arc<str>),
}

/// A guest's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl LogLine {
    /// Its text in its stream's format, without newline at the end unless a client put one there.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.message {
            Message::Output { text, .. } | Message::Event(text) => Cow::Borrowed(text),
            Message::Platform(_) => Cow::Owned(self.to_string()),
        }
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, self.stream.format()) {
            (Message::Output { text, .. } | Message::Event(text), _) => f.write_str(text),
            (Message::Platform(line), LogFormat::Text) => line.fmt_text(self.request_id, f),
            (Message::Platform(line), LogFormat::Json(_)) => line.fmt_json(self.at, self.request_id, f),
        }
    }
}

impl Entry for LogLine {
    fn set_sequence(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// The bytes that it takes in memory.
    fn weight(&self) -> usize {
        let text = match &self.message {
            Message::Output { text, .. } | Message::Event(text) => text.len(),
            Message::Platform(line) => line.heap_bytes(),
        };
        mem::size_of::<Self>() + text
    }
}
