//! The course of an invocation.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_model::{
    cost::billed,
    faults::{Fault, Point},
    http_event::HttpAnswer,
    identity::{EnvironmentId, RequestId},
    logging::LogFormat,
    outcome::{Aftermath, Failure},
    pool::{Acquired, ColdReason, ThrottleReason},
    time::{Instant, Timestamp},
};

use super::{
    attempt::Attempt,
    call::{Event, sealed::Answer},
    error_lines::{failure_line, report_status},
    lease::Lease,
    request::{InvokeError, InvokeReply, InvokeRequest, Phases, Report, Via},
    running::Running,
    start::{BrokenStart, ColdStarted, Started},
};
use crate::{
    activity::let_others_go_first,
    clock::Clock,
    deployed::Deployed,
    engine::Engine,
    faults::{dropped, kills},
    function::{Function, Sandboxed},
    log::{PlatformLine, ReportLine},
    metrics::{Activity, Resource, Run},
    random::random_bits,
    recording::{RecordedEvent, Recording},
    timeline::{EventKind, Outcome, Subject},
    work::WorkKind,
};

/// An invocation that was admitted.
pub(super) struct Invocation<E> {
    pub(super) lease: Lease,
    /// Without its event once the handler has it.
    pub(super) request: InvokeRequest<Option<E>>,
    pub(super) request_id: RequestId,
    /// What is to go wrong with it.
    pub(super) faults: Vec<Fault>,
    /// When the request came in.
    received: Moment,
    /// What the guest really computed while the clock stood, if it did.
    pub(super) computed: Option<Duration>,
}

/// What is new about an invocation that runs again.
struct InvokeAgain {
    trace_header: String,
    cause: RequestId,
    request_id: RequestId,
}

/// A moment on both clocks.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) instant: Instant,
    pub(super) wall: Timestamp,
}

/// What is run again.
struct Again<'a> {
    deployed: &'a Deployed,
    /// The clock that the guest sees, if it is not the engine's.
    clock: Option<Clock>,
}

/// What serves an invocation.
enum Acquisition {
    Warm(Sandboxed),
    Cold { deployed: Arc<Deployed>, reason: ColdReason },
}

impl Engine {
    /// Runs a function's handler on an event and waits for its answer; see [`begin`](Self::begin).
    ///
    /// # Errors
    /// If the request is turned away: nothing has run.
    pub async fn invoke(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest,
    ) -> Result<InvokeReply, InvokeError> {
        Ok(self.begin(function, request)?.await)
    }

    /// Begins to run a function's handler on an event.
    ///
    /// An idle environment serves it, or else a new one. A new environment is initialised before the invocation, for up
    /// to 10 seconds; if that fails or takes longer, once more within the invocation. The invocation is limited by the
    /// function's timeout. Whatever goes wrong is in the reply's result. Source: Lambda developer guide, "Understanding
    /// the Lambda execution environment lifecycle".
    ///
    /// # Errors
    /// If the request is turned away: nothing runs.
    pub fn begin(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest,
    ) -> Result<Running, InvokeError> {
        self.begin_as(function, request, RequestId::from_random(random_bits()))
    }

    /// As [`begin`](Self::begin), under an id that the request already has, with a payload or with an HTTP request.
    ///
    /// # Errors
    /// If the request is turned away: nothing runs.
    pub fn begin_as<E: Event>(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest<E>,
        request_id: RequestId,
    ) -> Result<Running<E::Answer>, InvokeError> {
        self.begin_with(function, request, request_id, None)
    }

    /// Runs an invocation again under another id, in an environment of its own, with the code and configuration that it had,
    /// whatever became of these. A response to an HTTP request becomes a payload, as fronts read it. Cancel safe: what was begun
    /// runs on.
    ///
    /// # Errors
    /// If the request is turned away: nothing runs.
    pub async fn run_again(
        self: &Arc<Self>,
        function: &Arc<Function>,
        recording: Recording,
        cause: RequestId,
        request_id: RequestId,
        trace_header: String,
    ) -> Result<InvokeReply, InvokeError> {
        let again = InvokeAgain { trace_header, cause, request_id };
        match recording.event.clone() {
            RecordedEvent::Payload(event) => Ok(self.begin_again(function, &recording, event, again)?.await),
            RecordedEvent::Request(event) => {
                let reply = self.begin_again(function, &recording, event, again)?.await;
                Ok(reply.map(|response| HttpAnswer::from(response).render().into()))
            }
        }
    }

    fn begin_again<E: Event>(
        self: &Arc<Self>,
        function: &Arc<Function>,
        recording: &Recording,
        event: E,
        again: InvokeAgain,
    ) -> Result<Running<E::Answer>, InvokeError> {
        let request = InvokeRequest {
            version: recording.deployed.version,
            event,
            alias: recording.alias.clone(),
            invoked_function_arn: recording.invoked_function_arn.clone(),
            client_context: recording.client_context.clone(),
            trace_header: Some(again.trace_header),
            log_tail: true,
            via: Via::Replay,
            cause: Some(again.cause.work()),
        };
        // Where time stands, the guest is to see it as it was. Otherwise it goes on, and sees it as it is.
        let clock = self.clock().is_frozen().then(|| self.clock().showing(recording.received));
        let repeated = Again { deployed: &recording.deployed, clock };
        self.begin_with(function, request, again.request_id, Some(repeated))
    }

    fn begin_with<E: Event>(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: InvokeRequest<E>,
        request_id: RequestId,
        again: Option<Again<'_>>,
    ) -> Result<Running<E::Answer>, InvokeError> {
        let work = self.work().begin(WorkKind::Invocation).ok_or(InvokeError::ShuttingDown)?;
        let received = self.moment();
        let (lease, acquisition, faults) = self.admit(function, &request, request_id, received, again)?;
        let request = request.map(Some);
        let invocation = Invocation { lease, request, request_id, faults, received, computed: None };
        Ok(Running::new(invocation.run(acquisition), work))
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { instant: self.clock().now(), wall: self.clock().wall() }
    }

    /// Finds what serves a request.
    fn admit<E: Event>(
        self: &Arc<Self>,
        function: &Arc<Function>,
        request: &InvokeRequest<E>,
        request_id: RequestId,
        received: Moment,
        again: Option<Again<'_>>,
    ) -> Result<(Lease, Acquisition, Vec<Fault>), InvokeError> {
        let record = |cause, kind| {
            let subject = Subject::function(function.name()).with_request(request_id).caused_by(cause);
            self.timeline().record_at(received.instant, received.wall, subject, kind);
        };
        let version = request.version;
        let resource = || Resource::executed(request.alias.clone(), version);
        record(
            request.cause,
            EventKind::Received { version, event_bytes: request.event.bytes(), via: request.via },
        );
        let subject = || Subject::function(function.name()).with_request(request_id);
        let faults = self.faults().call(Point::Invoke, function.name(), subject);
        let now = received.instant;
        let acquired = self.with_pool(function, now, |state, account| {
            if faults.contains(&Fault::Throttle) {
                return Err(InvokeError::Throttled(ThrottleReason::ConcurrentInvocationLimitExceeded));
            }
            let copy = again.map(|Again { deployed, clock }| {
                Arc::new(deployed.again(state.versions.next_replay(), clock))
            });
            let deployed = match &copy {
                Some(deployed) => deployed,
                None => state.versions.find(version).ok_or(InvokeError::NoSuchVersion { version })?,
            };
            if let Some(reason) = deployed.program.unloaded() {
                return Err(InvokeError::Unloaded { reason: Arc::clone(reason) });
            }
            let next_id = || self.next_environment();
            let concurrency = &mut account.concurrency;
            let acquired = state.pool.handle_acquire(now, deployed.generation, concurrency, next_id);
            let (id, acquisition, provisioned) = match acquired {
                Acquired::Warm { id, environment, provisioned } => {
                    (id, Acquisition::Warm(environment), provisioned)
                }
                Acquired::Cold { id, reason } => {
                    (id, Acquisition::Cold { deployed: Arc::clone(deployed), reason }, false)
                }
                Acquired::Throttled(reason) => return Err(InvokeError::Throttled(reason)),
            };
            match &copy {
                // Its environment serves nobody else.
                Some(deployed) => state.pool.handle_generation_deleted(now, deployed.generation),
                None => state.recordings.record(request_id, received.wall, request, deployed),
            }
            let allotment = state.provisioned.allotment(version).filter(|_| copy.is_none());
            let run = Run {
                resource: resource(),
                provisioned: allotment.filter(|_| provisioned),
                spilled_over: allotment.is_some() && !provisioned,
                reserved: state.pool.reserved().is_some(),
            };
            state.begin_run(account, &run, received.wall);
            Ok((id, acquisition, run))
        });
        match acquired {
            Ok((id, acquisition, run)) => {
                let lease = Lease::new(Arc::clone(self), Arc::clone(function), id, run);
                Ok((lease, acquisition, faults))
            }
            Err(refused) => {
                if let InvokeError::Throttled(reason) = refused {
                    function.count(&resource(), received.wall, |activity| activity.throttles += 1);
                    record(None, EventKind::Throttled { reason });
                }
                Err(refused)
            }
        }
    }
}

impl<E: Event> Invocation<E> {
    #[expect(clippy::manual_async_fn, reason = "an `async fn` has room for its arguments twice")]
    fn run(mut self, acquisition: Acquisition) -> impl Future<Output = InvokeReply<E::Answer>> + Send {
        async move {
            // Who was invoked at the same moment is served by an environment of its own, as if they computed side by side.
            let_others_go_first().await;
            let (mut sandboxed, began, cold) = match acquisition {
                Acquisition::Warm(sandboxed) => {
                    if self.request.log_tail {
                        sandboxed.log.collect_tail();
                    }
                    (sandboxed, self.received, None)
                }
                // Boxed, so that a warm invocation does not carry what only a cold one needs.
                Acquisition::Cold { deployed, reason } => {
                    match Box::pin(self.start(deployed, reason)).await {
                        Ok(Started { sandboxed, cold }) => (sandboxed, self.engine().moment(), Some(cold)),
                        Err(broken) => return self.end_unstarted(broken),
                    }
                }
            };
            let attempt = self.attempt(&mut sandboxed, began).await;
            self.end(sandboxed, cold.as_deref(), began, attempt)
        }
    }

    fn end(
        self,
        sandboxed: Sandboxed,
        cold: Option<&ColdStarted>,
        began: Moment,
        attempt: Attempt<E::Answer>,
    ) -> InvokeReply<E::Answer> {
        let ended = self.engine().moment();
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
            environment: self.lease.id(),
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
            LogFormat::Text => PlatformLine::End,
            LogFormat::Json(_) => PlatformLine::RuntimeDone {
                duration: report.phases.handle,
                produced_bytes: attempt.result.as_ref().map_or(0, Answer::bytes),
                status: status.clone(),
            },
        };
        let line = PlatformLine::Report(ReportLine {
            duration,
            memory_size_mib: configuration.memory.get(),
            max_memory_used_mib: mib(report.peak_memory_bytes),
            init_duration,
            real_duration: self.computed,
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
        self.record_end(ended, &report, &attempt.result);
        let counted = counted(&report, &attempt.result);
        let aftermath = match failure {
            None => Aftermath::Reusable,
            Some(Failure::Function(_)) if attempt.within_init => Aftermath::Reset,
            Some(Failure::Crash { .. }) if self.faults.iter().any(kills) => Aftermath::Lost,
            Some(failure) => failure.aftermath(),
        };
        match aftermath {
            Aftermath::Reusable => self.lease.release(ended, counted, sandboxed),
            Aftermath::Reset => {
                let reason = Outcome::of(&attempt.result);
                self.record(ended, Some(self.lease.id()), EventKind::Reset { reason });
                self.lease.reset(ended, counted, sandboxed);
            }
            Aftermath::Lost => {
                drop(sandboxed);
                self.lease.lose(ended, counted);
            }
        }
        let result = if self.faults.contains(&Fault::DropResponse) { Err(dropped()) } else { attempt.result };
        reply(self.request, self.request_id, result, log_tail, report)
    }

    /// Ends an invocation whose environment could not be made or initialised by no fault of the function.
    fn end_unstarted(self, broken: BrokenStart) -> InvokeReply<E::Answer> {
        let ended = self.engine().moment();
        let why = failure_line(&broken.failure, self.request_id, ended.wall, broken.log.format());
        broken.log.end(ended.wall, [why]);
        let report = Report {
            environment: self.lease.id(),
            cold: Some(broken.reason),
            duration: Duration::ZERO,
            billed: Duration::ZERO,
            memory_size: broken.memory_size,
            peak_memory_bytes: 0,
            init: None,
            phases: Phases { provision: broken.provision, ..Phases::default() },
        };
        let result = Err(broken.failure);
        self.record_end(ended, &report, &result);
        self.lease.lose(ended, counted(&report, &result));
        reply(self.request, self.request_id, result, broken.log.take_tail(), report)
    }

    fn record_end(&self, ended: Moment, report: &Report, result: &Result<E::Answer, Failure>) {
        let Report { environment, duration, billed, .. } = *report;
        let kind = EventKind::Ended { outcome: Outcome::of(result), duration, billed };
        self.record(ended, Some(environment), kind);
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        self.lease.engine()
    }

    pub(super) fn function(&self) -> &Arc<Function> {
        self.lease.function()
    }

    pub(super) fn record(&self, at: Moment, environment: Option<EnvironmentId>, kind: EventKind) {
        self.engine().timeline().record_at(at.instant, at.wall, self.subject(environment), kind);
    }

    pub(super) fn subject(&self, environment: Option<EnvironmentId>) -> Subject {
        Subject::function(self.function().name()).with_request(self.request_id).with_environment(environment)
    }
}

fn reply<E, A>(
    request: InvokeRequest<E>,
    request_id: RequestId,
    result: Result<A, Failure>,
    log_tail: Option<Bytes>,
    report: Report,
) -> InvokeReply<A> {
    let InvokeRequest { version, trace_header, .. } = request;
    InvokeReply { request_id, version, result, log_tail, trace_header, report }
}

/// Counts what came of an invocation.
fn counted<A>(report: &Report, result: &Result<A, Failure>) -> impl Fn(&mut Activity) + use<A> {
    let Report { duration, billed, init, phases, .. } = *report;
    let (errors, faults) = match result {
        Ok(_) => (0, 0),
        Err(Failure::Platform(_)) => (0, 1),
        Err(_) => (1, 0),
    };
    move |activity| {
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
    }
}

/// Rounded up.
fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024 * 1024)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn size_of_future<E, F: Future>(_: impl FnOnce(Invocation<E>, Acquisition) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn running_needs_little_room() {
        // Each invocation has its future in memory of its own, and allocators are quickest with up to a KiB.
        for bytes in
            [size_of_future(Invocation::<Bytes>::run), size_of_future(Invocation::<Box<Request<Bytes>>>::run)]
        {
            assert!(bytes <= 1_024, "{bytes}");
        }
    }
}
