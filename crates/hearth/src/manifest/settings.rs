//! What holds for all functions.

use std::time::Duration;

use hearth_model::{
    limits,
    network::Destination,
    pool::{PoolPolicy, ReuseOrder},
};

use super::{fields::Fields, problem::Problem, suggestion};

/// The keys at the top of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `seed`: what random choices and modelled cold starts begin with. By default 0.
    pub seed: u64,
    /// `account_concurrency`: concurrent executions of the account. By default 1,000, as on AWS.
    pub account_concurrency: u32,
    /// `reuse` and `idle_lifetime_s`: which environment serves next, and how long an idle one is kept.
    pub pool: PoolPolicy,
    /// `strict_runtimes`: whether functions are refused that name another version of a language than the one that runs them. By
    /// default not: `python3.12` runs on Python 3.14, and the function's log says so.
    pub strict_runtimes: bool,
    /// `network`: what functions may connect to besides Hearth's own endpoint. By default nothing.
    pub network: Vec<Destination>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            account_concurrency: limits::ACCOUNT_CONCURRENCY,
            pool: PoolPolicy::default(),
            strict_runtimes: false,
            network: Vec::new(),
        }
    }
}

const MOST_RECENTLY_USED: &str = "most-recently-used";
const LEAST_RECENTLY_USED: &str = "least-recently-used";
const RANDOM: &str = "random";

/// A day: longer lives no idle environment.
const LONGEST_IDLE_LIFETIME_S: u32 = 24 * 60 * 60;

impl Settings {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let defaults = Self::default();
        let seed = fields.integer("seed", 0..=u64::MAX).map_or(defaults.seed, |(seed, _)| seed);
        let account_concurrency = fields
            .integer("account_concurrency", 1..=u32::MAX)
            .map_or(defaults.account_concurrency, |(limit, _)| limit);
        let reuse = reuse_order(fields, seed).unwrap_or(defaults.pool.reuse);
        let idle_lifetime = fields
            .integer("idle_lifetime_s", 1..=LONGEST_IDLE_LIFETIME_S)
            .map_or(defaults.pool.idle_lifetime, |(seconds, _)| Duration::from_secs(seconds.into()));
        let strict_runtimes = fields.boolean("strict_runtimes").unwrap_or(defaults.strict_runtimes);
        Self {
            seed,
            account_concurrency,
            strict_runtimes,
            network: network(fields),
            pool: PoolPolicy { reuse, idle_lifetime, ..defaults.pool },
        }
    }
}

fn network(fields: &mut Fields<'_>) -> Vec<Destination> {
    let mut open = Vec::new();
    for (text, span) in fields.strings("network") {
        match text.parse::<Destination>() {
            Ok(destination) => open.push(destination),
            Err(error) => fields.note(Problem::new(error.to_string(), span)),
        }
    }
    open
}

fn reuse_order(fields: &mut Fields<'_>, seed: u64) -> Option<ReuseOrder> {
    let (name, span) = fields.string("reuse")?;
    match name {
        MOST_RECENTLY_USED => Some(ReuseOrder::MostRecentlyUsed),
        LEAST_RECENTLY_USED => Some(ReuseOrder::LeastRecentlyUsed),
        RANDOM => Some(ReuseOrder::Random { seed }),
        other => {
            let help = suggestion::help(other, [MOST_RECENTLY_USED, LEAST_RECENTLY_USED, RANDOM]);
            fields.note(Problem::new(format!("there is no reuse order `{other}`"), span).help(help));
            None
        }
    }
}
