//! The part of an invocation that the function's timeout limits.

use std::{sync::Arc, time::Duration};

use hearth_model::{limits, outcome::Failure, time::Instant};

use super::{
    call::{Event, sealed::Answer},
    faulty,
    init_log::InitLog,
    invocation::{Invocation, Moment},
    race::{Raced, race},
    start::shutting_down,
};
use crate::{
    clock::Clock,
    function::Sandboxed,
    log::{InitPhase, Initialization, PlatformLine},
    port::InvocationContext,
    timeline::EventKind,
};

/// What came of it.
pub(super) struct Attempt<A> {
    pub(super) result: Result<A, Failure>,
    /// What init took; zero if it did not run within the invocation.
    pub(super) init: Duration,
    /// Whether it was init that failed.
    pub(super) within_init: bool,
}

impl<E: Event> Invocation<E> {
    /// Runs init, if the environment needs it, and the handler.
    ///
    /// Init within an invocation is a "suppressed init": the invocation's duration has it, Init Duration has not, and
    /// START is written after it.
    pub(super) async fn attempt(&mut self, sandboxed: &mut Sandboxed, began: Moment) -> Attempt<E::Answer> {
        let deadline = began.instant + sandboxed.deployed.configuration.timeout.duration();
        let start = |sandboxed: &Sandboxed| [PlatformLine::Start { version: sandboxed.deployed.version }];
        if sandboxed.initialised {
            sandboxed.log.begin(began.wall, self.request_id, start(sandboxed));
            let result = self.handle(sandboxed, began, deadline).await;
            return Attempt { result, init: Duration::ZERO, within_init: false };
        }
        sandboxed.log.begin(began.wall, self.request_id, []);
        let initialised = Box::pin(self.initialise(sandboxed, deadline)).await;
        let started = self.engine().moment();
        sandboxed.log.write_platform(started.wall, start(sandboxed));
        let init = started.instant - began.instant;
        match initialised {
            Ok(()) => {
                let result = self.handle(sandboxed, began, deadline).await;
                Attempt { result, init, within_init: false }
            }
            Err(failure) => Attempt { result: Err(failure), init, within_init: true },
        }
    }

    async fn initialise(&mut self, sandboxed: &mut Sandboxed, deadline: Instant) -> Result<(), Failure> {
        let engine = Arc::clone(self.engine());
        let (clock, work) = (engine.clock(), engine.work());
        let init_log = InitLog { initialization: Initialization::OnDemand, phase: InitPhase::Invoke };
        init_log.begin(clock.wall(), self.function().name(), sandboxed);
        let began = clock.now();
        let init = faulty::init(self.engine(), sandboxed, || self.subject(Some(self.lease.id())));
        let (raced, computed) = race(init, deadline, clock, work).await;
        self.has_computed(computed);
        let init = clock.now() - began;
        let result = self.within_limits(raced, sandboxed);
        let ended = self.engine().moment();
        let event = match &result {
            Ok(()) => {
                sandboxed.initialised = true;
                init_log.succeed(ended.wall, init, sandboxed);
                EventKind::Initialised { init }
            }
            Err(failure) => init_log.fail(ended.wall, init, failure, sandboxed),
        };
        self.record(ended, Some(self.lease.id()), event);
        result
    }

    async fn handle(
        &mut self,
        sandboxed: &mut Sandboxed,
        began: Moment,
        deadline: Instant,
    ) -> Result<E::Answer, Failure> {
        let deployed = &sandboxed.deployed;
        let timeout = deployed.configuration.timeout.duration();
        let wall = deployed.clock.as_ref().map_or(began.wall, Clock::wall);
        let request = &mut self.request;
        let context = InvocationContext {
            request_id: self.request_id,
            invoked_function_arn: request
                .invoked_function_arn
                .take()
                .unwrap_or_else(|| Arc::clone(self.lease.function().arn())),
            deadline: wall + timeout,
            trace_header: request.trace_header.take(),
            client_context: request.client_context.take(),
            identity: None,
        };
        let event = request.event.take().expect("a handler is called once");
        let (clock, work) = (self.engine().clock(), self.engine().work());
        let call = if self.faults.is_empty() {
            event.call(&mut *sandboxed.environment, &context)
        } else {
            Box::pin(faulty::call(&self.faults, clock, &mut *sandboxed.environment, event, &context))
        };
        let (raced, computed) = race(call, deadline, clock, work).await;
        self.has_computed(computed);
        self.request.trace_header = context.trace_header;
        let answer = self.within_limits(raced, sandboxed)?;
        if answer.bytes() > limits::RESPONSE_BYTES {
            return Err(Failure::ResponseTooLarge { bytes: answer.bytes() });
        }
        Ok(answer)
    }

    fn has_computed(&mut self, computed: Option<Duration>) {
        if let Some(computed) = computed {
            *self.computed.get_or_insert_default() += computed;
        }
    }

    fn within_limits<T>(
        &self,
        raced: Raced<Result<T, Failure>>,
        sandboxed: &Sandboxed,
    ) -> Result<T, Failure> {
        match raced {
            Raced::Returned(result) => result,
            Raced::TimedOut => {
                Err(Failure::Timeout { after: sandboxed.deployed.configuration.timeout.duration() })
            }
            Raced::Aborted => Err(shutting_down()),
        }
    }
}
