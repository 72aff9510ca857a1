//! The lines that the platform itself writes, and how they look as text.
//!
//! Sources: the log events recorded from AWS (`lambda.json` in the golden data) for START, END and REPORT; the Lambda
//! developer guide, "Understanding the Lambda execution environment lifecycle", for INIT_REPORT and the status of
//! failed phases.

use std::{fmt, sync::Arc, time::Duration};

use hearth_model::{
    cost::billed,
    identity::{RequestId, Version},
    logging::SystemLogLevel,
};

use super::split::LINE_BYTES;

/// A line of the platform's. Which lines there are depends on the log's format; of which invocation they are says the
/// [`LogLine`](super::LogLine) around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformLine {
    /// An environment begins to initialise. Only in JSON.
    InitStart {
        /// What for.
        initialization: Initialization,
        /// When.
        phase: InitPhase,
        /// The function.
        function: Arc<str>,
        /// The version that it will serve.
        version: Version,
    },
    /// An environment's code has initialised. Only in JSON.
    InitRuntimeDone {
        /// What for.
        initialization: Initialization,
        /// When.
        phase: InitPhase,
        /// How it ended.
        status: InvocationStatus,
    },
    /// An invocation begins.
    Start {
        /// The version that serves it.
        version: Version,
    },
    /// An invocation's handler has ended. Only in JSON.
    RuntimeDone {
        /// What the handler took.
        duration: Duration,
        /// How large its answer is.
        produced_bytes: usize,
        /// How it ended.
        status: InvocationStatus,
    },
    /// An invocation has ended. Only in text.
    End,
    /// What an invocation took.
    Report(ReportLine),
    /// What an initialisation took. In text only if it did not end well.
    InitReport {
        /// What it was for.
        initialization: Initialization,
        /// What it took.
        duration: Duration,
        /// When it ran.
        phase: InitPhase,
        /// How it ended.
        status: InvocationStatus,
    },
    /// Why an invocation failed, in the format of the log; see [`PlatformLine::text`].
    Text(Box<str>),
}

/// What an environment is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialization {
    /// An invocation that waits for it.
    OnDemand,
    /// Provisioned concurrency.
    Provisioned,
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
    /// What the invocation took, without the initialisation before it.
    pub duration: Duration,
    /// The function's memory.
    pub memory_size_mib: u32,
    /// The most memory that the environment has had.
    pub max_memory_used_mib: u32,
    /// The initialisation before the invocation, if there was one.
    pub init_duration: Option<Duration>,
    /// What the invocation really computed, if the clock stood meanwhile: then the duration has only what the guest waited for.
    pub real_duration: Option<Duration>,
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

    /// Whether a log in text has this line.
    pub(super) fn has_text(&self) -> bool {
        match self {
            Self::InitStart { .. } | Self::InitRuntimeDone { .. } | Self::RuntimeDone { .. } => false,
            Self::InitReport { status, .. } => !status.is_success(),
            Self::Start { .. } | Self::End | Self::Report(_) | Self::Text(_) => true,
        }
    }

    /// What it takes beyond its own size.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::InitStart { .. } | Self::Start { .. } | Self::End => 0,
            Self::InitRuntimeDone { status, .. } | Self::RuntimeDone { status, .. } => status.heap_bytes(),
            Self::Report(report) => report.status.heap_bytes(),
            Self::InitReport { status, .. } => status.heap_bytes(),
            Self::Text(text) => text.len(),
        }
    }
}

impl Initialization {
    /// How Lambda names it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Provisioned => "provisioned-concurrency",
        }
    }

    /// The level of the report of one that ended well.
    pub(super) const fn report_level(self) -> SystemLogLevel {
        match self {
            Self::OnDemand => SystemLogLevel::Debug,
            Self::Provisioned => SystemLogLevel::Info,
        }
    }
}

impl InitPhase {
    /// How Lambda names it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Invoke => "invoke",
        }
    }
}

impl InvocationStatus {
    pub(super) fn is_success(&self) -> bool {
        *self == Self::Success
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Success | Self::Timeout => 0,
            Self::Error { error_type } => error_type.len(),
        }
    }
}

impl PlatformLine {
    /// Writes the line as text, without newline at the end.
    pub(super) fn fmt_text(&self, request_id: Option<RequestId>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request_id = request_id.map(|id| id.to_string()).unwrap_or_default();
        match self {
            Self::Start { version } => write!(f, "START RequestId: {request_id} Version: {version}"),
            Self::End => write!(f, "END RequestId: {request_id}"),
            Self::Report(report) => report.fmt_text(&request_id, f),
            Self::InitReport { duration, phase, status, .. } => {
                let phase = phase.as_str();
                write!(f, "INIT_REPORT Init Duration: {} ms\tPhase: {phase}\t{status}", Millis(*duration))
            }
            Self::InitStart { .. } | Self::InitRuntimeDone { .. } | Self::RuntimeDone { .. } => Ok(()),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl ReportLine {
    /// What is paid for.
    #[must_use]
    pub fn billed(&self) -> Duration {
        billed(self.duration.saturating_add(self.init_duration.unwrap_or_default()))
    }

    fn fmt_text(&self, request_id: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            request_id,
            Millis(self.duration),
            self.billed().as_millis(),
            self.memory_size_mib,
            self.max_memory_used_mib,
        )?;
        if let Some(init) = self.init_duration {
            write!(f, "Init Duration: {} ms\t", Millis(init))?;
        }
        if let Some(real) = self.real_duration {
            write!(f, "Real Duration: {} ms\t", Millis(real))?;
        }
        write!(f, "{}", self.status)
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
