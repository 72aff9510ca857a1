//! The platform's lines, as they are written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::document::{read_version, write_version};
use crate::log::{InitPhase, Initialization, InvocationStatus, PlatformLine, ReportLine};

/// A line of the platform's. Versions are numbers, and 0 is `$LATEST`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum PlatformV1<'a> {
    InitStart {
        init: InitV1,
        function: &'a str,
        version: u64,
    },
    InitRuntimeDone {
        init: InitV1,
        #[serde(borrow)]
        status: StatusV1<'a>,
    },
    Start {
        version: u64,
    },
    RuntimeDone {
        duration: Duration,
        produced_bytes: u64,
        #[serde(borrow)]
        status: StatusV1<'a>,
    },
    End,
    #[serde(borrow)]
    Report(ReportV1<'a>),
    InitReport {
        init: InitV1,
        duration: Duration,
        #[serde(borrow)]
        status: StatusV1<'a>,
    },
    Text(&'a str),
}

/// What an environment initialises for, and when.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct InitV1 {
    provisioned: bool,
    within_invocation: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ReportV1<'a> {
    duration: Duration,
    memory_size_mib: u32,
    max_memory_used_mib: u32,
    init_duration: Option<Duration>,
    real_duration: Option<Duration>,
    #[serde(borrow)]
    status: StatusV1<'a>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum StatusV1<'a> {
    Success,
    Timeout,
    Error(&'a str),
}

impl<'a> PlatformV1<'a> {
    pub(super) fn of(line: &'a PlatformLine) -> Self {
        match line {
            PlatformLine::InitStart { initialization, phase, function, version } => Self::InitStart {
                init: InitV1::of(*initialization, *phase),
                function,
                version: write_version(*version),
            },
            PlatformLine::InitRuntimeDone { initialization, phase, status } => Self::InitRuntimeDone {
                init: InitV1::of(*initialization, *phase),
                status: StatusV1::of(status),
            },
            PlatformLine::Start { version } => Self::Start { version: write_version(*version) },
            PlatformLine::RuntimeDone { duration, produced_bytes, status } => Self::RuntimeDone {
                duration: *duration,
                produced_bytes: *produced_bytes as u64,
                status: StatusV1::of(status),
            },
            PlatformLine::End => Self::End,
            PlatformLine::Report(report) => Self::Report(ReportV1 {
                duration: report.duration,
                memory_size_mib: report.memory_size_mib,
                max_memory_used_mib: report.max_memory_used_mib,
                init_duration: report.init_duration,
                real_duration: report.real_duration,
                status: StatusV1::of(&report.status),
            }),
            PlatformLine::InitReport { initialization, duration, phase, status } => Self::InitReport {
                init: InitV1::of(*initialization, *phase),
                duration: *duration,
                status: StatusV1::of(status),
            },
            PlatformLine::Text(text) => Self::Text(text),
        }
    }

    pub(super) fn read(self) -> PlatformLine {
        match self {
            Self::InitStart { init, function, version } => PlatformLine::InitStart {
                initialization: init.initialization(),
                phase: init.phase(),
                function: function.into(),
                version: read_version(version),
            },
            Self::InitRuntimeDone { init, status } => PlatformLine::InitRuntimeDone {
                initialization: init.initialization(),
                phase: init.phase(),
                status: status.read(),
            },
            Self::Start { version } => PlatformLine::Start { version: read_version(version) },
            Self::RuntimeDone { duration, produced_bytes, status } => PlatformLine::RuntimeDone {
                duration,
                produced_bytes: usize::try_from(produced_bytes).unwrap_or(usize::MAX),
                status: status.read(),
            },
            Self::End => PlatformLine::End,
            Self::Report(report) => PlatformLine::Report(ReportLine {
                duration: report.duration,
                memory_size_mib: report.memory_size_mib,
                max_memory_used_mib: report.max_memory_used_mib,
                init_duration: report.init_duration,
                real_duration: report.real_duration,
                status: report.status.read(),
            }),
            Self::InitReport { init, duration, status } => PlatformLine::InitReport {
                initialization: init.initialization(),
                duration,
                phase: init.phase(),
                status: status.read(),
            },
            Self::Text(text) => PlatformLine::Text(text.into()),
        }
    }
}

impl InitV1 {
    fn of(initialization: Initialization, phase: InitPhase) -> Self {
        Self {
            provisioned: initialization == Initialization::Provisioned,
            within_invocation: phase == InitPhase::Invoke,
        }
    }

    const fn initialization(&self) -> Initialization {
        if self.provisioned { Initialization::Provisioned } else { Initialization::OnDemand }
    }

    const fn phase(&self) -> InitPhase {
        if self.within_invocation { InitPhase::Invoke } else { InitPhase::Init }
    }
}

impl<'a> StatusV1<'a> {
    fn of(status: &'a InvocationStatus) -> Self {
        match status {
            InvocationStatus::Success => Self::Success,
            InvocationStatus::Timeout => Self::Timeout,
            InvocationStatus::Error { error_type } => Self::Error(error_type),
        }
    }

    fn read(self) -> InvocationStatus {
        match self {
            Self::Success => InvocationStatus::Success,
            Self::Timeout => InvocationStatus::Timeout,
            Self::Error(error_type) => InvocationStatus::Error { error_type: error_type.into() },
        }
    }
}
