//! Provisioned concurrency: environments of a published version that are ready before there is traffic.

use std::{collections::BTreeMap, fmt, sync::Arc};

use hearth_model::{
    identity::{EnvironmentId, Version},
    outcome::{Failure, PlatformFault},
    pool::{AccountConcurrency, EnvironmentState, Released, ReservationRefused},
    time::Instant,
};
use thiserror::Error;

use crate::{
    deployed::Deployed,
    engine::Engine,
    function::{Function, Sandboxed, State},
    metrics::Allotment,
};

/// A version's provisioned concurrency; what `GetProvisionedConcurrencyConfig` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedConcurrency {
    /// How many environments are wanted.
    pub requested: u32,
    /// How many there are that have been initialised, whether they serve an invocation now or not.
    pub allocated: u32,
    /// How many of those could serve an invocation now.
    pub available: u32,
    /// What is being done about it.
    pub status: ProvisioningStatus,
}

/// How far a version's provisioned concurrency is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisioningStatus {
    /// Environments are being made: the first ones, or one in place of one that was lost.
    InProgress,
    /// All that are wanted are there.
    Ready,
    /// One could not be made; the others were given up, and no more are tried.
    Failed(ProvisioningFailure),
}

/// Why an environment could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisioningFailure {
    /// The function's init did not end well; its log says more.
    Init,
    /// A fault of Hearth's own.
    Platform(PlatformFault),
}

/// Why concurrency cannot be provisioned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProvisionError {
    /// There is no such version, or no more.
    #[error("the function has no version {number}: it was never published, or it was deleted")]
    NoSuchVersion {
        /// Its number.
        number: u64,
    },
    /// There is too little concurrency.
    #[error("cannot provision concurrency: {0}")]
    Refused(#[from] ReservationRefused),
}

/// The provisioned concurrency of a function's versions.
#[derive(Default)]
pub(crate) struct Provisioned(BTreeMap<u64, Allocation>);

struct Allocation {
    requested: u32,
    failure: Option<ProvisioningFailure>,
}

impl Engine {
    /// Keeps so many environments of a published version ready, or none any more. They are made at once, no faster than
    /// the scaling rate, and replaced when they are lost; [`Function::provisioned`] tells how far that is. Their init may
    /// take 130 seconds, or the function's timeout if that is longer. When all are busy, further invocations are served
    /// on demand.
    ///
    /// If one of them cannot be made, all are given up until this is called again.
    ///
    /// Source: Lambda developer guide, "Configuring provisioned concurrency for a function".
    ///
    /// # Errors
    /// If there is no such version, or if reserved concurrency, or else the account's, has not enough room; what was
    /// provisioned stays.
    pub fn set_provisioned(
        &self,
        function: &Arc<Function>,
        number: u64,
        count: u32,
    ) -> Result<(), ProvisionError> {
        let now = self.clock().now();
        self.with_pool(function, now, |state, account| {
            let deployed = state.versions.find(Version::Published(number));
            let generation = deployed.ok_or(ProvisionError::NoSuchVersion { number })?.generation;
            state.pool.set_provisioned(now, generation, count, &mut account.concurrency)?;
            state.provisioned.set(number, count);
            Ok(())
        })
    }

    /// An environment that was made ahead of invocations is ready.
    pub(crate) fn provisioning_succeeded(
        &self,
        function: &Arc<Function>,
        id: EnvironmentId,
        sandboxed: Sandboxed,
    ) {
        let now = self.clock().now();
        self.with_pool(function, now, |state, _| state.pool.handle_ready(now, id, sandboxed));
    }

    /// An environment could not be made ahead of invocations.
    pub(crate) fn provisioning_failed(
        &self,
        function: &Arc<Function>,
        deployed: &Deployed,
        id: EnvironmentId,
        failure: ProvisioningFailure,
    ) {
        let now = self.clock().now();
        self.with_pool(function, now, |state, account| {
            // One that is not wanted any more says nothing about those that are.
            if state.pool.environments().any(|view| view.id == id && view.provisioned) {
                // Before the environment is given up: the pool would have another one made.
                state.unprovision(now, deployed, &mut account.concurrency);
                state.provisioned.fail(deployed.version, failure);
            }
            state.pool.handle_release(now, id, Released::Lost, &mut account.concurrency);
        });
    }
}

impl Function {
    /// The provisioned concurrency of a published version, if it has some.
    #[must_use]
    pub fn provisioned(&self, number: u64) -> Option<ProvisionedConcurrency> {
        self.with_state(|state, _| state.provisioned_concurrency(number))
    }
}

impl State {
    /// Gives back what a version has provisioned.
    pub(crate) fn unprovision(
        &mut self,
        now: Instant,
        deployed: &Deployed,
        account: &mut AccountConcurrency,
    ) {
        let unprovisioned = self.pool.set_provisioned(now, deployed.generation, 0, account);
        debug_assert!(unprovisioned.is_ok(), "less than before always fits");
    }

    fn provisioned_concurrency(&self, number: u64) -> Option<ProvisionedConcurrency> {
        let Allocation { requested, failure } = self.provisioned.0.get(&number)?;
        let generation = self.versions.find(Version::Published(number))?.generation;
        let (mut allocated, mut available) = (0, 0);
        for view in self.pool.environments() {
            if view.provisioned && view.generation == generation {
                match view.state {
                    EnvironmentState::Provisioning | EnvironmentState::Initialising => {}
                    EnvironmentState::Busy | EnvironmentState::Resetting => allocated += 1,
                    EnvironmentState::Idle => {
                        allocated += 1;
                        available += 1;
                    }
                }
            }
        }
        let status = match failure {
            Some(failure) => ProvisioningStatus::Failed(failure.clone()),
            None if allocated == *requested => ProvisioningStatus::Ready,
            None => ProvisioningStatus::InProgress,
        };
        Some(ProvisionedConcurrency { requested: *requested, allocated, available, status })
    }
}

impl Provisioned {
    /// What is provisioned for invocations of a version; none if they are not expected to find a provisioned environment.
    pub(crate) fn allotment(&self, version: Version) -> Option<Allotment> {
        let Version::Published(number) = version else { return None };
        let allocation = self.0.get(&number).filter(|allocation| allocation.failure.is_none())?;
        let function = self.0.values().map(|allocation| allocation.requested).sum();
        Some(Allotment { version: allocation.requested, function })
    }

    pub(crate) fn remove(&mut self, number: u64) {
        self.0.remove(&number);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn set(&mut self, number: u64, requested: u32) {
        if requested == 0 {
            self.0.remove(&number);
        } else {
            self.0.insert(number, Allocation { requested, failure: None });
        }
    }

    fn fail(&mut self, version: Version, failure: ProvisioningFailure) {
        if let Version::Published(number) = version
            && let Some(allocation) = self.0.get_mut(&number)
        {
            allocation.failure = Some(failure);
        }
    }
}

impl ProvisioningStatus {
    /// The status as AWS writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Ready => "READY",
            Self::Failed(_) => "FAILED",
        }
    }
}

impl ProvisioningFailure {
    pub(crate) fn of(failure: &Failure) -> Self {
        failure.platform_fault().cloned().map_or(Self::Init, Self::Platform)
    }
}

impl fmt::Display for ProvisioningFailure {
    /// The `StatusReason`: AWS's for what AWS has (recorded in February 2026), Hearth's own words otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init => f.write_str("FUNCTION_ERROR_INIT_FAILURE"),
            Self::Platform(fault) => fault.fmt(f),
        }
    }
}
