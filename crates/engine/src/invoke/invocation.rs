//! The course of an invocation.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_model::{
    identity::{EnvironmentId, RequestId},
    logging::LogFormat,
    outcome::{Aftermath, Failure},
    pool::{Acquired, ColdReason},
    time::{Instant, Timestamp},
};

use super::{
    attempt::Attempt,
    detach::Detach,
    error_lines::{failure_line, report_status},
    lease::Lease,
    request::{InvokeError, InvokeReply, InvokeRequest, Phases, Report},
    start::{BrokenStart, ColdStarted, Started},
};
use crate::{
    deployed::Deployed,
    engine::Engine,
    function::{Function, Sandboxed},
    log::{PlatformLine, ReportLine},
    metrics::{Resource, Run},
    random::random_bits,
    timeline::{EventKind, Outcome, Subject},
    work::WorkGuard,
};

/// An invocation that was admitted.
pub(crate) struct Invocation {
    pub(super) engine: Arc<Engine>,
    pub(super) function: Arc<Function>,
    pub(super) request: InvokeRequest,
    pub(super) request_id: RequestId,
    /// When the request came in.
    pub(super) received: Moment,
    _work: WorkGuard,
}

/// A moment on both clocks.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) instant: Instant,
    pub(super) wall: Timestamp,
}

/// What serves an invocation.
struct Admission {
    lease: Lease,
    environment: Acquisition,
}

enum Acquisition {
    Warm(Sandboxed),
    Cold { deployed: Arc<Deployed>, reason: ColdReason },
}

impl Engine {
    /// Runs a function's handler on an event and waits for its answer.
    ///
    /// An idle environment serves it, or else a new one. A new environment is initialised before the invocation, for up
    /// to 10 seconds; if that fails or takes longer, once more within the invocation. The invocation is limited by the
    /// function's timeout. Whatever goes wrong is in the reply's result. Source: Lambda developer guide, "Understanding
    /// the Lambda execution environment lifecycle".
    ///
    /// If the future is dropped, the invocation runs on as a task of its own, as on Lambda when a client goes away.
    ///
    /// # Errors
    /// If the request is turned away: nothing has run.
    pub async fn invoke(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest,
    ) -> Result<InvokeReply, InvokeError> {
        self.invoke_as(function, request, RequestId::from_random(random_bits())).await
    }

    /// As [`invoke`](Self::invoke), under an id that the request already has.
    pub(crate) async fn invoke_as(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest,
        request_id: RequestId,
    ) -> Result<InvokeReply, InvokeError> {
        let work = self.work().begin().ok_or(InvokeError::ShuttingDown)?;
        let invocation = Invocation {
            engine: Arc::clone(self),
            function: Arc::clone(function),
            request,
            request_id,
            received: self.moment(),
            _work: work,
        };
        let admission = invocation.admit()?;
        Ok(Detach::new(invocation.run(admission), self.work().clone()).await)
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { instant: self.clock().now(), wall: self.clock().wall() }
    }
}

impl Invocation {
    fn admit(&self) -> Result<Admission, InvokeError> {
        let event_bytes = self.request.event.len();
        self.record(self.received, None, EventKind::Received { event_bytes, version: self.request.version });
        let now = self.received.instant;
        let acquired = self.engine.with_pool(&self.function, now, |state, account| {
            let version = self.request.version;
            let deployed = state.versions.find(version).ok_or(InvokeError::NoSuchVersion { version })?;
            let next_id = || self.engine.next_environment();
            let acquired = state.pool.handle_acquire(now, deployed.generation, account, next_id);
            let (id, environment, provisioned) = match acquired {
                Acquired::Warm { id, environment, provisioned } => {
                    (id, Acquisition::Warm(environment), provisioned)
                }
                Acquired::Cold { id, reason } => {
                    (id, Acquisition::Cold { deployed: Arc::clone(deployed), reason }, false)
                }
                Acquired::Throttled(reason) => return Err(InvokeError::Throttled(reason)),
            };
            let allotment = state.provisioned.allotment(version);
            let run = Run {
                resource: self.resource(),
                provisioned: allotment.filter(|_| provisioned),
                spilled_over: allotment.is_some() && !provisioned,
                reserved: state.pool.reserved().is_some(),
            };
            Ok((id, environment, run))
        });
        match acquired {
            Ok((id, environment, run)) => {
                let (engine, function) = (Arc::clone(&self.engine), Arc::clone(&self.function));
                Ok(Admission {
                    lease: Lease::new(engine, function, id, run, self.received.wall),
                    environment,
                })
            }
            Err(refused) => {
                if let InvokeError::Throttled(reason) = refused {
                    let now = self.received.wall;
                    self.function.count(&self.resource(), now, |activity| activity.throttles += 1);
                    self.record(self.received, None, EventKind::Throttled { reason });
                }
                Err(refused)
            }
        }
    }

    fn resource(&self) -> Resource {
        Resource::executed(self.request.alias.clone(), self.request.version)
    }

    async fn run(mut self, admission: Admission) -> InvokeReply {
        let Admission { lease, environment } = admission;
        let (mut sandboxed, began, cold) = match environment {
            Acquisition::Warm(sandboxed) => {
                if self.request.log_tail {
                    sandboxed.log.collect_tail();
                }
                (sandboxed, self.received, None)
            }
            // Boxed, so that a warm invocation does not carry what only a cold one needs.
            Acquisition::Cold { deployed, reason } => {
                match Box::pin(self.start(&lease, deployed, reason)).await {
                    Ok(Started { sandboxed, cold }) => (sandboxed, self.engine.moment(), Some(cold)),
                    Err(broken) => return self.end_unstarted(lease, broken),
                }
            }
        };
        let attempt = self.attempt(lease.id(), &mut sandboxed, began).await;
        self.end(lease, sandboxed, cold, began, attempt)
    }

    fn end(
        self,
        mut lease: Lease,
        sandboxed: Sandboxed,
        cold: Option<ColdStarted>,
        began: Moment,
        attempt: Attempt,
    ) -> InvokeReply {
        let ended = self.engine.moment();
        let failure = attempt.result.as_ref().err();
        // What it took beyond its limit was Hearth's time.
        let duration = if let Some(Failure::Timeout { after }) = failure {
            *after
        } else {
            ended.instant - began.instant
        };
        let init = cold.and_then(|cold| cold.init);
        let init_duration = init.map(|init| init.total());
        let configuration = &sandboxed.deployed.configuration;
        let report = Report {
            environment: lease.id(),
            cold: cold.map(|cold| cold.reason),
            duration,
            billed: billed(duration + init_duration.unwrap_or_default()),
            memory_size: configuration.memory,
            peak_memory_bytes: sandboxed.environment.peak_memory_bytes(),
            init,
            phases: Phases {
                provision: cold.map(|cold| cold.provision).unwrap_or_default(),
                init: init.map_or(attempt.init, |init| init.measured),
                handle: duration.saturating_sub(attempt.init),
            },
        };
        let status = report_status(failure, attempt.within_init);
        let end = match sandboxed.log.format() {
            LogFormat::Text => PlatformLine::End { request_id: self.request_id },
            LogFormat::Json(_) => PlatformLine::RuntimeDone {
                request_id: self.request_id,
                duration: report.phases.handle,
                produced_bytes: attempt.result.as_ref().map_or(0, Bytes::len),
                status: status.clone(),
            },
        };
        let line = PlatformLine::Report(ReportLine {
            request_id: self.request_id,
            duration,
            billed: report.billed,
            memory_size_mib: configuration.memory.get(),
            max_memory_used_mib: mib(report.peak_memory_bytes),
            init_duration,
            status,
        });
        match failure {
            None => sandboxed.log.end(ended.wall, [end, line]),
            Some(failure) => {
                let why = failure_line(failure, self.request_id, ended.wall, sandboxed.log.format());
                sandboxed.log.end(ended.wall, [why, end, line]);
            }
        }
        let log_tail = if self.request.log_tail { sandboxed.log.take_tail() } else { None };
        self.account(ended, &mut lease, &report, &attempt.result);
        let aftermath = match failure {
            None => Aftermath::Reusable,
            Some(Failure::Function(_)) if attempt.within_init => Aftermath::Reset,
            Some(failure) => failure.aftermath(),
        };
        match aftermath {
            Aftermath::Reusable => lease.release(ended.instant, sandboxed),
            Aftermath::Reset => {
                let reason = Outcome::of(&attempt.result);
                self.record(ended, Some(lease.id()), EventKind::Reset { reason });
                lease.reset(ended.instant, sandboxed);
            }
            Aftermath::Lost => {
                drop(sandboxed);
                lease.lose(ended.instant);
            }
        }
        self.reply(attempt.result, log_tail, report)
    }

    /// Ends an invocation whose environment could not be made or initialised by no fault of the function.
    fn end_unstarted(self, mut lease: Lease, broken: BrokenStart) -> InvokeReply {
        let ended = self.engine.moment();
        let why = failure_line(&broken.failure, self.request_id, ended.wall, broken.log.format());
        broken.log.end(ended.wall, [why]);
        let report = Report {
            environment: lease.id(),
            cold: Some(broken.reason),
            duration: Duration::ZERO,
            billed: Duration::ZERO,
            memory_size: broken.memory_size,
            peak_memory_bytes: 0,
            init: None,
            phases: Phases { provision: broken.provision, ..Phases::default() },
        };
        let result = Err(broken.failure);
        self.account(ended, &mut lease, &report, &result);
        lease.lose(ended.instant);
        self.reply(result, broken.log.take_tail(), report)
    }

    /// Counts and records the end.
    fn account(&self, ended: Moment, lease: &mut Lease, report: &Report, result: &Result<Bytes, Failure>) {
        let Report { duration, billed, init, phases, .. } = *report;
        let (errors, faults) = match result {
            Ok(_) => (0, 0),
            Err(Failure::Platform(_)) => (0, 1),
            Err(_) => (1, 0),
        };
        lease.count_end(ended.wall, |activity| {
            activity.errors += errors;
            activity.platform_faults += faults;
            activity.duration.record(duration);
            activity.billed += billed;
            if let Some(init) = init {
                activity.init_duration.record(init.total());
                activity.provision.record(phases.provision);
                activity.modelled_init.record(init.modelled.total());
                activity.measured_init.record(init.measured);
            }
        });
        let ended_event = EventKind::Ended { outcome: Outcome::of(result), duration, billed };
        self.record(ended, Some(report.environment), ended_event);
    }

    fn reply(self, result: Result<Bytes, Failure>, log_tail: Option<Bytes>, report: Report) -> InvokeReply {
        let InvokeRequest { version, trace_header, .. } = self.request;
        InvokeReply { request_id: self.request_id, version, result, log_tail, trace_header, report }
    }

    pub(super) fn record(&self, at: Moment, environment: Option<EnvironmentId>, kind: EventKind) {
        let subject =
            Subject { function: self.function.name(), request_id: Some(self.request_id), environment };
        self.engine.timeline().record_at(at.instant, at.wall, subject, kind);
    }
}

/// Rounded up to whole milliseconds, and at least one.
///
/// Initialisation is paid for since August 2025, for all runtimes ("AWS Lambda standardizes billing for INIT Phase",
/// AWS Compute Blog).
fn billed(duration: Duration) -> Duration {
    let millis = duration.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// Rounded up.
fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024 * 1024)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_millisecond_that_was_begun_is_billed() {
        let check =
            |duration: Duration, millis: u64| assert_eq!(billed(duration), Duration::from_millis(millis));
        check(Duration::ZERO, 1);
        check(Duration::from_millis(3), 3);
        check(Duration::from_micros(3_010), 4);
        check(Duration::from_micros(426_350), 427);
    }
}
