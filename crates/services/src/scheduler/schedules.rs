//! The schedules that exist, and what fires them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use hearth_engine::{
    Engine,
    clock::Clock,
    deadlines::{Deadlines, Due},
    journal::Journal,
    random::random_bits,
    timeline::{EventKind, Work},
};
use hearth_model::{
    bus_event::BusEvent,
    identity::{Partition, RequestId},
    schedule::{Firing, Timetable},
    time::{Instant, Timestamp},
};
use parking_lot::Mutex;

use super::{
    Refusal, ScheduleEntry,
    entry::{DEFAULT_GROUP, just_before},
    kept::Unrecorded,
    operations::Group,
};
use crate::{
    delivery::{Deliveries, Parcel, Sender},
    firings::Fired,
};

/// The schedules of all accounts and regions.
pub struct Schedules {
    engine: Arc<Engine>,
    deliveries: Arc<Deliveries>,
    /// When the default groups were made.
    born: Timestamp,
    state: Mutex<State>,
    deadlines: Arc<Deadlines>,
}

/// Where a schedule is, its group, and its name.
pub(super) type ScheduleKey = (Partition, String, String);

#[derive(Default)]
pub(super) struct State {
    /// The groups that were made; the default ones are always there.
    pub(super) groups: BTreeMap<(Partition, String), Group>,
    pub(super) schedules: BTreeMap<ScheduleKey, Arc<ScheduleEntry>>,
    timetable: Timetable<ScheduleKey>,
    /// What the journal has not heard of yet.
    pub(super) unrecorded: Unrecorded,
}

impl Schedules {
    /// # Panics
    /// Outside a tokio runtime: one task waits until a schedule fires.
    pub(crate) fn new(engine: Arc<Engine>, deliveries: Arc<Deliveries>) -> Arc<Self> {
        let (born, state, deadlines) = (engine.clock().wall(), Mutex::default(), Arc::default());
        let schedules = Arc::new(Self { engine, deliveries, born, state, deadlines });
        schedules.engine.work().spawn_watcher(Deadlines::run(Arc::downgrade(&schedules)));
        schedules
    }

    /// The way to what can change.
    pub(super) fn with<R>(&self, action: impl FnOnce(&mut State, Timestamp) -> R) -> R {
        let now = self.engine.clock().moment();
        let mut state = self.state.lock();
        let result = action(&mut state, now.wall);
        state.record_changes(self.journal());
        let next = state.timetable.poll_timeout();
        drop(state);
        self.deadlines.note(next.map(|next| now.instant_at(next)));
        result
    }

    /// The group of a name; the default one is always there.
    pub(super) fn find_group(
        &self,
        state: &State,
        partition: &Partition,
        name: &str,
    ) -> Result<Group, Refusal> {
        let known = state.groups.get(&(partition.clone(), name.to_owned())).cloned();
        let default = || (name == DEFAULT_GROUP).then(|| Group::new(self.born));
        known.or_else(default).ok_or_else(|| Refusal::no_group(name))
    }

    pub(super) fn journal(&self) -> &Journal {
        self.engine.journal()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }

    /// The schedules in order, and when they fire next.
    pub(super) fn timed(&self, times: usize) -> Vec<(Arc<ScheduleEntry>, Vec<Timestamp>)> {
        let state = self.state.lock();
        let next = |(key, entry): (&ScheduleKey, &Arc<ScheduleEntry>)| {
            (Arc::clone(entry), state.timetable.firings(key).take(times).collect())
        };
        state.schedules.iter().map(next).collect()
    }

    /// The time has come that a schedule names, or came while no process ran.
    pub(super) fn fire(&self, partition: &Partition, entry: &ScheduleEntry, scheduled: Timestamp) -> Fired {
        let (given, resources) = (&entry.given.target, [entry.arn.clone()]);
        let id = RequestId::from_random(random_bits());
        let notification = || BusEvent::of_schedule(partition, id, scheduled, &resources).document();
        let sender = Sender::Schedule {
            arn: entry.arn.clone(),
            group: entry.given.group().to_owned(),
            name: entry.given.name.clone(),
            scheduled,
            execution: format!("{:016x}", random_bits() >> 64),
        };
        let subject = sender.subject().with_work(Work::EventId(id));
        self.engine.timeline().record(subject, EventKind::Fired { scheduled: Some(scheduled) });
        let delivered = self.deliveries.deliver(Parcel {
            sender,
            partition: partition.clone(),
            target: entry.target.address.clone(),
            group: given.queue.clone().flatten(),
            content: given.input.clone().unwrap_or_else(notification),
            trace_header: None,
            firing: id,
            policy: entry.target.policy,
            dead_letter: entry.target.dead_letter.clone(),
            first_tried: self.engine.clock().now(),
            retries: 0,
        });
        Fired { target: given.arn.clone(), error: delivered.err().map(|failure| failure.message) }
    }
}

impl State {
    /// Makes a schedule what it is now; it fires at what comes after `after`.
    pub(super) fn put(&mut self, key: ScheduleKey, entry: ScheduleEntry, after: Timestamp) {
        self.unrecorded.schedules.push(key.clone());
        self.insert(key, entry, after);
    }

    /// A schedule that the journal has: of the times that have passed, those come that can still count.
    pub(super) fn restore(&mut self, key: &ScheduleKey, entry: ScheduleEntry, now: Timestamp) {
        let made = just_before(entry.modified);
        let has_times = entry.schedule.next_after(made).is_some();
        match entry.plan() {
            Some(plan) if entry.is_once() => {
                let oldest = now - entry.target.policy.maximum_age - plan.window.length;
                self.timetable.insert(made.max(oldest), key.clone(), plan);
            }
            Some(plan) => {
                let after = entry
                    .fired
                    .filter(|_| plan.window.length.is_zero())
                    .map_or(made, |fired| fired.max(made));
                self.timetable.insert_late(after, now, key, plan);
            }
            None => {}
        }
        self.schedules.insert(key.clone(), Arc::new(entry));
        if has_times {
            self.complete(key);
        }
    }

    /// Takes a schedule away that fires no more, if its owner wants that.
    fn complete(&mut self, key: &ScheduleKey) {
        let is_meant = |entry: &Arc<ScheduleEntry>| entry.enabled && entry.deleted_after_completion;
        if self.schedules.get(key).is_some_and(is_meant) && self.timetable.is_over(key) {
            self.remove(key);
        }
    }

    fn insert(&mut self, key: ScheduleKey, entry: ScheduleEntry, after: Timestamp) {
        match entry.plan() {
            Some(plan) => self.timetable.insert(after, key.clone(), plan),
            None => self.timetable.remove(&key),
        }
        self.schedules.insert(key, Arc::new(entry));
    }

    pub(super) fn remove(&mut self, key: &ScheduleKey) -> Option<Arc<ScheduleEntry>> {
        self.timetable.remove(key);
        let removed = self.schedules.remove(key);
        if removed.is_some() {
            self.unrecorded.schedules.push(key.clone());
        }
        removed
    }

    /// Takes note of when a schedule fired; one that is gone by now, or another one, needs none.
    fn note_fired(&mut self, key: &ScheduleKey, fired: &Arc<ScheduleEntry>, scheduled: Timestamp) {
        let Some(entry) = self.schedules.get_mut(key).filter(|entry| entry.fires_like(fired)) else { return };
        Arc::make_mut(entry).fired = Some(scheduled);
        self.unrecorded.schedules.push(key.clone());
        self.complete(key);
    }

    pub(super) fn put_group(&mut self, key: (Partition, String), group: Group) {
        self.unrecorded.groups.push(key.clone());
        self.groups.insert(key, group);
    }

    pub(super) fn remove_group(&mut self, key: &(Partition, String)) -> Result<(), Refusal> {
        self.groups.remove(key).ok_or_else(|| Refusal::no_group(&key.1))?;
        self.unrecorded.groups.push(key.clone());
        Ok(())
    }

    /// The schedules of a partition, or of one of its groups, in order.
    pub(super) fn list<'a>(
        &'a self,
        partition: &'a Partition,
        group: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a ScheduleKey, &'a Arc<ScheduleEntry>)> {
        let first = (partition.clone(), group.unwrap_or_default().to_owned(), String::new());
        let is_meant =
            move |key: &ScheduleKey| key.0 == *partition && group.is_none_or(|group| key.1 == group);
        self.schedules.range(first..).take_while(move |(key, _)| is_meant(key))
    }
}

impl Due for Schedules {
    fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    fn deadlines(&self) -> &Arc<Deadlines> {
        &self.deadlines
    }

    fn handle_due(&self) -> Option<Instant> {
        let now = self.engine.clock().moment();
        let mut state = self.state.lock();
        state.timetable.handle_timeout(now.wall);
        let mut fired = Vec::new();
        while let Some(Firing { key, scheduled }) = state.timetable.poll_output() {
            let entry = Arc::clone(state.schedules.get(&key).expect("what fires is there"));
            fired.push((key, entry, scheduled));
        }
        let next = state.timetable.poll_timeout();
        drop(state);
        for (key, entry, scheduled) in fired {
            // How it goes is counted and, in the end, told.
            let _ = self.fire(&key.0, &entry, scheduled);
            // Not before: whoever finds that it has fired does not fire it again.
            self.with(|state, _| state.note_fired(&key, &entry, scheduled));
        }
        next.map(|next| now.instant_at(next))
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedules").field("count", &self.state.lock().schedules.len()).finish_non_exhaustive()
    }
}
