//! One line of a log.

use std::{fmt, mem, sync::Arc};

use hearth_model::{identity::RequestId, time::Timestamp};

use super::platform::PlatformLine;
use crate::ring::Entry;

/// One line, as a log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The line's number in its function's log, from 0, without gaps.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The environment's log stream.
    pub stream: Arc<str>,
    /// The request that was served then; none while an environment initialises for the first time.
    pub request_id: Option<RequestId>,
    /// What it says.
    pub message: Message,
}

/// What a line says; [`Display`](fmt::Display) is its text, without newline at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What the guest wrote.
    Output {
        /// Where it wrote.
        source: Source,
        /// The line, without newline.
        text: Box<str>,
    },
    /// What the platform wrote. It becomes text only when somebody reads it, which few lines ever are.
    Platform(PlatformLine),
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

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output { text, .. } => f.write_str(text),
            Self::Platform(line) => line.fmt(f),
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
            Message::Output { text, .. } => text.len(),
            Message::Platform(line) => line.heap_bytes(),
        };
        mem::size_of::<Self>() + text
    }
}
