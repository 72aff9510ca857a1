//! What the functions of one account and region share.

use hearth_model::pool::AccountConcurrency;
use parking_lot::Mutex;

use crate::metrics::{AccountActivity, Minutes};

/// An account in a region.
pub(crate) struct Account {
    /// Locked after a function's state.
    pub(crate) concurrency: Mutex<AccountConcurrency>,
    /// Nothing else is locked while this is.
    pub(crate) metrics: Mutex<Minutes<AccountActivity>>,
}

impl Account {
    /// With room for so many concurrent executions.
    pub(crate) fn new(limit: u32) -> Self {
        let concurrency = Mutex::new(AccountConcurrency::new(limit));
        Self { concurrency, metrics: Mutex::default() }
    }
}
