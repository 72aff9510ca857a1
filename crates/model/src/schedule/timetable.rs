//! Many schedules, and which of them fires next.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use super::Schedule;
use crate::{random::mix, time::Timestamp};

/// When something fires.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// At which times.
    pub schedule: Schedule,
    /// Within which time after them.
    pub window: Window,
}

/// A flexible time window: how long after its time a firing may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// How long it is; nothing for firings at their very times.
    pub length: Duration,
    /// What decides, together with the time of a firing, when within the window that comes.
    pub seed: u64,
}

/// It is time for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing<K> {
    /// What fires.
    pub key: K,
    /// The time that its schedule names.
    pub scheduled: Timestamp,
}

/// Schedules by their names `K`. Each of their times comes exactly once, and in order, however late
/// [`handle_timeout`](Self::handle_timeout) is called: what was slept through is made up for.
///
/// Schedules cost nothing between their times: there is one deadline, that of the earliest.
#[derive(Debug)]
pub struct Timetable<K> {
    entries: BTreeMap<K, Entry>,
    /// The next time of each, unless there is none any more.
    upcoming: BTreeSet<(Timestamp, K)>,
    /// Firings whose time has come, but not yet their moment within the window: that, what fires, and its time.
    delayed: BTreeSet<(Timestamp, K, Timestamp)>,
    outputs: VecDeque<Firing<K>>,
}

#[derive(Debug)]
struct Entry {
    plan: Plan,
    next: Option<Timestamp>,
    /// How many of its firings are delayed.
    delayed: usize,
}

/// How many times of schedules come at once, however long ago the last look was: a clock that is set forward by decades shall
/// not fill the memory.
const MOST_AT_ONCE: usize = 10_000;

impl<K: Clone + Ord> Timetable<K> {
    /// Adds a schedule, in place of one of this name, which fires no more. Its first time is the first after `after`.
    pub fn insert(&mut self, after: Timestamp, key: K, plan: Plan) {
        self.remove(&key);
        let next = plan.schedule.next_after(after);
        self.upcoming.extend(next.map(|next| (next, key.clone())));
        self.entries.insert(key, Entry { plan, next, delayed: 0 });
    }

    /// Adds a schedule after a time in which nobody looked: of its times after `after`, only those come whose window is still
    /// open at `now`, and those to come.
    pub fn insert_late(&mut self, after: Timestamp, now: Timestamp, key: &K, plan: Plan) {
        let oldest = now - plan.window.length;
        self.insert(after.max(oldest), key.clone(), plan);
        let entry = self.entries.get_mut(key).expect("it was inserted");
        while let Some(scheduled) = entry.next.filter(|next| *next <= now) {
            self.upcoming.remove(&(scheduled, key.clone()));
            let moment = scheduled + entry.plan.window.offset(scheduled);
            if moment > now {
                entry.delayed += 1;
                self.delayed.insert((moment, key.clone(), scheduled));
            }
            entry.next = entry.plan.schedule.next_after(scheduled);
            self.upcoming.extend(entry.next.map(|next| (next, key.clone())));
        }
    }

    /// Whether nothing of a name fires any more.
    #[must_use]
    pub fn is_over(&self, key: &K) -> bool {
        self.entries.get(key).is_none_or(|entry| entry.next.is_none() && entry.delayed == 0)
    }

    /// Takes a schedule away: it fires no more.
    pub fn remove(&mut self, key: &K) {
        let Some(entry) = self.entries.remove(key) else { return };
        if let Some(next) = entry.next {
            self.upcoming.remove(&(next, key.clone()));
        }
        if entry.delayed > 0 {
            self.delayed.retain(|(_, delayed, _)| delayed != key);
        }
    }

    /// Lets fire what is due: all of it, unless that is very much. Then [`poll_timeout`](Self::poll_timeout) tells a time that
    /// has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        for _ in 0..MOST_AT_ONCE {
            let Some((scheduled, key)) = pop_due(&mut self.upcoming, |(due, _)| *due <= now) else { break };
            let entry = self.entries.get_mut(&key).expect("what is upcoming is there");
            entry.next = entry.plan.schedule.next_after(scheduled);
            self.upcoming.extend(entry.next.map(|next| (next, key.clone())));
            entry.delayed += 1;
            self.delayed.insert((scheduled + entry.plan.window.offset(scheduled), key, scheduled));
        }
        // What is still upcoming comes no earlier than its time.
        let until = self.upcoming.first().map_or(now, |(due, _)| now.min(*due));
        while let Some((_, key, scheduled)) = pop_due(&mut self.delayed, |(due, ..)| *due <= until) {
            let entry = self.entries.get_mut(&key).expect("what is delayed is there");
            entry.delayed -= 1;
            self.outputs.push_back(Firing { key, scheduled });
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do; `None` if never. A time that has passed means now.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let upcoming = self.upcoming.first().map(|(due, _)| *due);
        let delayed = self.delayed.first().map(|(due, ..)| *due);
        upcoming.into_iter().chain(delayed).min()
    }

    /// What fires next; drain it after every [`handle_timeout`](Self::handle_timeout).
    pub fn poll_output(&mut self) -> Option<Firing<K>> {
        self.outputs.pop_front()
    }

    /// When a schedule fires next, and after that, by what its expression says.
    pub fn firings(&self, key: &K) -> impl Iterator<Item = Timestamp> {
        let entry = self.entries.get(key);
        std::iter::successors(entry.and_then(|entry| entry.next), move |after| {
            entry?.plan.schedule.next_after(*after)
        })
    }
}

impl<K> Default for Timetable<K> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            upcoming: BTreeSet::new(),
            delayed: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }
}

impl Window {
    /// How long after its time a firing comes.
    fn offset(&self, scheduled: Timestamp) -> Duration {
        let draw = mix(self.seed ^ scheduled.as_unix_nanos().cast_unsigned());
        let nanos = (u128::from(draw) * self.length.as_nanos()) >> u64::BITS;
        Duration::from_nanos(u64::try_from(nanos).expect("it is below the length, which is at most a day"))
    }
}

fn pop_due<T: Ord>(set: &mut BTreeSet<T>, is_due: impl FnOnce(&T) -> bool) -> Option<T> {
    if set.first().is_some_and(is_due) { set.pop_first() } else { None }
}
