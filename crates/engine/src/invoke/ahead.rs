//! An environment that is made and initialised before an invocation wants it: provisioned concurrency.

use std::sync::Arc;

use hearth_model::{
    identity::EnvironmentId,
    limits,
    outcome::{Failure, PlatformFault},
};

use super::{
    faulty,
    init_log::InitLog,
    race::{Raced, race},
    start::{provision, shutting_down},
};
use crate::{
    deployed::Deployed,
    engine::Engine,
    function::{Function, Sandboxed},
    log::{InitPhase, Initialization},
    provisioned::ProvisioningFailure,
    timeline::{EventKind, Provisioned, Subject},
};

const INIT_LOG: InitLog = InitLog { initialization: Initialization::Provisioned, phase: InitPhase::Init };

/// An environment that the pool wants made. If it is dropped before it is done, because it was broken off or panicked,
/// its version's provisioned concurrency has failed.
pub(crate) struct Ahead {
    engine: Arc<Engine>,
    function: Arc<Function>,
    deployed: Arc<Deployed>,
    id: EnvironmentId,
    done: bool,
}

impl Ahead {
    pub(crate) fn new(
        engine: Arc<Engine>,
        function: Arc<Function>,
        deployed: Arc<Deployed>,
        id: EnvironmentId,
    ) -> Self {
        Self { engine, function, deployed, id, done: false }
    }

    pub(crate) async fn run(mut self) {
        let made = self.make().await;
        self.done = true;
        match made {
            Ok(sandboxed) => self.engine.provisioning_succeeded(&self.function, self.id, sandboxed),
            Err(failure) => self.fail(ProvisioningFailure::of(&failure)),
        }
    }

    async fn make(&self) -> Result<Sandboxed, Failure> {
        let Self { engine, function, deployed, id, .. } = self;
        let (clock, work) = (engine.clock(), engine.work());
        let log = deployed.open_log(function.name());
        let began = clock.now();
        let environment = provision(engine, *id, deployed, &deployed.provisioned_settings(), &log)?;
        let provision = clock.now() - began;
        self.note_provisioned();

        let configuration = &deployed.configuration;
        let modelled = configuration.cold_start.sample(configuration.memory, id.0);
        tokio::select! {
            biased;
            () = clock.sleep(modelled.total()) => {}
            () = work.aborted() => return Err(shutting_down()),
        }

        let mut sandboxed = Sandboxed { environment, log, deployed: Arc::clone(deployed), initialised: true };
        INIT_LOG.begin(clock.wall(), function.name(), &sandboxed);
        let limit = limits::PROVISIONED_INIT_TIMEOUT.max(configuration.timeout.duration());
        let began = clock.now();
        let init = faulty::init(engine, &mut sandboxed, || self.subject());
        let (raced, _) = race(init, began + limit, clock, work).await;
        let init = clock.now() - began;
        let result = match raced {
            Raced::Returned(result) => result,
            Raced::TimedOut => Err(Failure::Timeout { after: limit }),
            Raced::Aborted => Err(shutting_down()),
        };
        match result {
            Ok(()) => {
                INIT_LOG.succeed(clock.wall(), init + modelled.total(), &sandboxed);
                self.record(EventKind::Provisioned(Box::new(Provisioned { provision, init, modelled })));
                Ok(sandboxed)
            }
            Err(failure) => {
                self.record(INIT_LOG.fail(clock.wall(), init, &failure, &sandboxed));
                Err(failure)
            }
        }
    }

    fn note_provisioned(&self) {
        let now = self.engine.clock().now();
        self.engine.with_pool(&self.function, now, |state, _| state.pool.handle_provisioned(now, self.id));
    }

    fn record(&self, kind: EventKind) {
        self.engine.timeline().record(self.subject(), kind);
    }

    fn subject(&self) -> Subject {
        Subject::function(self.function.name()).with_environment(Some(self.id))
    }

    fn fail(&self, failure: ProvisioningFailure) {
        self.engine.provisioning_failed(&self.function, &self.deployed, self.id, failure);
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if !self.done {
            let reason = "the environment's initialisation was broken off".to_owned();
            self.fail(ProvisioningFailure::Platform(PlatformFault::Internal { reason }));
        }
    }
}
