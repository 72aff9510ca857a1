//! A clock that people steer: it follows the machine's, or stands still until it is moved.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    task::{Context, Waker},
};

use hearth_model::time::{Instant, Moment, Timestamp};
use parking_lot::Mutex;

use super::machine::{MachineClock, MachineTimer};
use crate::activity::{Activity, Standing};

/// Time that can be stopped, and the timers that wait for it.
#[derive(Debug)]
pub(super) struct SteeredClock {
    machine: MachineClock,
    /// Where the wall was when it began, if it stood then.
    began_at: Option<Timestamp>,
    /// Where it stands, in nanoseconds; [`RUNNING`] while it does not.
    stands_at: AtomicU64,
    /// While it stands: by how much the wall is ahead of it, in nanoseconds.
    standing_wall: AtomicI64,
    /// While it runs: by how much it is ahead of the machine's, in nanoseconds.
    ahead: AtomicI64,
    /// While it runs: by how much the wall is ahead of the machine's, in nanoseconds.
    wall_ahead: AtomicI64,
    /// Held for every change of the above, too.
    timers: Mutex<Timers>,
    /// Held by who moves the clock, deadline by deadline.
    pub(super) moving: tokio::sync::Mutex<()>,
    /// What is going on that it must not overtake.
    activity: Activity,
}

const RUNNING: u64 = u64::MAX;

#[derive(Debug, Default)]
struct Timers {
    /// In the order in which they fire: by deadline, then by when they were armed.
    armed: BTreeMap<TimerKey, Waker>,
    last_number: u64,
    /// While it stands.
    standing: Option<Standing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TimerKey {
    deadline: Instant,
    number: u64,
}

impl SteeredClock {
    /// One that runs.
    pub(super) fn running(activity: Activity) -> Self {
        Self {
            machine: MachineClock::start(),
            began_at: None,
            stands_at: AtomicU64::new(RUNNING),
            standing_wall: AtomicI64::new(0),
            ahead: AtomicI64::new(0),
            wall_ahead: AtomicI64::new(0),
            timers: Mutex::default(),
            moving: tokio::sync::Mutex::default(),
            activity,
        }
    }

    /// One that stands at its origin.
    pub(super) fn standing(at: Timestamp, activity: Activity) -> Self {
        let clock = Self { began_at: Some(at), ..Self::running(activity) };
        clock.timers.lock().standing = Some(clock.activity.stand());
        clock.stand(Instant::ORIGIN, at);
        clock
    }

    /// One that begins as this one did.
    pub(super) fn anew(&self) -> Self {
        let activity = self.activity.clone();
        match self.began_at {
            Some(at) => Self::standing(at, activity),
            None => Self::running(activity),
        }
    }

    /// Where it stands; `None` while it runs.
    pub(super) fn stands_at(&self) -> Option<Instant> {
        match self.stands_at.load(Ordering::SeqCst) {
            RUNNING => None,
            nanos => Some(Instant::from_nanos(nanos)),
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.stands_at().unwrap_or_else(|| self.running_now())
    }

    pub(super) fn wall(&self) -> Timestamp {
        self.stands_at().map_or_else(|| self.running_wall(), |now| self.wall_at(now))
    }

    pub(super) fn moment(&self) -> Moment {
        match self.stands_at() {
            Some(now) => Moment { instant: now, wall: self.wall_at(now) },
            None => Moment { instant: self.running_now(), wall: self.running_wall() },
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.timers.lock().armed.first_key_value().map(|(key, _)| key.deadline)
    }

    /// Stops it where it is.
    pub(super) fn freeze(&self) {
        let mut timers = self.timers.lock();
        if self.stands_at().is_none() {
            let Moment { instant, wall } = self.moment();
            timers.standing = Some(self.activity.stand());
            self.stand(instant, wall);
            timers.look_again();
        }
    }

    /// Lets it run on from where it stands.
    pub(super) fn resume(&self) {
        let mut timers = self.timers.lock();
        if let Some(now) = self.stands_at() {
            let wall = self.wall_at(now);
            self.ahead
                .store(signed(now.as_nanos()) - signed(self.machine.now().as_nanos()), Ordering::SeqCst);
            let wall_ahead = wall.as_unix_nanos().saturating_sub(self.machine.wall().as_unix_nanos());
            self.wall_ahead.store(wall_ahead, Ordering::SeqCst);
            self.stands_at.store(RUNNING, Ordering::SeqCst);
            timers.look_again();
            let standing = timers.standing.take();
            drop(timers);
            // Without the lock: whoever waited for a turn goes on.
            drop(standing);
        }
    }

    /// Sets what the wall shows while it stands, and nothing else.
    pub(super) fn set_wall(&self, wall: Timestamp) {
        let _alone = self.timers.lock();
        if let Some(now) = self.stands_at() {
            self.stand(now, wall);
        }
    }

    /// Moves it, if it stands, to the earliest deadline up to `target` and wakes its timer; false if there is none.
    pub(super) fn fire_next(&self, target: Instant) -> bool {
        let mut timers = self.timers.lock();
        let Some(now) = self.stands_at() else { return false };
        let Some(entry) = timers.armed.first_entry().filter(|entry| entry.key().deadline <= target) else {
            return false;
        };
        let (key, waker) = entry.remove_entry();
        self.stands_at.store(now.max(key.deadline).as_nanos(), Ordering::SeqCst);
        drop(timers);
        waker.wake();
        true
    }

    /// Moves it to `target`, if it stands before that.
    pub(super) fn reach(&self, target: Instant) {
        let _alone = self.timers.lock();
        if self.stands_at().is_some_and(|now| now < target) {
            self.stands_at.store(target.as_nanos(), Ordering::SeqCst);
        }
    }

    fn running_now(&self) -> Instant {
        let nanos = self.machine.now().as_nanos().saturating_add_signed(self.ahead.load(Ordering::SeqCst));
        Instant::from_nanos(nanos)
    }

    fn running_wall(&self) -> Timestamp {
        let ahead = self.wall_ahead.load(Ordering::SeqCst);
        Timestamp::from_unix_nanos(self.machine.wall().as_unix_nanos().saturating_add(ahead))
    }

    fn wall_at(&self, now: Instant) -> Timestamp {
        let ahead = self.standing_wall.load(Ordering::SeqCst);
        Timestamp::from_unix_nanos(signed(now.as_nanos()).saturating_add(ahead))
    }

    fn stand(&self, now: Instant, wall: Timestamp) {
        let ahead = wall.as_unix_nanos().saturating_sub(signed(now.as_nanos()));
        self.standing_wall.store(ahead, Ordering::SeqCst);
        self.stands_at.store(now.as_nanos(), Ordering::SeqCst);
    }
}

/// Centuries fit.
fn signed(nanos: u64) -> i64 {
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

impl Timers {
    /// Wakes all: whether it is the machine that they wait for has changed.
    fn look_again(&self) {
        self.armed.values().for_each(Waker::wake_by_ref);
    }
}

/// One armed timer; disarmed when dropped.
#[derive(Debug)]
pub(super) struct SteeredTimer {
    clock: Arc<SteeredClock>,
    key: TimerKey,
    /// What the machine fires while the clock runs.
    machine: Option<MachineTimer>,
}

impl SteeredTimer {
    /// Arms a timer, which has to be [polled](Self::poll) then.
    pub(super) fn arm(clock: &Arc<SteeredClock>, deadline: Instant, waker: &Waker) -> Self {
        let mut timers = clock.timers.lock();
        timers.last_number += 1;
        let key = TimerKey { deadline, number: timers.last_number };
        timers.armed.insert(key, waker.clone());
        Self { clock: Arc::clone(clock), key, machine: None }
    }

    /// Sees to it that it is polled when there is something to see. Whether its deadline has passed is for the caller to ask
    /// the clock then, and before.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        let Self { clock, key, machine } = self;
        let stands = {
            let mut timers = clock.timers.lock();
            if let Some(waker) = timers.armed.get_mut(key) {
                waker.clone_from(context.waker());
            }
            clock.stands_at().is_some()
        };
        if stands {
            *machine = None;
            return;
        }
        // One that has fired too early, for a clock that stood meanwhile, is armed anew.
        while machine
            .get_or_insert_with(|| clock.machine.arm(key.deadline - clock.now()))
            .poll(context)
            .is_ready()
        {
            *machine = None;
            if clock.now() >= key.deadline {
                break;
            }
        }
    }
}

impl Drop for SteeredTimer {
    fn drop(&mut self) {
        let waker = self.clock.timers.lock().armed.remove(&self.key);
        // Outside the lock: dropping a waker may drop a task that owns timers of this clock.
        drop(waker);
    }
}
