//! What an environment's log says of its initialisation.

use std::{sync::Arc, time::Duration};

use hearth_model::{outcome::Failure, time::Timestamp};

use super::error_lines::report_status;
use crate::{
    function::Sandboxed,
    log::{InitPhase, Initialization, PlatformLine},
    timeline::EventKind,
};

/// One initialisation, as the log tells it.
#[derive(Clone, Copy)]
pub(super) struct InitLog {
    pub(super) initialization: Initialization,
    pub(super) phase: InitPhase,
}

impl InitLog {
    /// It begins.
    pub(super) fn begin(self, at: Timestamp, function: &Arc<str>, sandboxed: &Sandboxed) {
        let Self { initialization, phase } = self;
        let (function, version) = (Arc::clone(function), sandboxed.deployed.version);
        let line = PlatformLine::InitStart { initialization, phase, function, version };
        sandboxed.log.write_platform(at, [line]);
    }

    /// It has taken so long and ended well.
    pub(super) fn succeed(self, at: Timestamp, duration: Duration, sandboxed: &Sandboxed) {
        self.end(at, duration, None, sandboxed);
    }

    /// It has taken so long and failed. Returns what the timeline shall have of it.
    pub(super) fn fail(
        self,
        at: Timestamp,
        duration: Duration,
        failure: &Failure,
        sandboxed: &Sandboxed,
    ) -> EventKind {
        self.end(at, duration, Some(failure), sandboxed);
        let error_type = failure.error_type().into();
        EventKind::InitFailed { phase: self.phase, error_type, init: duration }
    }

    fn end(self, at: Timestamp, duration: Duration, failure: Option<&Failure>, sandboxed: &Sandboxed) {
        let Self { initialization, phase } = self;
        let status = report_status(failure, true);
        let done = PlatformLine::InitRuntimeDone { initialization, phase, status: status.clone() };
        let report = PlatformLine::InitReport { initialization, duration, phase, status };
        sandboxed.log.write_platform(at, [done, report]);
    }
}
