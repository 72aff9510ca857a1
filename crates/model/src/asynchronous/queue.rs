//! The state machine itself.

use std::{
    collections::{BTreeMap, VecDeque, btree_map},
    time::Duration,
};

use super::{Change, Condition, Configuration, Ending, KeptInvocation, Outcome, Output, Progress, QueueFull};
use crate::{identity::RequestId, reference::Qualifier, time::Instant};

/// The asynchronous invocations of one function.
///
/// `now` never goes back: an input that carries an earlier time than the one before is taken to happen at the same time,
/// so that callers may read the clock before they take the queue's lock.
///
/// # Panics
/// An invocation's id is valid from [`Queue::handle_accept`] until [`Output::Ended`], and a result is that of an attempt which
/// is running. Methods panic otherwise, before they change anything: an event would end twice.
#[derive(Debug)]
pub struct Queue {
    capacity: usize,
    /// Those that differ from the default.
    configurations: BTreeMap<Qualifier, Configuration>,
    default_configuration: Configuration,
    invocations: BTreeMap<RequestId, Invocation>,
    /// The waiting ones: when they are due, and in which order they were accepted.
    waiting: BTreeMap<(Instant, u64), RequestId>,
    /// How many have been accepted.
    accepted: u64,
    /// The latest `now`.
    now: Instant,
    outputs: VecDeque<Output>,
    changes: VecDeque<Change>,
}

/// What the queue knows of one invocation.
#[derive(Debug)]
struct Invocation {
    /// Its place in the order of acceptance.
    position: u64,
    accepted_at: Instant,
    qualifier: Qualifier,
    running: bool,
    progress: Progress,
}

impl Queue {
    /// How many invocations a queue holds if nothing else is said. AWS names no number.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// A queue without invocations that holds `capacity` of them, waiting and running ones together.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            configurations: BTreeMap::new(),
            default_configuration: Configuration::default(),
            invocations: BTreeMap::new(),
            waiting: BTreeMap::new(),
            accepted: 0,
            now: Instant::ORIGIN,
            outputs: VecDeque::new(),
            changes: VecDeque::new(),
        }
    }

    /// Sets what applies to the invocations of a version or alias, those that have been accepted included. The default takes a
    /// configuration away.
    pub fn configure(&mut self, qualifier: Qualifier, configuration: Configuration) {
        if configuration == self.default_configuration {
            self.configurations.remove(&qualifier);
        } else {
            self.configurations.insert(qualifier, configuration);
        }
    }

    /// Accepts an event; its first attempt is made at once. `id` is the invocation's on every attempt.
    ///
    /// # Errors
    /// If the queue is full.
    pub fn handle_accept(
        &mut self,
        now: Instant,
        id: RequestId,
        qualifier: Qualifier,
    ) -> Result<(), QueueFull> {
        let now = self.advance(now);
        if self.invocations.len() >= self.capacity {
            return Err(QueueFull { capacity: self.capacity });
        }
        let progress = Progress { due: now, errors: 0, setbacks: 0 };
        self.add(KeptInvocation { id, position: self.accepted, accepted_at: now, qualifier, progress });
        self.changes.push_back(Change::Accepted(id));
        self.start_due(now);
        Ok(())
    }

    /// Takes an invocation that was there in an earlier process, however many there are. Whoever restores several does so in the
    /// order of their positions, before anything else happens. Attempts that are due are made by the next input.
    pub fn handle_restore(&mut self, now: Instant, kept: KeptInvocation) {
        self.advance(now);
        self.add(KeptInvocation { position: kept.position.max(self.accepted), ..kept });
    }

    /// The attempt that [`Output::Attempt`] asked for is over. Returns when there will be another; `None` if the invocation has
    /// ended.
    pub fn handle_result(&mut self, now: Instant, id: RequestId, outcome: Outcome) -> Option<Instant> {
        let now = self.advance(now);
        let invocation = self.invocations.get_mut(&id).expect(KNOWN);
        assert!(invocation.running, "{id} has no attempt running");
        invocation.running = false;
        let next = match outcome {
            Outcome::Success => Next::End(Condition::Success),
            Outcome::ZeroReservedConcurrency => Next::End(Condition::ZeroReservedConcurrency),
            Outcome::RecursiveInvocation => Next::End(Condition::RecursiveInvocation),
            Outcome::FunctionError => {
                let progress = &mut invocation.progress;
                progress.errors = progress.errors.saturating_add(1);
                progress.setbacks = 0;
                Next::Retry(RETRY_DELAY.saturating_mul(progress.errors))
            }
            Outcome::Throttled | Outcome::PlatformFault => {
                let progress = &mut invocation.progress;
                let backoff = backoff(progress.setbacks);
                progress.setbacks = progress.setbacks.saturating_add(1);
                Next::Retry(backoff)
            }
        };
        let due = match next {
            Next::End(condition) => {
                self.end(id, condition);
                None
            }
            Next::Retry(delay) => self.retry(id, now + delay),
        };
        self.start_due(now);
        due
    }

    /// Makes the attempts that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.advance(now);
        self.start_due(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do; `None` if never. A time that has passed means now.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// What the caller has to do next; drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What has changed that must survive the process; drain it after every `handle_*`.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// An invocation that waits or runs, as it is kept.
    #[must_use]
    pub fn kept(&self, id: RequestId) -> Option<KeptInvocation> {
        let Invocation { position, accepted_at, qualifier, running: _, progress } =
            self.invocations.get(&id)?;
        Some(KeptInvocation {
            id,
            position: *position,
            accepted_at: *accepted_at,
            qualifier: qualifier.clone(),
            progress: *progress,
        })
    }

    /// How many invocations wait or run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.invocations.len()
    }

    /// Whether no invocation waits or runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.invocations.is_empty()
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    /// Lets an invocation wait that is not there yet.
    fn add(&mut self, new: KeptInvocation) {
        let KeptInvocation { id, position, accepted_at, qualifier, progress } = new;
        let btree_map::Entry::Vacant(entry) = self.invocations.entry(id) else {
            panic!("{id} was accepted before and has not ended")
        };
        entry.insert(Invocation { position, accepted_at, qualifier, running: false, progress });
        self.accepted = position.saturating_add(1);
        self.waiting.insert((progress.due, position), id);
    }

    /// Makes the attempts that are due, in the order in which they became so.
    fn start_due(&mut self, now: Instant) {
        while let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 <= now) {
            let id = entry.remove();
            if let Some(condition) = self.end_at(id, now) {
                self.end(id, condition);
                continue;
            }
            let invocation = self.invocations.get_mut(&id).expect(KNOWN);
            invocation.running = true;
            let age = now - invocation.accepted_at;
            self.outputs.push_back(Output::Attempt {
                id,
                number: invocation.progress.errors.saturating_add(1),
                age,
            });
        }
    }

    /// Lets an invocation that neither waits nor runs wait, or ends it if that is no use. Returns until when it waits.
    fn retry(&mut self, id: RequestId, due: Instant) -> Option<Instant> {
        if let Some(condition) = self.end_at(id, due) {
            self.end(id, condition);
            return None;
        }
        let invocation = self.invocations.get_mut(&id).expect(KNOWN);
        invocation.progress.due = due;
        self.waiting.insert((due, invocation.position), id);
        self.changes.push_back(Change::Retrying(id));
        Some(due)
    }

    /// Why there can't be another attempt at that time; `None` if there can be.
    fn end_at(&self, id: RequestId, time: Instant) -> Option<Condition> {
        let invocation = self.invocations.get(&id).expect(KNOWN);
        let configuration = self.configuration(&invocation.qualifier);
        if invocation.progress.errors > configuration.maximum_retry_attempts.get() {
            Some(Condition::RetriesExhausted)
        } else if time >= invocation.accepted_at + configuration.maximum_event_age.duration() {
            Some(Condition::EventAgeExceeded)
        } else {
            None
        }
    }

    /// Ends an invocation that neither waits nor runs.
    fn end(&mut self, id: RequestId, condition: Condition) {
        let Invocation { qualifier, progress: Progress { errors, .. }, .. } =
            self.invocations.remove(&id).expect(KNOWN);
        self.changes.push_back(Change::Ended(id));
        let configuration = self.configuration(&qualifier);
        let ending = match condition {
            Condition::Success => Ending {
                id,
                condition,
                approximate_invoke_count: errors.saturating_add(1),
                record_to: configuration.on_success.clone(),
                dead_letter_to: None,
            },
            Condition::RetriesExhausted
            | Condition::EventAgeExceeded
            | Condition::ZeroReservedConcurrency
            | Condition::RecursiveInvocation => Ending {
                id,
                condition,
                approximate_invoke_count: errors,
                record_to: configuration.on_failure.clone(),
                dead_letter_to: configuration.dead_letter.clone(),
            },
        };
        self.outputs.push_back(Output::Ended(ending));
    }

    fn configuration(&self, qualifier: &Qualifier) -> &Configuration {
        self.configurations.get(qualifier).unwrap_or(&self.default_configuration)
    }
}

/// What becomes of an invocation after an attempt.
enum Next {
    End(Condition),
    Retry(Duration),
}

/// How long to wait after an attempt at which the function was not run, when there have been `setbacks` such attempts before.
fn backoff(setbacks: u32) -> Duration {
    let doubled = 1_u32.checked_shl(setbacks).unwrap_or(u32::MAX);
    FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF)
}

/// How long to wait after the function's first error; after the second, twice as long.
const RETRY_DELAY: Duration = Duration::from_mins(1);
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_mins(5);

const KNOWN: &str = "an invocation's id is valid until it ends";
