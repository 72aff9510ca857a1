//! What a user may choose about a pool.

use std::time::Duration;

use crate::limits;

/// Which idle environment serves the next invocation. AWS documents none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReuseOrder {
    /// The one that was busy last: few environments stay warm, the others expire. The default.
    #[default]
    MostRecentlyUsed,
    /// The one that has been idle longest: all environments stay warm, and globals that differ between them show.
    LeastRecentlyUsed,
    /// Any, by a seed: finds handlers that rely on an order. Costs time in proportion to the idle environments.
    Random {
        /// The same seed gives the same choices.
        seed: u64,
    },
}

/// What a user may choose about a pool; the default is AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolPolicy {
    /// Which idle environment serves the next invocation.
    pub reuse: ReuseOrder,
    /// How long an idle environment is kept; provisioned ones are kept as long as they are provisioned.
    pub idle_lifetime: Duration,
    /// How many environments may be created within [`scaling_interval`](Self::scaling_interval).
    pub scaling_burst: u32,
    /// The time in which [`scaling_burst`](Self::scaling_burst) refills; it refills continuously.
    pub scaling_interval: Duration,
}

impl Default for PoolPolicy {
    fn default() -> Self {
        Self {
            reuse: ReuseOrder::default(),
            idle_lifetime: limits::DEFAULT_IDLE_LIFETIME,
            scaling_burst: limits::SCALING_BURST,
            scaling_interval: limits::SCALING_INTERVAL,
        }
    }
}
