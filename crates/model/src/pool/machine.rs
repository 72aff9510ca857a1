//! The state machine itself.

use std::{
    collections::{BTreeMap, VecDeque, btree_map},
    mem,
};

use super::{
    AccountConcurrency, Acquired, ColdReason, EnvironmentState, EnvironmentView, Generation, Output,
    PoolPolicy, Released, ReservationRefused, RetireReason, ReuseOrder, ThrottleReason,
    account::Share,
    environment::{Environment, Environments, Phase},
    generation::GenerationPool,
};
use crate::{identity::EnvironmentId, random::SplitMix64, time::Instant, token_bucket::TokenBucket};

/// The environments of one function.
///
/// `E` is what the caller keeps per environment. It lives in the pool while the environment is idle, and with the caller
/// at all other times.
///
/// `now` never goes back: an input that carries an earlier time than the one before is taken to happen at the same time,
/// so that callers may read the clock before they take the pool's lock.
///
/// # Panics
/// An environment's number is valid from [`Acquired`] or [`Output::Provision`] until [`Output::Retired`], and what is
/// told about an environment must fit what it is doing. Methods panic otherwise, before they change anything: two
/// invocations in one environment would be worse.
#[derive(Debug)]
pub struct Pool<E> {
    policy: PoolPolicy,
    environments: Environments<E>,
    generations: BTreeMap<Generation, GenerationPool>,
    /// This function's part of the account's concurrency.
    share: Share,
    /// Environments that an invocation holds, provisioned ones included.
    executions: u32,
    /// Permissions to create an environment: "1,000 execution environment instances every 10 seconds", refilled continuously,
    /// unused parts not accrued. Source: Lambda developer guide, "Lambda scaling behavior".
    scaling: TokenBucket,
    random: SplitMix64,
    shut_down: bool,
    /// The latest `now`.
    now: Instant,
    outputs: VecDeque<Output<E>>,
}

impl<E> Pool<E> {
    /// A pool without environments.
    #[must_use]
    pub fn new(policy: PoolPolicy) -> Self {
        let seed = match policy.reuse {
            ReuseOrder::Random { seed } => seed,
            ReuseOrder::MostRecentlyUsed | ReuseOrder::LeastRecentlyUsed => 0,
        };
        Self {
            policy,
            environments: Environments::default(),
            generations: BTreeMap::new(),
            share: Share::default(),
            executions: 0,
            scaling: TokenBucket::new(policy.scaling_burst, policy.scaling_interval),
            random: SplitMix64::new(seed),
            shut_down: false,
            now: Instant::ORIGIN,
            outputs: VecDeque::new(),
        }
    }

    /// An invocation wants an environment. `next_id` is called if a new one is created for it.
    ///
    /// Provisioned environments serve first, then idle ones on demand, then new ones.
    pub fn handle_acquire(
        &mut self,
        now: Instant,
        generation: Generation,
        account: &mut AccountConcurrency,
        next_id: impl FnOnce() -> EnvironmentId,
    ) -> Acquired<E> {
        let now = self.advance(now);
        self.expire(now, generation);
        let order = self.policy.reuse;
        let pool = entry(&mut self.generations, generation);
        if let Some(id) = pool.idle_provisioned.take(order, &mut self.random) {
            return self.wake(now, id);
        }
        if let Err(reason) = account.admit(&mut self.share) {
            return Acquired::Throttled(reason);
        }
        if let Some(id) = pool.idle.take(order, &mut self.random) {
            return self.wake(now, id);
        }
        if !self.scaling.try_take(now) {
            account.leave(&mut self.share);
            return Acquired::Throttled(ThrottleReason::FunctionInvocationRateLimitExceeded);
        }
        let reason = pool.cold_reason();
        let id = next_id();
        self.executions += 1;
        self.create(now, id, generation, Origin::Invocation);
        Acquired::Cold { id, reason }
    }

    /// An environment has been made; its init runs from now on.
    pub fn handle_provisioned(&mut self, now: Instant, id: EnvironmentId) {
        let now = self.advance(now);
        callers(&mut self.environments, id).enter(Phase::Initialising, now);
    }

    /// The init of an environment that was created for an invocation is over; the handler runs from now on.
    pub fn handle_initialised(&mut self, now: Instant, id: EnvironmentId) {
        let now = self.advance(now);
        let environment = callers(&mut self.environments, id);
        assert!(
            environment.held,
            "{id} was not acquired: handle_ready is for those that no invocation holds"
        );
        environment.enter(Phase::Busy, now);
    }

    /// The init of an environment that no invocation waits for is over; it is idle, or retires if it is not wanted any more.
    pub fn handle_ready(&mut self, now: Instant, id: EnvironmentId, environment: E) {
        let now = self.advance(now);
        self.rest(now, id, environment);
    }

    /// An invocation ends, in whatever state its environment is; or an environment that no invocation holds is lost.
    pub fn handle_release(
        &mut self,
        now: Instant,
        id: EnvironmentId,
        released: Released<E>,
        account: &mut AccountConcurrency,
    ) {
        let now = self.advance(now);
        let environment = callers(&mut self.environments, id);
        if mem::take(&mut environment.held) {
            self.executions -= 1;
            if !environment.provisioned {
                account.leave(&mut self.share);
            }
        }
        match released {
            Released::Reusable(kept) => self.rest(now, id, kept),
            Released::Resetting => {
                environment.enter(Phase::Resetting, now);
            }
            Released::Lost => {
                let reason = match environment.phase.state() {
                    EnvironmentState::Provisioning | EnvironmentState::Initialising => {
                        RetireReason::InitFailed
                    }
                    EnvironmentState::Idle | EnvironmentState::Busy | EnvironmentState::Resetting => {
                        RetireReason::Lost
                    }
                };
                self.retire(id, reason);
            }
        }
    }

    /// A reset is done: the environment is idle with its `/tmp`, or retires if it is not wanted any more.
    pub fn handle_reset(&mut self, now: Instant, id: EnvironmentId, environment: E) {
        let now = self.advance(now);
        self.rest(now, id, environment);
    }

    /// New code takes the place of a generation's: its idle environments retire now, all others when they become idle.
    /// Other generations are not concerned.
    ///
    /// Its provisioned environments are not replaced, but their concurrency stays allocated until
    /// [`set_provisioned`](Self::set_provisioned) gives it back.
    pub fn handle_generation_replaced(&mut self, now: Instant, old: Generation, new: Generation) {
        if let Some(pool) = self.generations.get(&old) {
            let cold = pool.successors_cold_reason();
            self.generations.entry(new).or_insert_with(|| GenerationPool::new(cold));
        }
        self.retire_generation(now, old, RetireReason::CodeChanged);
    }

    /// A generation's code is deleted, and nothing takes its place; otherwise as
    /// [`handle_generation_replaced`](Self::handle_generation_replaced).
    pub fn handle_generation_deleted(&mut self, now: Instant, generation: Generation) {
        self.retire_generation(now, generation, RetireReason::Deleted);
    }

    /// Everything ends: idle environments retire now, all others when they become idle, and no more are provisioned.
    pub fn handle_shutdown(&mut self, now: Instant) {
        self.advance(now);
        self.shut_down = true;
        let generations: Vec<_> = self.generations.keys().copied().collect();
        for generation in generations {
            self.retire_idle(generation, RetireReason::ShutDown);
        }
    }

    /// Reserves concurrency for this function alone, which is then also its limit; `Some(0)` turns the function off.
    ///
    /// Executions that run already go on, whatever the limit.
    ///
    /// # Errors
    /// If too little would be left for functions without reservation, or if more is provisioned.
    pub fn set_reserved(
        &mut self,
        reserved: Option<u32>,
        account: &mut AccountConcurrency,
    ) -> Result<(), ReservationRefused> {
        let provisioned = self.share.provisioned;
        account.reallocate(&mut self.share, reserved, provisioned)
    }

    /// Keeps `target` environments of a generation ready. They count against reserved concurrency if there is some, else
    /// against the account's, whether they are used or not.
    ///
    /// [`Output::Provision`] tells which to create, no faster than the scaling rate, also when one is lost later. With
    /// a lower target than before, idle ones retire, and busy ones finish as environments on demand.
    ///
    /// # Errors
    /// If reserved concurrency, or else the account's, has not enough room.
    pub fn set_provisioned(
        &mut self,
        now: Instant,
        generation: Generation,
        target: u32,
        account: &mut AccountConcurrency,
    ) -> Result<(), ReservationRefused> {
        self.advance(now);
        let before = self.generations.get(&generation).map_or(0, |pool| pool.provisioned_target);
        if target == before {
            return Ok(());
        }
        let provisioned = (self.share.provisioned - before).saturating_add(target);
        let reserved = self.share.reserved;
        account.reallocate(&mut self.share, reserved, provisioned)?;
        entry(&mut self.generations, generation).provisioned_target = target;
        self.unprovision_surplus(generation, account);
        self.forget_if_over(generation);
        Ok(())
    }

    /// Retires what has been idle too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.advance(now);
        let generations: Vec<_> = self.generations.keys().copied().collect();
        for generation in generations {
            self.expire(now, generation);
        }
    }

    /// The machine has no room: retires the on-demand environment that has been idle longest. False if none is idle.
    pub fn handle_pressure(&mut self, now: Instant) -> bool {
        self.advance(now);
        let Some((id, _)) = self.longest_idle() else { return false };
        let generation = self.environments.get(&id).expect(KNOWN).generation;
        self.generations.get_mut(&generation).expect(COUNTED).idle.pop_oldest();
        self.retire(id, RetireReason::Evicted);
        true
    }

    /// Since when the on-demand environment that has been idle longest is idle; `None` if none is.
    #[must_use]
    pub fn longest_idle_since(&self) -> Option<Instant> {
        self.longest_idle().map(|(_, since)| since)
    }

    /// When [`handle_timeout`](Self::handle_timeout) and then [`poll_output`](Self::poll_output) have something to do;
    /// `None` if never. A time that has passed means now.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let oldest = self.generations.values().filter_map(|pool| pool.idle.oldest());
        let expiry = oldest.map(|id| idle_until(&self.environments, &self.policy, id)).min();
        let provision = self.missing().and_then(|_| self.scaling.available_at());
        expiry.into_iter().chain(provision).min()
    }

    /// What the caller has to do next; drain it after every `handle_*` and `set_*`. `next_id` is called if a provisioned
    /// environment is created.
    pub fn poll_output(
        &mut self,
        now: Instant,
        next_id: impl FnOnce() -> EnvironmentId,
    ) -> Option<Output<E>> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        let generation = self.missing()?;
        let now = self.advance(now);
        if !self.scaling.try_take(now) {
            return None;
        }
        let id = next_id();
        self.create(now, id, generation, Origin::ProvisionedConcurrency);
        Some(Output::Provision { id, generation })
    }

    /// All environments, in no particular order.
    pub fn environments(&self) -> impl Iterator<Item = EnvironmentView> {
        self.environments.iter().map(|(id, environment)| environment.view(*id))
    }

    /// Executions now, those in provisioned environments included.
    #[must_use]
    pub const fn concurrency(&self) -> u32 {
        self.executions
    }

    /// Concurrency that only this function may use, and its limit.
    #[must_use]
    pub const fn reserved(&self) -> Option<u32> {
        self.share.reserved
    }

    fn retire_generation(&mut self, now: Instant, generation: Generation, reason: RetireReason) {
        self.advance(now);
        let Some(pool) = self.generations.get_mut(&generation) else { return };
        pool.retired = Some(reason);
        self.retire_idle(generation, reason);
        self.forget_if_over(generation);
    }

    fn longest_idle(&self) -> Option<(EnvironmentId, Instant)> {
        let oldest = self.generations.values().filter_map(|pool| pool.idle.oldest());
        oldest.map(|id| (id, self.environments.get(&id).expect(QUEUED).since)).min_by_key(|(_, since)| *since)
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    fn create(&mut self, now: Instant, id: EnvironmentId, generation: Generation, origin: Origin) {
        let held = match origin {
            Origin::Invocation => true,
            Origin::ProvisionedConcurrency => false,
        };
        let environment = Environment {
            generation,
            phase: Phase::Provisioning,
            since: now,
            invocations: u64::from(held),
            provisioned: !held,
            held,
        };
        let previous = self.environments.insert(id, environment);
        assert!(previous.is_none(), "{id} was given out twice");
        self.generations.get_mut(&generation).expect(COUNTED).count_created(!held);
    }

    /// Hands an idle environment to an invocation.
    fn wake(&mut self, now: Instant, id: EnvironmentId) -> Acquired<E> {
        self.executions += 1;
        let environment = self.environments.get_mut(&id).expect(QUEUED);
        environment.held = true;
        environment.invocations += 1;
        let provisioned = environment.provisioned;
        let Phase::Idle(kept) = environment.enter(Phase::Busy, now) else { unreachable!("{QUEUED}") };
        Acquired::Warm { id, environment: kept, provisioned }
    }

    /// Makes an environment idle, or retires it if nobody will want it.
    fn rest(&mut self, now: Instant, id: EnvironmentId, kept: E) {
        let environment = callers(&mut self.environments, id);
        assert!(!environment.held, "{id} is held by an invocation: handle_release ends it");
        environment.enter(Phase::Idle(kept), now);
        let pool = self.generations.get_mut(&environment.generation).expect(COUNTED);
        if let Some(reason) = pool.retired {
            self.retire(id, reason);
        } else if self.shut_down {
            self.retire(id, RetireReason::ShutDown);
        } else {
            pool.idle_queue(environment.provisioned).push(id);
        }
    }

    /// Ends an environment that is in no queue.
    fn retire(&mut self, id: EnvironmentId, reason: RetireReason) {
        let environment = self.environments.remove(&id).expect(KNOWN);
        let generation = environment.generation;
        self.generations.get_mut(&generation).expect(COUNTED).count_retired(environment.provisioned, reason);
        self.forget_if_over(generation);
        let kept = match environment.phase {
            Phase::Idle(kept) => Some(kept),
            Phase::Provisioning | Phase::Initialising | Phase::Busy | Phase::Resetting => None,
        };
        self.outputs.push_back(Output::Retired { id, generation, environment: kept, reason });
    }

    /// Retires on-demand environments of one generation that have been idle too long.
    fn expire(&mut self, now: Instant, generation: Generation) {
        while let Some(pool) = self.generations.get_mut(&generation)
            && let Some(id) = pool.idle.oldest()
            && idle_until(&self.environments, &self.policy, id) <= now
        {
            pool.idle.pop_oldest();
            self.retire(id, RetireReason::Expired);
        }
    }

    /// Retires all idle environments of one generation.
    fn retire_idle(&mut self, generation: Generation, reason: RetireReason) {
        while let Some(pool) = self.generations.get_mut(&generation)
            && let Some(id) = pool.idle_provisioned.pop_oldest().or_else(|| pool.idle.pop_oldest())
        {
            self.retire(id, reason);
        }
    }

    /// Brings the provisioned environments of a generation down to its target.
    fn unprovision_surplus(&mut self, generation: Generation, account: &mut AccountConcurrency) {
        while let Some(pool) = self.generations.get_mut(&generation)
            && pool.provisioned > pool.provisioned_target
            && let Some(id) = pool.idle_provisioned.pop_oldest()
        {
            self.retire(id, RetireReason::Unprovisioned);
        }
        let Some(pool) = self.generations.get_mut(&generation) else { return };
        let belongs =
            |environment: &Environment<E>| environment.generation == generation && environment.provisioned;
        // In the order of their numbers, so that the same run chooses the same ones.
        let mut working: Vec<_> =
            self.environments.iter_mut().filter(|(_, environment)| belongs(environment)).collect();
        working.sort_unstable_by_key(|(id, _)| **id);
        let surplus = (pool.provisioned.saturating_sub(pool.provisioned_target)) as usize;
        for (_, environment) in working.into_iter().take(surplus) {
            environment.provisioned = false;
            pool.provisioned -= 1;
            if environment.held {
                account.count(&mut self.share);
            }
        }
    }

    /// A generation that has fewer provisioned environments than it shall have.
    fn missing(&self) -> Option<Generation> {
        let missing =
            |(_, pool): &(&Generation, &GenerationPool)| !self.shut_down && pool.provisioned_missing() > 0;
        self.generations.iter().find(missing).map(|(generation, _)| *generation)
    }

    fn forget_if_over(&mut self, generation: Generation) {
        if let btree_map::Entry::Occupied(pool) = self.generations.entry(generation)
            && pool.get().is_over()
        {
            pool.remove();
        }
    }
}

/// What an environment is created for.
#[derive(Clone, Copy)]
enum Origin {
    Invocation,
    ProvisionedConcurrency,
}

const KNOWN: &str = "an environment's number is valid until it retires";
const QUEUED: &str = "idle queues hold idle environments";
const COUNTED: &str = "a generation is remembered as long as it has environments";

/// The generation's part of a pool, new if need be. A function of the field, so that others stay free to borrow.
fn entry(
    generations: &mut BTreeMap<Generation, GenerationPool>,
    generation: Generation,
) -> &mut GenerationPool {
    generations.entry(generation).or_insert_with(|| GenerationPool::new(ColdReason::FirstRequest))
}

/// An environment that is with the caller. An idle one is not: hearing of it means that it was released twice.
fn callers<E>(environments: &mut Environments<E>, id: EnvironmentId) -> &mut Environment<E> {
    let environment = environments.get_mut(&id).expect(KNOWN);
    assert!(environment.phase.state() != EnvironmentState::Idle, "{id} is idle: it was released before");
    environment
}

/// When an idle environment on demand expires.
fn idle_until<E>(environments: &Environments<E>, policy: &PoolPolicy, id: EnvironmentId) -> Instant {
    environments.get(&id).expect(QUEUED).since + policy.idle_lifetime
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_that_is_over_is_forgotten() {
        let mut account = AccountConcurrency::default();
        let mut pool = Pool::new(PoolPolicy::default());
        for number in 1..=100 {
            let (now, generation) = (Instant::from_nanos(number), Generation(number));
            pool.set_provisioned(now, generation, 1, &mut account).expect("there is room");
            pool.poll_output(now, || EnvironmentId(number)).expect("one is provisioned");
            pool.handle_generation_deleted(now, generation);
            pool.set_provisioned(now, generation, 0, &mut account).expect("less is always allowed");
            pool.handle_ready(now, EnvironmentId(number), ());
            pool.poll_output(now, || EnvironmentId(0)).expect("it retires");
        }
        assert!(pool.generations.is_empty() && pool.environments.is_empty());
    }
}
