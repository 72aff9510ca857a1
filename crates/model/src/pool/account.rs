//! Concurrency that the functions of one account and region share.

use thiserror::Error;

use super::ThrottleReason;
use crate::limits;

/// Account-wide concurrency of one account and region; shared by its pools.
///
/// A unit of concurrency is in use while an on-demand execution runs, and as long as it is provisioned. A pool with
/// reserved concurrency lives on its reservation; all others share what nobody has reserved.
///
/// Source: Lambda developer guide, "Understanding Lambda function scaling", "Configuring reserved concurrency" and
/// "Configuring provisioned concurrency".
#[derive(Debug, PartialEq, Eq)]
pub struct AccountConcurrency {
    limit: u32,
    /// The reservations of all pools.
    reserved: u32,
    /// What pools without reservation have provisioned.
    provisioned: u32,
    /// Units in use of pools without reservation.
    in_use: u32,
    /// Units in use of pools with reservation.
    reserved_in_use: u32,
}

/// Why concurrency cannot be reserved or provisioned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReservationRefused {
    /// Too little would be left for functions without reservation.
    #[error(
        "{requested} units of concurrency are more than the {available} that the account can give: of its {limit}, \
         {} stay for functions that have reserved none",
        limits::MINIMUM_UNRESERVED_CONCURRENCY
    )]
    AccountExhausted {
        /// What was wanted.
        requested: u32,
        /// What could be had.
        available: u32,
        /// The account's limit.
        limit: u32,
    },
    /// A function's provisioned concurrency is part of its reserved concurrency.
    #[error(
        "provisioned concurrency of {provisioned} does not fit into reserved concurrency of {reserved}: reserve at least {provisioned}"
    )]
    ProvisionedAboveReserved {
        /// What is provisioned, of all versions together.
        provisioned: u32,
        /// What is reserved.
        reserved: u32,
    },
}

impl AccountConcurrency {
    /// An account with room for `limit` concurrent executions.
    #[must_use]
    pub const fn new(limit: u32) -> Self {
        Self { limit, reserved: 0, provisioned: 0, in_use: 0, reserved_in_use: 0 }
    }

    /// Concurrent executions of the account.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// What functions without reservation share: the limit without all reservations.
    #[must_use]
    pub const fn unreserved(&self) -> u32 {
        self.limit.saturating_sub(self.reserved)
    }

    /// The unreserved concurrency in use now: on-demand executions, and what is provisioned.
    #[must_use]
    pub const fn in_use(&self) -> u32 {
        self.in_use
    }

    /// All concurrency in use now, with that of functions with reservation.
    #[must_use]
    pub const fn total_in_use(&self) -> u32 {
        self.in_use + self.reserved_in_use
    }

    /// Takes a unit for one more on-demand execution of the pool that `share` belongs to.
    pub(super) fn admit(&mut self, share: &mut Share) -> Result<(), ThrottleReason> {
        match share.reserved {
            Some(reserved) if share.units() >= reserved => {
                return Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
            }
            None if self.in_use >= self.unreserved() => {
                return Err(ThrottleReason::ConcurrentInvocationLimitExceeded);
            }
            Some(_) | None => {}
        }
        // A new reservation does not end executions that already run on what it takes: until they end, the account
        // may be full although the reservation is not.
        if self.total_in_use() >= self.limit {
            return Err(ThrottleReason::ConcurrentInvocationLimitExceeded);
        }
        self.count(share);
        Ok(())
    }

    /// Counts an on-demand execution that runs already.
    pub(super) fn count(&mut self, share: &mut Share) {
        share.on_demand += 1;
        *self.units_like(share) += 1;
    }

    /// Gives back the unit of one on-demand execution.
    pub(super) fn leave(&mut self, share: &mut Share) {
        share.on_demand -= 1;
        *self.units_like(share) -= 1;
    }

    /// Changes what a pool has reserved and provisioned.
    pub(super) fn reallocate(
        &mut self,
        share: &mut Share,
        reserved: Option<u32>,
        provisioned: u32,
    ) -> Result<(), ReservationRefused> {
        let wanted = Share { reserved, provisioned, ..*share };
        if let Some(reserved) = reserved
            && provisioned > reserved
        {
            return Err(ReservationRefused::ProvisionedAboveReserved { provisioned, reserved });
        }
        let others = self.reserved + self.provisioned - share.allocated();
        let reservable = self.limit.saturating_sub(limits::MINIMUM_UNRESERVED_CONCURRENCY);
        let available = reservable.saturating_sub(others);
        let requested = wanted.allocated();
        if requested > available {
            return Err(ReservationRefused::AccountExhausted { requested, available, limit: self.limit });
        }
        self.remove(*share);
        self.add(wanted);
        *share = wanted;
        Ok(())
    }

    fn add(&mut self, share: Share) {
        *self.units_like(&share) += share.units();
        match share.reserved {
            Some(reserved) => self.reserved += reserved,
            None => self.provisioned += share.provisioned,
        }
    }

    fn remove(&mut self, share: Share) {
        *self.units_like(&share) -= share.units();
        match share.reserved {
            Some(reserved) => self.reserved -= reserved,
            None => self.provisioned -= share.provisioned,
        }
    }

    fn units_like(&mut self, share: &Share) -> &mut u32 {
        if share.reserved.is_some() { &mut self.reserved_in_use } else { &mut self.in_use }
    }
}

impl Default for AccountConcurrency {
    fn default() -> Self {
        Self::new(limits::ACCOUNT_CONCURRENCY)
    }
}

/// What one pool has of its account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Concurrency that only this pool may use, and its limit.
    pub(super) reserved: Option<u32>,
    /// Provisioned concurrency, of all generations together.
    pub(super) provisioned: u32,
    /// Executions in environments that are not provisioned.
    pub(super) on_demand: u32,
}

impl Share {
    /// The units of concurrency that are in use.
    const fn units(self) -> u32 {
        self.provisioned + self.on_demand
    }

    /// What nobody else can get, in use or not.
    fn allocated(self) -> u32 {
        self.reserved.unwrap_or(self.provisioned)
    }
}
