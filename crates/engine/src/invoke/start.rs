//! A cold start: an environment is made and initialised before the invocation.

use std::{sync::Arc, time::Duration};

use hearth_model::{
    function::MemorySize,
    identity::EnvironmentId,
    limits,
    outcome::{Failure, PlatformFault},
    pool::ColdReason,
};

use super::{
    call::Event,
    faulty,
    init_log::InitLog,
    invocation::Invocation,
    race::{Raced, race},
    request::InitReport,
};
use crate::{
    deployed::Deployed,
    engine::Engine,
    function::Sandboxed,
    log::{EnvironmentLog, InitPhase, Initialization},
    port::{Environment, FunctionSettings, ProvisionSettings},
    timeline::{ColdStart, EventKind},
};

/// An environment that can serve its first invocation.
pub(super) struct Started {
    pub(super) sandboxed: Sandboxed,
    /// Boxed, so that a warm invocation carries no room for it.
    pub(super) cold: Box<ColdStarted>,
}

/// What came before the invocation.
#[derive(Clone, Copy)]
pub(super) struct ColdStarted {
    pub(super) reason: ColdReason,
    pub(super) provision: Duration,
    /// None if init failed, and is to run again within the invocation.
    pub(super) init: Option<InitReport>,
}

/// A cold start that came to nothing, by a fault of Hearth's own.
pub(super) struct BrokenStart {
    pub(super) failure: Failure,
    pub(super) reason: ColdReason,
    pub(super) provision: Duration,
    pub(super) memory_size: MemorySize,
    pub(super) log: Arc<EnvironmentLog>,
}

impl<E: Event> Invocation<E> {
    pub(super) async fn start(
        &self,
        deployed: Arc<Deployed>,
        reason: ColdReason,
    ) -> Result<Started, BrokenStart> {
        let lease = &self.lease;
        let (clock, work) = (self.engine().clock(), self.engine().work());
        self.function().count(lease.resource(), clock.wall(), |activity| activity.cold_starts += 1);
        let log = deployed.open_log(self.function().name());
        if self.request.log_tail {
            log.collect_tail();
        }
        let memory_size = deployed.configuration.memory;
        let broken = |failure, provision, log: &Arc<EnvironmentLog>| {
            Err(BrokenStart { failure, reason, provision, memory_size, log: Arc::clone(log) })
        };

        let began = clock.now();
        let provisioned = provision(self.engine(), lease.id(), &deployed, &deployed.settings, &log);
        let provision = clock.now() - began;
        let environment = match provisioned {
            Ok(environment) => environment,
            Err(failure) => return broken(failure, provision, &log),
        };
        lease.provisioned(clock.now());

        // The modelled part comes first, as downloading the code and starting the runtime do on Lambda; what init may
        // take is counted without it.
        let modelled = deployed.configuration.cold_start.sample(memory_size, lease.id().0);
        tokio::select! {
            biased;
            () = clock.sleep(modelled.total()) => {}
            () = work.aborted() => return broken(shutting_down(), provision, &log),
        }

        let mut sandboxed = Sandboxed { environment, log, deployed, initialised: false };
        let init_log = InitLog { initialization: Initialization::OnDemand, phase: InitPhase::Init };
        init_log.begin(clock.wall(), self.function().name(), &sandboxed);
        let began = clock.now();
        let init = faulty::init(self.engine(), &mut sandboxed, || self.subject(Some(lease.id())));
        let (raced, _) = race(init, began + limits::INIT_TIMEOUT, clock, work).await;
        let measured = clock.now() - began;
        let result = match raced {
            Raced::Returned(result) => result,
            Raced::TimedOut => Err(Failure::Timeout { after: limits::INIT_TIMEOUT }),
            Raced::Aborted => Err(shutting_down()),
        };
        let cold = ColdStart { reason, provision, init: measured, modelled };
        self.record(self.engine().moment(), Some(lease.id()), EventKind::ColdStart(Box::new(cold)));
        let init = match result {
            Ok(()) => {
                sandboxed.initialised = true;
                init_log.succeed(clock.wall(), measured + modelled.total(), &sandboxed);
                Some(InitReport { measured, modelled })
            }
            Err(failure @ Failure::Platform(_)) => return broken(failure, provision, &sandboxed.log),
            Err(failure) => {
                let at = self.engine().moment();
                let failed = init_log.fail(at.wall, measured, &failure, &sandboxed);
                self.record(at, Some(lease.id()), failed);
                sandboxed.reset();
                None
            }
        };
        lease.initialised(clock.now());
        Ok(Started { sandboxed, cold: Box::new(ColdStarted { reason, provision, init }) })
    }
}

/// Makes an environment. If the machine is full of idle ones, they make room, the one that has been idle longest first.
pub(super) fn provision(
    engine: &Engine,
    id: EnvironmentId,
    deployed: &Deployed,
    function: &Arc<FunctionSettings>,
    log: &Arc<EnvironmentLog>,
) -> Result<Box<dyn Environment>, Failure> {
    loop {
        let settings = ProvisionSettings {
            id,
            function: Arc::clone(function),
            clock: deployed.clock.as_ref().unwrap_or(engine.clock()).clone(),
            log: Arc::clone(log),
        };
        match deployed.program.provision(settings) {
            Err(Failure::Platform(PlatformFault::Capacity { .. })) if engine.evict_idle() => {}
            result => return result,
        }
    }
}

/// Why an invocation was broken off.
pub(super) fn shutting_down() -> Failure {
    let reason = "the invocation was broken off: Hearth is shutting down".to_owned();
    Failure::Platform(PlatformFault::Internal { reason })
}
