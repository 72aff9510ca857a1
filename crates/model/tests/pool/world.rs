//! A caller of pools that checks everything it is told.
//!
//! A [`World`] has one account and some pools. It keeps its own books, in the plainest way that comes to mind, and
//! compares the pools with them after every step, so that every test also tests the invariants.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{
    identity::EnvironmentId,
    limits,
    pool::{
        AccountConcurrency, Acquired, ColdReason, EnvironmentState, EnvironmentView, Generation, Output,
        Pool, PoolPolicy, Released, ReservationRefused, RetireReason, ReuseOrder, ThrottleReason,
    },
    time::Instant,
};

pub(crate) struct World {
    pub(crate) account: AccountConcurrency,
    pub(crate) now: Instant,
    subjects: Vec<Subject>,
    next_id: u64,
}

/// Names a pool of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolName(usize);

/// What a test wants to know of an acquire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Warm(EnvironmentId),
    Cold(EnvironmentId, ColdReason),
    Throttled(ThrottleReason),
}

/// How an invocation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Well,
    Reset,
    Lost,
}

/// What the caller keeps per environment. It cannot be copied: there is one, and it is with the pool or with the caller.
#[derive(Debug, PartialEq, Eq)]
struct Token(EnvironmentId);

/// One pool, and the caller's books about it.
struct Subject {
    pool: Pool<Token>,
    policy: PoolPolicy,
    generation: Generation,
    reserved: Option<u32>,
    targets: BTreeMap<Generation, u32>,
    shut_down: bool,
    /// When each environment was created.
    created: Vec<Instant>,
    /// The environments that are with the caller, and whether an invocation holds them.
    away: BTreeMap<EnvironmentId, bool>,
    /// What was put out since the test last asked.
    retired: Vec<(EnvironmentId, RetireReason)>,
    provisioned: Vec<EnvironmentId>,
}

impl World {
    pub(crate) fn new(limit: u32) -> Self {
        let account = AccountConcurrency::new(limit);
        Self { account, now: Instant::from_nanos(1), subjects: Vec::new(), next_id: 0 }
    }

    pub(crate) fn add(&mut self, policy: PoolPolicy) -> PoolName {
        self.subjects.push(Subject {
            pool: Pool::new(policy),
            policy,
            generation: Generation(1),
            reserved: None,
            targets: BTreeMap::new(),
            shut_down: false,
            created: Vec::new(),
            away: BTreeMap::new(),
            retired: Vec::new(),
            provisioned: Vec::new(),
        });
        PoolName(self.subjects.len() - 1)
    }

    /// Lets time pass, without telling the pools.
    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    pub(crate) fn acquire(&mut self, name: PoolName) -> Outcome {
        self.acquire_generation(name, self.subjects[name.0].generation)
    }

    pub(crate) fn acquire_generation(&mut self, name: PoolName, generation: Generation) -> Outcome {
        let candidates = self.subjects[name.0].candidates(generation, self.now);
        let before = (self.units(name), self.account.in_use(), self.account.total_in_use());
        let subject = &mut self.subjects[name.0];
        let mut created = None;
        let acquired = subject.pool.handle_acquire(self.now, generation, &mut self.account, || {
            self.next_id += 1;
            *created.insert(EnvironmentId(self.next_id))
        });
        let outcome = match acquired {
            Acquired::Warm { id, environment, provisioned } => {
                assert_eq!(provisioned, candidates.iter().any(|view| view.id == id && view.provisioned));
                assert_eq!(environment, Token(id), "an environment comes with what was kept of it");
                subject.check_choice(id, &candidates);
                assert_eq!(created, None);
                assert_eq!(subject.away.insert(id, true), None, "{id} serves two invocations");
                Outcome::Warm(id)
            }
            Acquired::Cold { id, reason } => {
                assert!(candidates.is_empty(), "{id} was created while {candidates:?} were idle");
                assert_eq!(created, Some(id));
                assert!(subject.may_create(self.now), "above the scaling rate");
                subject.created.push(self.now);
                assert_eq!(subject.away.insert(id, true), None, "{id} was given out twice");
                Outcome::Cold(id, reason)
            }
            Acquired::Throttled(reason) => {
                assert_eq!(created, None);
                self.check_throttle(name, reason, &candidates, before);
                Outcome::Throttled(reason)
            }
        };
        let provisioned_served = candidates.iter().any(|view| view.provisioned);
        if !matches!(outcome, Outcome::Throttled(_)) && !provisioned_served {
            self.check_limits(name);
        }
        self.settle(name);
        outcome
    }

    /// Acquires until it is throttled, `most` times at most: what it got.
    pub(crate) fn acquire_many(&mut self, name: PoolName, most: usize) -> Vec<Outcome> {
        (0..most).map(|_| self.acquire(name)).collect()
    }

    /// Takes the environment to the next step of its making or its reset.
    pub(crate) fn step(&mut self, name: PoolName, id: EnvironmentId) {
        let view = self.view(name, id).expect("it lives");
        let subject = &mut self.subjects[name.0];
        match view.state {
            EnvironmentState::Provisioning => subject.pool.handle_provisioned(self.now, id),
            EnvironmentState::Initialising if subject.away[&id] => {
                subject.pool.handle_initialised(self.now, id);
            }
            EnvironmentState::Initialising => {
                subject.away.remove(&id);
                subject.pool.handle_ready(self.now, id, Token(id));
            }
            EnvironmentState::Resetting => {
                subject.away.remove(&id);
                subject.pool.handle_reset(self.now, id, Token(id));
            }
            EnvironmentState::Idle | EnvironmentState::Busy => {}
        }
        self.settle(name);
    }

    pub(crate) fn release(&mut self, name: PoolName, id: EnvironmentId, end: End) {
        let subject = &mut self.subjects[name.0];
        let released = match end {
            End::Well => {
                subject.away.remove(&id);
                Released::Reusable(Token(id))
            }
            End::Reset => {
                subject.away.insert(id, false);
                Released::Resetting
            }
            End::Lost => {
                subject.away.remove(&id);
                Released::Lost
            }
        };
        subject.pool.handle_release(self.now, id, released, &mut self.account);
        self.settle(name);
    }

    /// New code: a new generation, and the end of the one before.
    pub(crate) fn deploy(&mut self, name: PoolName) {
        let subject = &mut self.subjects[name.0];
        let before = subject.generation;
        subject.generation = Generation(before.0 + 1);
        subject.pool.handle_generation_replaced(self.now, before, subject.generation);
        self.settle(name);
    }

    /// The end of a generation that nothing replaces.
    pub(crate) fn delete(&mut self, name: PoolName, generation: Generation) {
        self.subjects[name.0].pool.handle_generation_deleted(self.now, generation);
        self.settle(name);
    }

    pub(crate) fn reserve(
        &mut self,
        name: PoolName,
        reserved: Option<u32>,
    ) -> Result<(), ReservationRefused> {
        let subject = &mut self.subjects[name.0];
        let result = subject.pool.set_reserved(reserved, &mut self.account);
        if result.is_ok() {
            subject.reserved = reserved;
        }
        assert_eq!(subject.pool.reserved(), subject.reserved);
        self.settle(name);
        result
    }

    pub(crate) fn provision(&mut self, name: PoolName, target: u32) -> Result<(), ReservationRefused> {
        self.provision_generation(name, self.subjects[name.0].generation, target)
    }

    pub(crate) fn provision_generation(
        &mut self,
        name: PoolName,
        generation: Generation,
        target: u32,
    ) -> Result<(), ReservationRefused> {
        let subject = &mut self.subjects[name.0];
        let result = subject.pool.set_provisioned(self.now, generation, target, &mut self.account);
        if result.is_ok() {
            subject.targets.insert(generation, target);
        }
        self.settle(name);
        result
    }

    /// Tells the pool what time it is.
    pub(crate) fn timeout(&mut self, name: PoolName) {
        self.subjects[name.0].pool.handle_timeout(self.now);
        self.settle(name);
        let overdue = self.subjects[name.0].pool.poll_timeout().filter(|deadline| *deadline <= self.now);
        assert_eq!(overdue, None, "all that is due has happened");
    }

    /// Wants room: the pool gives up what has been idle longest, if anything is idle.
    pub(crate) fn press(&mut self, name: PoolName) -> bool {
        let pool = &mut self.subjects[name.0].pool;
        let idle = pool.longest_idle_since().is_some();
        assert_eq!(pool.handle_pressure(self.now), idle);
        self.settle(name);
        idle
    }

    /// Jumps to the pool's deadline, if it has one, after a look just before it.
    pub(crate) fn jump(&mut self, name: PoolName) {
        let Some(deadline) = self.subjects[name.0].pool.poll_timeout() else { return };
        let outputs = |subject: &Subject| subject.retired.len() + subject.provisioned.len();
        if let Some(before) = deadline.as_nanos().checked_sub(1).map(Instant::from_nanos)
            && before > self.now
        {
            let count = outputs(&self.subjects[name.0]);
            self.now = before;
            self.timeout(name);
            assert_eq!(outputs(&self.subjects[name.0]), count, "nothing happens before the deadline");
        }
        let count = outputs(&self.subjects[name.0]);
        self.now = self.now.max(deadline);
        self.timeout(name);
        assert!(outputs(&self.subjects[name.0]) > count, "something happens at the deadline");
    }

    pub(crate) fn shut_down(&mut self, name: PoolName) {
        let subject = &mut self.subjects[name.0];
        subject.shut_down = true;
        subject.pool.handle_shutdown(self.now);
        self.settle(name);
    }

    /// What retired since the last call.
    pub(crate) fn retired(&mut self, name: PoolName) -> Vec<(EnvironmentId, RetireReason)> {
        std::mem::take(&mut self.subjects[name.0].retired)
    }

    /// What was provisioned since the last call.
    pub(crate) fn provisioned(&mut self, name: PoolName) -> Vec<EnvironmentId> {
        std::mem::take(&mut self.subjects[name.0].provisioned)
    }

    pub(crate) fn view(&self, name: PoolName, id: EnvironmentId) -> Option<EnvironmentView> {
        self.subjects[name.0].pool.environments().find(|view| view.id == id)
    }

    pub(crate) fn state(&self, name: PoolName, id: EnvironmentId) -> Option<EnvironmentState> {
        self.view(name, id).map(|view| view.state)
    }

    pub(crate) fn concurrency(&self, name: PoolName) -> u32 {
        self.subjects[name.0].pool.concurrency()
    }

    pub(crate) fn poll_timeout(&self, name: PoolName) -> Option<Instant> {
        self.subjects[name.0].pool.poll_timeout()
    }

    pub(crate) fn generation(&self, name: PoolName) -> Generation {
        self.subjects[name.0].generation
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = PoolName> + use<> {
        (0..self.subjects.len()).map(PoolName)
    }

    /// Environments that an invocation holds, or that are being made or reset.
    pub(crate) fn away(&self, name: PoolName, held: bool) -> Vec<EnvironmentId> {
        let away = self.subjects[name.0].away.iter();
        away.filter(|(_, by_invocation)| **by_invocation == held).map(|(id, _)| *id).collect()
    }

    /// Ends everything: afterwards the account is as new, and no environment is left.
    pub(crate) fn finish(mut self) {
        for name in self.names() {
            for id in self.away(name, true) {
                self.release(name, id, End::Well);
            }
            assert_eq!(self.concurrency(name), 0);
            let targets: Vec<_> = self.subjects[name.0].targets.keys().copied().collect();
            for generation in targets {
                self.provision_generation(name, generation, 0).expect("less is always allowed");
            }
            self.reserve(name, None).expect("less is always allowed");
            self.shut_down(name);
            while let Some(id) = self.away(name, false).first().copied() {
                self.step(name, id);
            }
            assert_eq!(self.subjects[name.0].pool.environments().count(), 0);
            assert_eq!(self.poll_timeout(name), None);
        }
        assert_eq!(self.account, AccountConcurrency::new(self.account.limit()));
    }

    /// Drains the pool and compares everything with the books.
    fn settle(&mut self, name: PoolName) {
        let subject = &mut self.subjects[name.0];
        let mut next_id = || {
            self.next_id += 1;
            EnvironmentId(self.next_id)
        };
        while let Some(output) = subject.pool.poll_output(self.now, &mut next_id) {
            match output {
                Output::Retired { id, generation: _, environment, reason } => {
                    subject.check_retired(id, environment, reason);
                    subject.retired.push((id, reason));
                }
                Output::Provision { id, generation } => {
                    assert!(subject.may_create(self.now), "above the scaling rate");
                    assert!(generation == subject.generation && !subject.shut_down, "nobody wants it");
                    subject.created.push(self.now);
                    subject.away.insert(id, false);
                    subject.provisioned.push(id);
                }
            }
        }
        subject.check_books(self.now);
        self.check_account();
    }

    /// Units of concurrency that a pool has in use, counted one by one.
    fn units(&self, name: PoolName) -> u32 {
        self.subjects[name.0].units()
    }

    fn check_account(&self) {
        let (mut unreserved, mut total, mut reservations) = (0, 0, 0);
        for subject in &self.subjects {
            total += subject.units();
            unreserved += if subject.reserved.is_none() { subject.units() } else { 0 };
            reservations += subject.reserved.unwrap_or(0);
        }
        assert_eq!(self.account.in_use(), unreserved);
        assert_eq!(self.account.total_in_use(), total);
        assert_eq!(self.account.unreserved(), self.account.limit() - reservations);
        assert!(reservations <= self.account.limit().saturating_sub(limits::MINIMUM_UNRESERVED_CONCURRENCY));
    }

    /// What must hold after an invocation got a unit of concurrency.
    fn check_limits(&self, name: PoolName) {
        match self.subjects[name.0].reserved {
            Some(reserved) => assert!(self.units(name) <= reserved, "above reserved concurrency"),
            None => {
                assert!(self.account.in_use() <= self.account.unreserved(), "above unreserved concurrency");
            }
        }
        assert!(self.account.total_in_use() <= self.account.limit(), "above the account's limit");
    }

    fn check_throttle(
        &self,
        name: PoolName,
        reason: ThrottleReason,
        candidates: &[EnvironmentView],
        (units, in_use, total): (u32, u32, u32),
    ) {
        let subject = &self.subjects[name.0];
        assert!(
            !candidates.iter().any(|view| view.provisioned),
            "a provisioned environment is always allowed"
        );
        let full = total >= self.account.limit();
        match (reason, subject.reserved) {
            (ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded, reserved) => {
                assert!(reserved.is_some_and(|reserved| units >= reserved));
            }
            (ThrottleReason::ConcurrentInvocationLimitExceeded, None) => {
                assert!(full || in_use >= self.account.unreserved());
            }
            (ThrottleReason::ConcurrentInvocationLimitExceeded, Some(_)) => assert!(full),
            (ThrottleReason::FunctionInvocationRateLimitExceeded, _) => {
                assert!(candidates.is_empty(), "an idle environment needs no permission");
                assert!(!subject.may_create(self.now));
            }
        }
    }
}

impl Subject {
    /// Idle environments that may serve an invocation.
    fn candidates(&self, generation: Generation, now: Instant) -> Vec<EnvironmentView> {
        let fresh = |view: &EnvironmentView| view.provisioned || now < view.since + self.policy.idle_lifetime;
        let fits =
            |view: &EnvironmentView| view.generation == generation && view.state == EnvironmentState::Idle;
        self.pool.environments().filter(|view| fits(view) && fresh(view)).collect()
    }

    fn check_choice(&self, id: EnvironmentId, candidates: &[EnvironmentView]) {
        let chosen =
            candidates.iter().find(|view| view.id == id).expect("only an idle and fresh one is handed out");
        let rivals = candidates.iter().filter(|view| view.provisioned == chosen.provisioned);
        assert!(
            chosen.provisioned || !candidates.iter().any(|view| view.provisioned),
            "provisioned ones come first"
        );
        let idle_since: Vec<_> = rivals.map(|view| view.since).collect();
        match self.policy.reuse {
            ReuseOrder::MostRecentlyUsed => assert_eq!(idle_since.iter().max(), Some(&chosen.since)),
            ReuseOrder::LeastRecentlyUsed => assert_eq!(idle_since.iter().min(), Some(&chosen.since)),
            ReuseOrder::Random { seed: _ } => {}
        }
    }

    fn check_retired(&mut self, id: EnvironmentId, kept: Option<Token>, reason: RetireReason) {
        let returned = kept.is_some();
        assert!(kept.is_none_or(|kept| kept == Token(id)));
        assert_eq!(self.away.remove(&id), None, "what retires was with the pool, or was given up");
        assert!(!self.retired.iter().any(|(before, _)| *before == id), "{id} retired twice");
        let lost = matches!(reason, RetireReason::Lost | RetireReason::InitFailed);
        assert_eq!(returned, !lost, "what was kept comes back unless it was lost");
        assert!(self.pool.environments().all(|view| view.id != id));
    }

    /// Whether one more environment fits into the scaling rate: in no stretch of time that ends now, more may be created
    /// than a burst and what that time refills.
    fn may_create(&self, now: Instant) -> bool {
        self.next_creation().is_some_and(|next| next <= now)
    }

    /// When one more environment may be created.
    fn next_creation(&self) -> Option<Instant> {
        let burst = u128::from(self.policy.scaling_burst);
        if burst == 0 {
            return None;
        }
        let interval = self.policy.scaling_interval.as_nanos();
        let count = self.created.len() as u128;
        let waits = self.created.iter().zip(0_u128..).map(|(start, earlier)| {
            let refilled = (count - earlier + 1).saturating_sub(burst) * interval;
            *start + Duration::from_nanos(u64::try_from(refilled.div_ceil(burst)).expect("it fits"))
        });
        Some(waits.max().unwrap_or(Instant::ORIGIN))
    }

    fn views(&self) -> Vec<EnvironmentView> {
        self.pool.environments().collect()
    }

    fn units(&self) -> u32 {
        let on_demand = |view: &&EnvironmentView| !view.provisioned && self.away.get(&view.id) == Some(&true);
        let executions = self.views().iter().filter(on_demand).count();
        self.targets.values().sum::<u32>() + u32::try_from(executions).expect("it fits")
    }

    fn provisioned_missing(&self, generation: Generation) -> u32 {
        let provisioned = |view: &&EnvironmentView| view.provisioned && view.generation == generation;
        let count = u32::try_from(self.views().iter().filter(provisioned).count()).expect("it fits");
        let target = self.targets.get(&generation).copied().unwrap_or(0);
        assert!(count <= target, "more is provisioned than wanted");
        target - count
    }

    /// Compares the pool with the books.
    fn check_books(&self, now: Instant) {
        let views = self.views();
        for view in &views {
            let held = self.away.get(&view.id).copied();
            let fits = match view.state {
                EnvironmentState::Provisioning | EnvironmentState::Initialising => held.is_some(),
                EnvironmentState::Idle => held.is_none(),
                EnvironmentState::Busy => held == Some(true),
                EnvironmentState::Resetting => held == Some(false),
            };
            assert!(fits, "{view:?} and {held:?}");
            assert!(view.since <= now);
        }
        let idle = views.iter().filter(|view| view.state == EnvironmentState::Idle);
        assert_eq!(views.len(), self.away.len() + idle.clone().count(), "an environment is here or there");
        assert!(!self.shut_down || idle.clone().count() == 0);
        let held = self.away.values().filter(|held| **held).count();
        assert_eq!(self.pool.concurrency() as usize, held);

        let expiry =
            idle.filter(|view| !view.provisioned).map(|view| view.since + self.policy.idle_lifetime).min();
        let missing = !self.shut_down && self.provisioned_missing(self.generation) > 0;
        let creation = if missing { self.next_creation() } else { None };
        assert!(creation.is_none_or(|at| at > now), "what may be provisioned has been");
        assert_eq!(self.pool.poll_timeout(), expiry.into_iter().chain(creation).min());
    }
}
