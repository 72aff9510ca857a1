//! The rules that exist, and what fires them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use hearth_engine::{
    Engine,
    clock::Clock,
    deadlines::{Deadlines, Due},
};
use hearth_model::{
    identity::Partition,
    schedule::{Firing, Timetable},
    time::{Instant, Timestamp},
};
use parking_lot::Mutex;

use super::{Refusal, Rule};
use crate::delivery::Deliveries;

/// The rules of all accounts and regions.
pub struct Rules {
    engine: Arc<Engine>,
    deliveries: Arc<Deliveries>,
    state: Mutex<State>,
    deadlines: Arc<Deadlines>,
}

/// Where a rule is, and its name.
pub(super) type RuleKey = (Partition, String);

#[derive(Default)]
pub(super) struct State {
    pub(super) rules: BTreeMap<RuleKey, Arc<Rule>>,
    timetable: Timetable<RuleKey>,
    /// The rules that have changed, or are gone, and of which the journal has not heard yet.
    pub(super) unrecorded: BTreeSet<RuleKey>,
}

impl Rules {
    /// # Panics
    /// Outside a tokio runtime: one task waits until a rule fires.
    pub(crate) fn new(engine: Arc<Engine>, deliveries: Arc<Deliveries>) -> Arc<Self> {
        let (state, deadlines) = (Mutex::default(), Arc::default());
        let rules = Arc::new(Self { engine, deliveries, state, deadlines });
        rules.engine.work().spawn_watcher(Deadlines::run(Arc::downgrade(&rules)));
        rules
    }

    /// The rule of a name.
    pub(super) fn find(&self, partition: &Partition, name: &str) -> Result<Arc<Rule>, Refusal> {
        let key = (partition.clone(), name.to_owned());
        self.state.lock().rules.get(&key).cloned().ok_or_else(|| Refusal::no_rule(name))
    }

    /// All rules of a partition, in the order of their names.
    pub(super) fn all(&self, partition: &Partition) -> Vec<Arc<Rule>> {
        let state = self.state.lock();
        let of_partition = state.rules.range((partition.clone(), String::new())..);
        let of_partition = of_partition.take_while(|((place, _), _)| place == partition);
        of_partition.map(|(_, rule)| Arc::clone(rule)).collect()
    }

    /// The way to what can change.
    pub(super) fn with<R>(&self, action: impl FnOnce(&mut State, Timestamp) -> R) -> R {
        let now = self.engine.clock().moment();
        let mut state = self.state.lock();
        let result = action(&mut state, now.wall);
        state.record_changes(self.engine.journal());
        let next = state.timetable.poll_timeout();
        drop(state);
        self.deadlines.note(next.map(|next| now.instant_at(next)));
        result
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// The rules that fire by themselves, and when they do next.
    pub(super) fn timed(&self, times: usize) -> Vec<(Arc<Rule>, Vec<Timestamp>)> {
        let state = self.state.lock();
        let timed = state.rules.iter().filter(|(_, rule)| rule.expression.is_some());
        let next = |(key, rule): (&RuleKey, &Arc<Rule>)| {
            (Arc::clone(rule), state.timetable.firings(key).take(times).collect())
        };
        timed.map(next).collect()
    }
}

impl State {
    /// Makes a rule what it is now; it fires at what comes after `after`.
    pub(super) fn put(&mut self, key: RuleKey, rule: Rule, after: Timestamp) {
        self.unrecorded.insert(key.clone());
        self.restore(key, rule, after);
    }

    /// As [`put`](Self::put), with a rule that the journal has.
    pub(super) fn restore(&mut self, key: RuleKey, rule: Rule, after: Timestamp) {
        match rule.plan() {
            Some(plan) => self.timetable.insert(after, key.clone(), plan),
            None => self.timetable.remove(&key),
        }
        self.rules.insert(key, Arc::new(rule));
    }

    /// Changes something about a rule that has nothing to do with when it fires.
    pub(super) fn change<R>(
        &mut self,
        key: &RuleKey,
        action: impl FnOnce(&mut Rule) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let rule = self.rules.get_mut(key).ok_or_else(|| Refusal::no_rule(&key.1))?;
        let mut changed = (**rule).clone();
        let result = action(&mut changed)?;
        *rule = Arc::new(changed);
        self.unrecorded.insert(key.clone());
        Ok(result)
    }

    pub(super) fn remove(&mut self, key: &RuleKey) {
        if self.rules.remove(key).is_some() {
            self.unrecorded.insert(key.clone());
        }
        self.timetable.remove(key);
    }
}

impl Due for Rules {
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
            let rule = Arc::clone(state.rules.get(&key).expect("what fires is there"));
            fired.push((key, rule, scheduled));
        }
        let next = state.timetable.poll_timeout();
        drop(state);
        for (key, rule, scheduled) in fired {
            self.fire(&key.0, &rule, scheduled);
            let note = |rule: &mut Rule| {
                rule.fired = Some(scheduled);
                Ok(())
            };
            // One that is gone by now needs no note.
            let _ = self.with(|state, _| state.change(&key, note));
        }
        next.map(|next| now.instant_at(next))
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("count", &self.state.lock().rules.len()).finish_non_exhaustive()
    }
}
