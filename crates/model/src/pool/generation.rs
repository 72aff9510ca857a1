//! The part of a pool that belongs to one state of the function's code.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{ColdReason, RetireReason, ReuseOrder};
use crate::{identity::EnvironmentId, random::SplitMix64};

/// One state of a function's code and configuration: every deploy is a new generation, and so is every version that is
/// published. Several may live side by side; an environment belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

/// What a pool knows of one generation.
#[derive(Debug)]
pub(super) struct GenerationPool {
    /// Environments on demand that are idle, in the order in which they became so: the front expires first.
    pub(super) idle: IdleQueue,
    /// Provisioned environments that are idle; they do not expire.
    pub(super) idle_provisioned: IdleQueue,
    /// All environments, whatever they are doing.
    pub(super) environments: u32,
    /// Those of them that are provisioned; at most `provisioned_target`.
    pub(super) provisioned: u32,
    /// How many shall be provisioned.
    pub(super) provisioned_target: u32,
    /// Why nothing of this generation is kept any more, if so.
    pub(super) retired: Option<RetireReason>,
    /// Why the next invocation is cold if there is no environment at all.
    cold: ColdReason,
}

impl GenerationPool {
    pub(super) fn new(cold: ColdReason) -> Self {
        Self {
            idle: IdleQueue::default(),
            idle_provisioned: IdleQueue::default(),
            environments: 0,
            provisioned: 0,
            provisioned_target: 0,
            retired: None,
            cold,
        }
    }

    /// The queue of idle environments of one kind.
    pub(super) fn idle_queue(&mut self, provisioned: bool) -> &mut IdleQueue {
        if provisioned { &mut self.idle_provisioned } else { &mut self.idle }
    }

    /// Why an invocation that finds no idle environment is cold.
    pub(super) const fn cold_reason(&self) -> ColdReason {
        if self.environments > 0 { ColdReason::AllBusy } else { self.cold }
    }

    /// Why the first invocation of a generation that replaces this one is cold.
    pub(super) const fn successors_cold_reason(&self) -> ColdReason {
        if self.environments > 0 { ColdReason::CodeChanged } else { self.cold }
    }

    /// How many provisioned environments are yet to be created.
    pub(super) const fn provisioned_missing(&self) -> u32 {
        if self.retired.is_some() { 0 } else { self.provisioned_target - self.provisioned }
    }

    /// Counts an environment that came to be.
    pub(super) fn count_created(&mut self, provisioned: bool) {
        self.environments += 1;
        self.provisioned += u32::from(provisioned);
    }

    /// Counts an environment that ended.
    pub(super) fn count_retired(&mut self, provisioned: bool, reason: RetireReason) {
        self.environments -= 1;
        self.provisioned -= u32::from(provisioned);
        self.cold = match reason {
            RetireReason::Expired
            | RetireReason::Evicted
            | RetireReason::Unprovisioned
            | RetireReason::Deleted
            | RetireReason::ShutDown => ColdReason::Expired,
            RetireReason::CodeChanged => ColdReason::CodeChanged,
            RetireReason::Lost | RetireReason::InitFailed => ColdReason::Lost,
        };
    }

    /// Whether nothing is left to remember.
    pub(super) const fn is_over(&self) -> bool {
        self.retired.is_some() && self.environments == 0 && self.provisioned_target == 0
    }
}

/// Idle environments in the order in which they became idle.
#[derive(Debug, Default)]
pub(super) struct IdleQueue(VecDeque<EnvironmentId>);

impl IdleQueue {
    pub(super) fn push(&mut self, id: EnvironmentId) {
        self.0.push_back(id);
    }

    /// The one that has been idle longest.
    pub(super) fn oldest(&self) -> Option<EnvironmentId> {
        self.0.front().copied()
    }

    pub(super) fn pop_oldest(&mut self) -> Option<EnvironmentId> {
        self.0.pop_front()
    }

    /// Takes the one that the policy chooses.
    pub(super) fn take(&mut self, order: ReuseOrder, random: &mut SplitMix64) -> Option<EnvironmentId> {
        match order {
            ReuseOrder::MostRecentlyUsed => self.0.pop_back(),
            ReuseOrder::LeastRecentlyUsed => self.0.pop_front(),
            ReuseOrder::Random { seed: _ } if self.0.is_empty() => None,
            // Keeps the others in order, at the price of moving up to half of them.
            ReuseOrder::Random { seed: _ } => self.0.remove(random.index(self.0.len())),
        }
    }
}
