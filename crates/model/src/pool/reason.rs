//! Why a pool decided as it did.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an invocation was throttled; what `Reason` says in AWS's `TooManyRequestsException`.
///
/// Source: `ThrottleReason` in the Lambda API's model. The service has more of them, for things that no pool decides:
/// the rates of requests (`ReservedFunctionInvocationRateLimitExceeded`, `CallerRateLimitExceeded`) and of snapshots
/// (`ConcurrentSnapshotCreateLimitExceeded`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ThrottleReason {
    /// The function uses all of its reserved concurrency, or has reserved 0.
    ReservedFunctionConcurrentInvocationLimitExceeded,
    /// The account's unreserved concurrency is used up.
    ConcurrentInvocationLimitExceeded,
    /// The function grows faster than its scaling rate allows. AWS does not document which reason it gives for that; of
    /// those it has, this is the one for the rate of a function.
    FunctionInvocationRateLimitExceeded,
}

impl ThrottleReason {
    /// The reason as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => {
                "ReservedFunctionConcurrentInvocationLimitExceeded"
            }
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
            Self::FunctionInvocationRateLimitExceeded => "FunctionInvocationRateLimitExceeded",
        }
    }
}

impl fmt::Display for ThrottleReason {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => {
                "the function's reserved concurrency is used up"
            }
            Self::ConcurrentInvocationLimitExceeded => "the account's unreserved concurrency is used up",
            Self::FunctionInvocationRateLimitExceeded => "the function's scaling rate is used up",
        })
    }
}

/// Why an invocation needed a new environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColdReason {
    /// The function had no environment before.
    FirstRequest,
    /// Environments exist, but none is idle.
    AllBusy,
    /// Those that existed have the code or configuration of before.
    CodeChanged,
    /// Those that existed ended because nothing needed them; most were idle too long.
    Expired,
    /// Those that existed were lost, or their init failed.
    Lost,
}

impl fmt::Display for ColdReason {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstRequest => "first request",
            Self::AllBusy => "all environments busy",
            Self::CodeChanged => "code changed",
            Self::Expired => "idle environments expired",
            Self::Lost => "environment lost",
        })
    }
}

/// Why an environment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetireReason {
    /// It was idle too long.
    Expired,
    /// Its function has new code or configuration.
    CodeChanged,
    /// Its function, or its version of it, was deleted.
    Deleted,
    /// An invocation left it unusable.
    Lost,
    /// It never came to serve: it could not be made, or its init failed.
    InitFailed,
    /// It was idle, and the machine had no room for another environment.
    Evicted,
    /// Its function has less provisioned concurrency than before.
    Unprovisioned,
    /// Everything ends.
    ShutDown,
}

impl fmt::Display for RetireReason {
    /// For people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "idle too long",
            Self::CodeChanged => "code changed",
            Self::Deleted => "deleted",
            Self::Lost => "lost",
            Self::InitFailed => "init failed",
            Self::Evicted => "made room for another",
            Self::Unprovisioned => "no longer provisioned",
            Self::ShutDown => "shut down",
        })
    }
}
