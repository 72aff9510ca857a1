//! The lines that the platform itself writes, in the text form of Lambda's log format.
//!
//! Sources: the log events recorded from AWS (`lambda.json` in the golden data) for START, END and REPORT; the Lambda
//! developer guide, "Understanding the Lambda execution environment lifecycle", for INIT_REPORT and the status of
//! failed phases.

use std::{fmt, time::Duration};

use hearth_model::identity::{RequestId, Version};

use super::split::LINE_BYTES;

/// A line of the platform's; [`Display`](fmt::Display) is its text, without newline at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformLine {
    /// An invocation begins.
    Start {
        /// The invocation.
        request_id: RequestId,
        /// The version that serves it.
        version: Version,
    },
    /// An invocation has ended.
    End {
        /// The invocation.
        request_id: RequestId,
    },
    /// What an invocation took.
    Report(ReportLine),
    /// An initialisation that did not end well.
    InitReport {
        /// What it took.
        duration: Duration,
        /// When it ran.
        phase: InitPhase,
        /// How it ended.
        status: InvocationStatus,
    },
    /// Anything else, such as why an invocation failed; see [`PlatformLine::text`].
    Text(Box<str>),
}

/// When an environment initialises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitPhase {
    /// Before the invocation.
    Init,
    /// Within the invocation, at its expense.
    Invoke,
}

/// The content of a REPORT line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The invocation.
    pub request_id: RequestId,
    /// What the invocation took, without the initialisation before it.
    pub duration: Duration,
    /// What is paid for.
    pub billed: Duration,
    /// The function's memory.
    pub memory_size_mib: u32,
    /// The most memory that the environment has had.
    pub max_memory_used_mib: u32,
    /// The initialisation before the invocation, if there was one.
    pub init_duration: Option<Duration>,
    /// How the invocation ended.
    pub status: InvocationStatus,
}

/// How an invocation or an initialisation ended, as the platform's lines say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvocationStatus {
    /// Well, or with an error that the handler reported.
    Success,
    /// The time was up.
    Timeout,
    /// Otherwise.
    Error {
        /// The class of the error, such as `Runtime.ExitError`.
        error_type: Box<str>,
    },
}

impl PlatformLine {
    /// A line of any text, which may itself have newlines; what exceeds an event of CloudWatch Logs is cut off.
    #[must_use]
    pub fn text(mut text: String) -> Self {
        text.truncate(text.floor_char_boundary(LINE_BYTES));
        Self::Text(text.into())
    }

    /// What it takes beyond its own size.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Start { .. } | Self::End { .. } => 0,
            Self::Report(report) => report.status.heap_bytes(),
            Self::InitReport { status, .. } => status.heap_bytes(),
            Self::Text(text) => text.len(),
        }
    }
}

impl InvocationStatus {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Success | Self::Timeout => 0,
            Self::Error { error_type } => error_type.len(),
        }
    }
}

impl fmt::Display for PlatformLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { request_id, version } => {
                write!(f, "START RequestId: {request_id} Version: {version}")
            }
            Self::End { request_id } => write!(f, "END RequestId: {request_id}"),
            Self::Report(report) => report.fmt(f),
            Self::InitReport { duration, phase, status } => {
                let phase = match phase {
                    InitPhase::Init => "init",
                    InitPhase::Invoke => "invoke",
                };
                write!(f, "INIT_REPORT Init Duration: {} ms\tPhase: {phase}\t{status}", Millis(*duration))
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for ReportLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            self.request_id,
            Millis(self.duration),
            self.billed.as_millis(),
            self.memory_size_mib,
            self.max_memory_used_mib,
        )?;
        if let Some(init) = self.init_duration {
            write!(f, "Init Duration: {} ms\t", Millis(init))?;
        }
        self.status.fmt(f)
    }
}

impl fmt::Display for InvocationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => Ok(()),
            Self::Timeout => f.write_str("Status: timeout"),
            Self::Error { error_type } => write!(f, "Status: error\tError Type: {error_type}"),
        }
    }
}

/// Milliseconds with two places.
struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0.as_micros() / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}
