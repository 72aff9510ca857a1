//! One environment as its pool sees it.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hasher},
    mem,
};

use serde::{Deserialize, Serialize};

use super::Generation;
use crate::{identity::EnvironmentId, random::mix, time::Instant};

/// What an environment is doing. A retired one is gone, and has no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentState {
    /// It is being made: address space, `/tmp`.
    Provisioning,
    /// The part of the code that runs once is running.
    Initialising,
    /// It waits for an invocation.
    Idle,
    /// It serves an invocation.
    Busy,
    /// It is being reset after a crash or a timeout; no invocation holds it any more.
    Resetting,
}

impl EnvironmentState {
    /// The state as people and machines read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Initialising => "initialising",
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Resetting => "resetting",
        }
    }
}

impl fmt::Display for EnvironmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One environment, for people who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvironmentView {
    /// The environment.
    pub id: EnvironmentId,
    /// The code and configuration it was made with.
    pub generation: Generation,
    /// What it is doing.
    pub state: EnvironmentState,
    /// Since when it has been doing that.
    pub since: Instant,
    /// How many invocations it was acquired for, the running one included.
    pub invocations: u64,
    /// Whether it belongs to the function's provisioned concurrency.
    pub provisioned: bool,
}

/// What a pool knows of one environment.
#[derive(Debug)]
pub(super) struct Environment<E> {
    pub(super) generation: Generation,
    pub(super) phase: Phase<E>,
    /// When `phase` began.
    pub(super) since: Instant,
    pub(super) invocations: u64,
    /// Counts towards its generation's provisioned concurrency, and not as an on-demand execution.
    pub(super) provisioned: bool,
    /// An invocation holds it: it was acquired and not released.
    pub(super) held: bool,
}

/// [`EnvironmentState`], and what goes with it.
#[derive(Debug)]
pub(super) enum Phase<E> {
    Provisioning,
    Initialising,
    Idle(E),
    Busy,
    Resetting,
}

impl<E> Environment<E> {
    pub(super) fn enter(&mut self, phase: Phase<E>, now: Instant) -> Phase<E> {
        self.since = now;
        mem::replace(&mut self.phase, phase)
    }

    pub(super) const fn view(&self, id: EnvironmentId) -> EnvironmentView {
        EnvironmentView {
            id,
            generation: self.generation,
            state: self.phase.state(),
            since: self.since,
            invocations: self.invocations,
            provisioned: self.provisioned,
        }
    }
}

impl<E> Phase<E> {
    pub(super) const fn state(&self) -> EnvironmentState {
        match self {
            Self::Provisioning => EnvironmentState::Provisioning,
            Self::Initialising => EnvironmentState::Initialising,
            Self::Idle(_) => EnvironmentState::Idle,
            Self::Busy => EnvironmentState::Busy,
            Self::Resetting => EnvironmentState::Resetting,
        }
    }
}

/// Environments by their number.
pub(super) type Environments<E> = HashMap<EnvironmentId, Environment<E>, BuildHasherDefault<IdHasher>>;

/// Hearth itself gives the numbers out, so that nobody can choose them to collide: no need for a hash with a secret,
/// which takes longer and orders environments differently in every run.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, hash::Hash};

    use super::*;

    #[test]
    fn numbers_of_any_stride_spread() {
        for stride in [1, 2, 7, 8, 1_000, 1 << 10, 1 << 20, 1 << 32] {
            let buckets: HashSet<_> = (0..1_024_u64)
                .map(|count| {
                    let mut hasher = IdHasher::default();
                    EnvironmentId(count * stride).hash(&mut hasher);
                    hasher.finish() % 1_024
                })
                .collect();
            assert!(buckets.len() > 512, "stride {stride}: {} buckets of 1024", buckets.len());
        }
    }
}
