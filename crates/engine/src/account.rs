//! What the functions of one account and region share.

use hearth_model::{pool::AccountConcurrency, time::Timestamp};
use parking_lot::Mutex;

use crate::metrics::{AccountActivity, Level, Minutes, Run};

/// An account in a region.
pub(crate) struct Account {
    /// Locked after a function's state.
    pub(crate) state: Mutex<AccountState>,
}

/// What changes together: every invocation changes all of it, under one lock.
pub(crate) struct AccountState {
    pub(crate) concurrency: AccountConcurrency,
    pub(crate) metrics: Minutes<AccountActivity>,
}

impl Account {
    /// With room for so many concurrent executions.
    pub(crate) fn new(limit: u32) -> Self {
        let concurrency = AccountConcurrency::new(limit);
        Self { state: Mutex::new(AccountState { concurrency, metrics: Minutes::default() }) }
    }
}

impl AccountState {
    /// Changes how many invocations run.
    pub(crate) fn level(&mut self, run: &Run, now: Timestamp, change: impl Fn(&mut Level)) {
        let activity = self.metrics.at(now, |_| {});
        change(&mut activity.concurrency);
        if !run.reserved {
            change(&mut activity.unreserved_concurrency);
        }
    }
}
