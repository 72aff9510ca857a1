//! A caller of the queue that checks everything it is told.
//!
//! A [`World`] keeps its own books, in the plainest way that comes to mind, and compares the queue with them after every step,
//! so that every test also tests the invariants.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{
    asynchronous::{
        Change, Condition, Configuration, Ending, KeptInvocation, Outcome, Output, Queue, QueueFull,
    },
    identity::RequestId,
    reference::Qualifier,
    time::Instant,
};

pub(crate) struct World {
    queue: Queue,
    capacity: usize,
    pub(crate) now: Instant,
    configurations: BTreeMap<Qualifier, Configuration>,
    /// All that was ever accepted, in that order.
    invocations: Vec<Invocation>,
    names: BTreeMap<RequestId, Name>,
    /// When the last attempt was due, and whose it was.
    last_started: (Instant, usize),
    /// What ended since the test last asked.
    endings: Vec<Ending>,
    /// What a later process would find.
    kept: BTreeMap<RequestId, KeptInvocation>,
}

/// Names an invocation of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) usize);

/// The caller's books about one invocation.
struct Invocation {
    qualifier: Qualifier,
    accepted_at: Instant,
    state: State,
    /// When the last attempt was due.
    due: Instant,
    errors: u32,
    setbacks: u32,
    attempts: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting {
        due: Instant,
    },
    Running,
    /// The queue has to end it like this, and has not said so yet.
    Ending(Condition),
    Over,
}

impl World {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            queue: Queue::new(capacity),
            capacity,
            now: Instant::from_nanos(1),
            configurations: BTreeMap::new(),
            invocations: Vec::new(),
            names: BTreeMap::new(),
            last_started: (Instant::ORIGIN, 0),
            endings: Vec::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Lets time pass, without telling the queue.
    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    pub(crate) fn configure(&mut self, qualifier: &Qualifier, configuration: Configuration) {
        self.configurations.insert(qualifier.clone(), configuration.clone());
        self.queue.configure(qualifier.clone(), configuration);
        self.settle();
    }

    pub(crate) fn accept(&mut self, qualifier: &Qualifier) -> Result<Name, QueueFull> {
        self.accept_at(self.now, qualifier)
    }

    /// Accepts with a clock that was read at `time`, perhaps before others were.
    pub(crate) fn accept_at(&mut self, time: Instant, qualifier: &Qualifier) -> Result<Name, QueueFull> {
        let name = Name(self.invocations.len());
        let open = self.open();
        let result = self.queue.handle_accept(time, id(name), qualifier.clone());
        assert_eq!(
            result,
            if open < self.capacity { Ok(()) } else { Err(QueueFull { capacity: self.capacity }) }
        );
        result?;
        self.names.insert(id(name), name);
        self.invocations.push(Invocation {
            qualifier: qualifier.clone(),
            accepted_at: self.now,
            state: State::Waiting { due: self.now },
            due: self.now,
            errors: 0,
            setbacks: 0,
            attempts: 0,
        });
        self.settle_due();
        Ok(name)
    }

    pub(crate) fn result(&mut self, name: Name, outcome: Outcome) {
        let now = self.now;
        let configuration = self.configuration(name);
        let invocation = &mut self.invocations[name.0];
        assert_eq!(invocation.state, State::Running);
        let wait = match outcome {
            Outcome::Success | Outcome::ZeroReservedConcurrency | Outcome::RecursiveInvocation => None,
            Outcome::FunctionError => {
                invocation.errors += 1;
                invocation.setbacks = 0;
                Some(Duration::from_mins(invocation.errors.into()))
            }
            Outcome::Throttled | Outcome::PlatformFault => {
                let backoffs = [1, 2, 4, 8, 16, 32, 64, 128, 256];
                let wait = backoffs.get(invocation.setbacks as usize).copied().unwrap_or(300);
                invocation.setbacks += 1;
                Some(Duration::from_secs(wait))
            }
        };
        invocation.state = match (outcome, wait) {
            (_, Some(_)) if invocation.errors > configuration.maximum_retry_attempts.get() => {
                State::Ending(Condition::RetriesExhausted)
            }
            (_, Some(wait))
                if now + wait >= invocation.accepted_at + configuration.maximum_event_age.duration() =>
            {
                State::Ending(Condition::EventAgeExceeded)
            }
            (_, Some(wait)) => State::Waiting { due: now + wait },
            (Outcome::ZeroReservedConcurrency, None) => State::Ending(Condition::ZeroReservedConcurrency),
            (Outcome::RecursiveInvocation, None) => State::Ending(Condition::RecursiveInvocation),
            (_, None) => State::Ending(Condition::Success),
        };
        let waits_until = match invocation.state {
            State::Waiting { due } => Some(due),
            _ => None,
        };
        assert_eq!(self.queue.handle_result(now, id(name), outcome), waits_until);
        self.settle_due();
    }

    pub(crate) fn timeout(&mut self) {
        self.queue.handle_timeout(self.now);
        self.settle_due();
    }

    /// Another process finds what this one has left: attempts that ran are to be made again.
    pub(crate) fn restart(&mut self) {
        let open = (0..self.invocations.len())
            .map(Name)
            .filter(|name| self.invocations[name.0].state != State::Over);
        let names: Vec<Name> = self.kept.keys().map(|id| self.names[id]).collect();
        assert_eq!(names.len(), open.clone().count());
        assert!(open.clone().all(|name| names.contains(&name)), "what is open is kept, and nothing else");
        self.queue = Queue::new(self.capacity);
        for (qualifier, configuration) in &self.configurations {
            self.queue.configure(qualifier.clone(), configuration.clone());
        }
        let mut kept: Vec<_> = self.kept.values().cloned().collect();
        kept.sort_by_key(|kept| kept.position);
        assert!(kept.windows(2).all(|pair| self.names[&pair[0].id] < self.names[&pair[1].id]));
        for kept in kept {
            self.queue.handle_restore(self.now, kept);
        }
        for invocation in &mut self.invocations {
            if invocation.state == State::Running {
                invocation.state = State::Waiting { due: invocation.due };
            }
        }
        self.last_started = (Instant::ORIGIN, 0);
        assert_eq!(self.settle(), 0, "nothing is done before anything happens");
    }

    /// Goes to the queue's deadline, and just before it; nothing if it has none.
    pub(crate) fn jump(&mut self) {
        let Some(deadline) = self.queue.poll_timeout() else { return };
        if deadline > self.now {
            self.now = Instant::from_nanos(deadline.as_nanos() - 1);
            self.queue.handle_timeout(self.now);
            assert_eq!(self.queue.poll_output(), None, "nothing is due yet");
            self.now = deadline;
        }
        self.queue.handle_timeout(self.now);
        let done = self.settle_due();
        assert!(done > 0, "the deadline was no deadline");
    }

    /// The invocations that run, in the order of their acceptance.
    pub(crate) fn running(&self) -> Vec<Name> {
        let running = |name: &Name| self.invocations[name.0].state == State::Running;
        (0..self.invocations.len()).map(Name).filter(running).collect()
    }

    pub(crate) fn is_running(&self, name: Name) -> bool {
        self.invocations[name.0].state == State::Running
    }

    /// How often the invocation was given out.
    pub(crate) fn attempts(&self, name: Name) -> u32 {
        self.invocations[name.0].attempts
    }

    /// How long until the queue's deadline.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.queue.poll_timeout().map(|deadline| deadline - self.now)
    }

    /// What ended since the last call: who, why, and after how many runs.
    pub(crate) fn ended(&mut self) -> Vec<(Name, Condition, u32)> {
        let names = &self.names;
        let told = |ending: Ending| (names[&ending.id], ending.condition, ending.approximate_invoke_count);
        self.endings.drain(..).map(told).collect()
    }

    /// The one that ended since the last call.
    pub(crate) fn ending(&mut self) -> Ending {
        assert_eq!(self.endings.len(), 1);
        self.endings.remove(0)
    }

    /// Lets everything that is open succeed, and checks that nothing is left.
    pub(crate) fn finish(&mut self) {
        while self.open() > 0 {
            for name in self.running() {
                self.result(name, Outcome::Success);
            }
            self.jump();
        }
        assert!(self.queue.is_empty());
        assert_eq!(self.queue.poll_timeout(), None);
        assert!(self.invocations.iter().all(|invocation| invocation.state == State::Over));
    }

    fn open(&self) -> usize {
        self.invocations.iter().filter(|invocation| invocation.state != State::Over).count()
    }

    fn configuration(&self, name: Name) -> Configuration {
        self.configurations.get(&self.invocations[name.0].qualifier).cloned().unwrap_or_default()
    }

    /// After an input that makes attempts: none may be due any more. How many outputs there were.
    fn settle_due(&mut self) -> usize {
        let outputs = self.settle();
        for invocation in &self.invocations {
            if let State::Waiting { due } = invocation.state {
                assert!(due > self.now, "an attempt that was due at {due:?} was not made");
            }
        }
        outputs
    }

    /// Drains the queue and compares it with the books. How many outputs there were.
    fn settle(&mut self) -> usize {
        self.note_changes();
        let mut outputs = 0;
        while let Some(output) = self.queue.poll_output() {
            outputs += 1;
            match output {
                Output::Attempt { id, number, age } => self.check_attempt(id, number, age),
                Output::Ended(ending) => self.check_ending(ending),
            }
        }
        let undone =
            self.invocations.iter().filter(|invocation| matches!(invocation.state, State::Ending(_)));
        assert_eq!(undone.count(), 0, "what has to end ends at once");
        assert_eq!(self.queue.len(), self.open());
        assert_eq!(self.queue.is_empty(), self.open() == 0);
        let dues = self.invocations.iter().filter_map(|invocation| match invocation.state {
            State::Waiting { due } => Some(due),
            State::Running | State::Ending(_) | State::Over => None,
        });
        assert_eq!(self.queue.poll_timeout(), dues.min());
        outputs
    }

    /// Keeps what has changed, as it is now.
    fn note_changes(&mut self) {
        while let Some(change) = self.queue.poll_change() {
            match change {
                Change::Accepted(id) | Change::Retrying(id) => {
                    // One that has ended since is told of.
                    if let Some(kept) = self.queue.kept(id) {
                        self.kept.insert(id, kept);
                    }
                }
                Change::Ended(id) => {
                    assert!(self.kept.remove(&id).is_some(), "it ends once");
                }
            }
        }
    }

    fn check_attempt(&mut self, id: RequestId, number: u32, age: Duration) {
        let name = self.names[&id];
        let configuration = self.configuration(name);
        let invocation = &mut self.invocations[name.0];
        let State::Waiting { due } = invocation.state else {
            panic!("{name:?} is {:?}, and was given out again", invocation.state)
        };
        assert!(due <= self.now, "{name:?} was given out before its time");
        assert!((due, name.0) >= self.last_started, "{name:?} was given out after one that was due later");
        assert_eq!(number, invocation.errors + 1);
        assert!(number <= configuration.maximum_retry_attempts.get() + 1, "{name:?} has no attempt left");
        assert_eq!(age, self.now - invocation.accepted_at);
        assert!(age < configuration.maximum_event_age.duration(), "{name:?} is too old");
        self.last_started = (due, name.0);
        invocation.due = due;
        invocation.attempts += 1;
        invocation.state = State::Running;
    }

    fn check_ending(&mut self, ending: Ending) {
        let name = self.names[&ending.id];
        let configuration = self.configuration(name);
        let invocation = &mut self.invocations[name.0];
        let expected = match invocation.state {
            State::Ending(condition) => condition,
            // It was due, and is not given out any more.
            State::Waiting { due } => {
                assert!(due <= self.now, "{name:?} ended while it waited");
                if invocation.errors > configuration.maximum_retry_attempts.get() {
                    Condition::RetriesExhausted
                } else {
                    let deadline = invocation.accepted_at + configuration.maximum_event_age.duration();
                    assert!(self.now >= deadline, "{name:?} was not too old");
                    Condition::EventAgeExceeded
                }
            }
            State::Running | State::Over => panic!("{name:?} ended while it was {:?}", invocation.state),
        };
        assert_eq!(ending.condition, expected);
        let success = expected == Condition::Success;
        assert_eq!(ending.approximate_invoke_count, invocation.errors + u32::from(success));
        let (record_to, dead_letter_to) = if success {
            (configuration.on_success, None)
        } else {
            (configuration.on_failure, configuration.dead_letter)
        };
        assert_eq!(ending.is_dropped(), !success && record_to.is_none() && dead_letter_to.is_none());
        assert_eq!((&ending.record_to, &ending.dead_letter_to), (&record_to, &dead_letter_to));
        invocation.state = State::Over;
        self.endings.push(ending);
    }
}

fn id(name: Name) -> RequestId {
    RequestId::from_random(name.0 as u128)
}
