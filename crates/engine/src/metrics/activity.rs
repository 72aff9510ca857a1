//! What happened within some time.

use std::time::Duration;

use super::{distribution::Distribution, level::Level, minutes::Activities};

/// What a function, or a part of it, did within some time; named after Lambda's CloudWatch metrics where those count the
/// same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    /// Invocations that ended with an error of the function: reported by the handler, crashed, timed out, out of memory.
    pub errors: u64,
    /// Invocations that ended with a fault of Hearth's own.
    pub platform_faults: u64,
    /// Requests that were turned away.
    pub throttles: u64,
    /// Invocations that had to create an environment.
    pub cold_starts: u64,
    /// Invocations that provisioned environments served.
    pub provisioned_invocations: u64,
    /// Invocations of versions with provisioned concurrency that found all of it in use, or not ready yet, and ran on
    /// demand.
    pub provisioned_spillovers: u64,
    /// Events that were accepted for asynchronous invocation.
    pub events_accepted: u64,
    /// Events that ended without a success, whether somebody was told or not.
    pub events_dropped: u64,
    /// Invocations that were not made because the chain of events that led to them had invoked the function too often.
    pub recursive_invocations_dropped: u64,
    /// Records that a destination did not take.
    pub destination_failures: u64,
    /// Events that a dead-letter queue did not take.
    pub dead_letter_failures: u64,
    /// What all invocations together are billed for.
    pub billed: Duration,
    /// What the invocations that ended took, well or not, without initialisation. Throttled ones are none.
    pub duration: Distribution,
    /// How old events were at the attempts to give them to the function.
    pub event_age: Distribution,
    /// What it took to initialise environments before their first invocation, as `REPORT` has it.
    pub init_duration: Distribution,
    /// What it took to make environments that were then initialised.
    pub provision: Distribution,
    /// The part of initialisation that a cold-start model added.
    pub modelled_init: Distribution,
    /// The part of initialisation that it really took.
    pub measured_init: Distribution,
    /// Invocations that ran at once.
    pub concurrency: Level,
    /// Those of them that provisioned environments served.
    pub provisioned_concurrency: Level,
    /// The largest part of its provisioned concurrency that was in use.
    pub provisioned_utilization: f64,
}

/// What the functions of an account in a region did together, as far as that is not the sum of what each did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountActivity {
    /// Invocations that ran at once.
    pub concurrency: Level,
    /// Those of them whose functions had reserved no concurrency.
    pub unreserved_concurrency: Level,
}

impl Activity {
    /// Invocations that ended.
    #[must_use]
    pub fn invocations(&self) -> u64 {
        self.duration.count()
    }

    /// Takes in what happened later. Of levels, the higher one counts.
    pub(crate) fn merge(&mut self, other: &Self) {
        let Self {
            errors,
            platform_faults,
            throttles,
            cold_starts,
            provisioned_invocations,
            provisioned_spillovers,
            events_accepted,
            events_dropped,
            recursive_invocations_dropped,
            destination_failures,
            dead_letter_failures,
            billed,
            duration,
            event_age,
            init_duration,
            provision,
            modelled_init,
            measured_init,
            concurrency,
            provisioned_concurrency,
            provisioned_utilization,
        } = other;
        self.errors += errors;
        self.platform_faults += platform_faults;
        self.throttles += throttles;
        self.cold_starts += cold_starts;
        self.provisioned_invocations += provisioned_invocations;
        self.provisioned_spillovers += provisioned_spillovers;
        self.events_accepted += events_accepted;
        self.events_dropped += events_dropped;
        self.recursive_invocations_dropped += recursive_invocations_dropped;
        self.destination_failures += destination_failures;
        self.dead_letter_failures += dead_letter_failures;
        self.billed += *billed;
        self.duration.merge(duration);
        self.event_age.merge(event_age);
        self.init_duration.merge(init_duration);
        self.provision.merge(provision);
        self.modelled_init.merge(modelled_init);
        self.measured_init.merge(measured_init);
        self.concurrency.merge(*concurrency);
        self.provisioned_concurrency.merge(*provisioned_concurrency);
        self.provisioned_utilization = self.provisioned_utilization.max(*provisioned_utilization);
    }
}

impl Activity {
    fn continued_utilization(&self) -> f64 {
        let Level { now, most } = self.provisioned_concurrency;
        if most == 0 { 0.0 } else { self.provisioned_utilization * f64::from(now) / f64::from(most) }
    }
}

impl Activities for Activity {
    fn following(&self) -> Self {
        Self {
            concurrency: self.concurrency.continued(),
            provisioned_concurrency: self.provisioned_concurrency.continued(),
            provisioned_utilization: self.continued_utilization(),
            ..Self::default()
        }
    }
}

impl Activities for AccountActivity {
    fn following(&self) -> Self {
        Self {
            concurrency: self.concurrency.continued(),
            unreserved_concurrency: self.unreserved_concurrency.continued(),
        }
    }
}
