//! The state machine itself.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{BatchId, BatchSize, Configuration, Outcome, Output, Received, concurrency::Concurrency};
use crate::{limits, time::Instant};

/// Polls one queue on behalf of one function. It does nothing until it is [started](Self::handle_start).
///
/// `now` never goes back: an input that carries an earlier time than the one before is taken to happen at the same time,
/// so that callers may read the clock before they take the poller's lock.
///
/// # Panics
/// A batch's result is that of a batch that runs, and messages are received when they were asked for. Methods panic otherwise,
/// before they change anything: messages would be processed twice.
#[derive(Debug)]
pub struct Poller<M> {
    configuration: Configuration,
    fifo: bool,
    active: bool,
    concurrency: Concurrency,
    /// How many messages were asked for, while they have not come.
    asked: Option<usize>,
    /// Whether messages came to the queue since they were asked for.
    arrived: bool,
    /// What becomes batches, oldest first; only the last can still grow.
    gathered: VecDeque<Gathering<M>>,
    batches: BTreeMap<BatchId, Batch<M>>,
    /// The batches that wait, by when they are given to the function again.
    waiting: BTreeSet<(Instant, BatchId)>,
    /// How many batches there have been.
    counted: u64,
    /// The latest `now`.
    now: Instant,
    outputs: VecDeque<Output<M>>,
}

/// Messages that become a batch.
#[derive(Debug)]
struct Gathering<M> {
    messages: Vec<Received<M>>,
    bytes: usize,
    since: Instant,
    /// Whether there is no room for another message.
    complete: bool,
    /// Whether messages that were received together with these are in the batch before.
    continues: bool,
}

/// A batch that runs or waits.
#[derive(Debug)]
struct Batch<M> {
    messages: Arc<[M]>,
    /// The message groups, in a FIFO queue.
    groups: Vec<Option<Arc<str>>>,
    /// When the queue shows the first message to others again.
    hidden_until: Instant,
    /// How often it was not run.
    setbacks: u32,
    /// Until when it waits, if it does.
    waits_until: Option<Instant>,
}

impl<M: Clone> Poller<M> {
    /// A poller of a queue, which is one with message groups or not. `account_concurrency` is how much can run at once anyway.
    #[must_use]
    pub fn new(configuration: Configuration, fifo: bool, account_concurrency: u32) -> Self {
        Self {
            configuration,
            fifo,
            active: false,
            concurrency: Concurrency::new(configuration.scaling, account_concurrency),
            asked: None,
            arrived: false,
            gathered: VecDeque::new(),
            batches: BTreeMap::new(),
            waiting: BTreeSet::new(),
            counted: 0,
            now: Instant::ORIGIN,
            outputs: VecDeque::new(),
        }
    }

    /// Begins to poll, or goes on.
    pub fn handle_start(&mut self, now: Instant) {
        let now = self.advance(now);
        self.active = true;
        self.concurrency.set_backlog(now, true);
        self.proceed(now);
    }

    /// Polls no more. What has been received goes to the function at once; batches that wait go back to the queue.
    pub fn handle_stop(&mut self, now: Instant) {
        let now = self.advance(now);
        self.active = false;
        self.concurrency.set_backlog(now, false);
        for (_, id) in std::mem::take(&mut self.waiting) {
            self.give_up(id);
        }
        self.proceed(now);
    }

    /// Polls differently from now on. Batches that are complete stay as they are.
    pub fn handle_configure(&mut self, now: Instant, configuration: Configuration, account_concurrency: u32) {
        let now = self.advance(now);
        self.configuration = configuration;
        self.concurrency.configure(configuration.scaling, account_concurrency);
        let batch_size = usize::from(configuration.batch_size.get());
        if let Some(last) = self.gathered.back_mut() {
            last.complete |= last.messages.len() >= batch_size;
        }
        self.proceed(now);
    }

    /// Messages came to the queue, or became visible in it.
    pub fn handle_arrival(&mut self, now: Instant) {
        let now = self.advance(now);
        self.arrived = true;
        if self.active {
            self.concurrency.set_backlog(now, true);
        }
        self.proceed(now);
    }

    /// The messages that [`Output::Receive`] asked for. Fewer than asked for are all that there are.
    pub fn handle_received(&mut self, now: Instant, messages: Vec<Received<M>>) {
        let now = self.advance(now);
        let asked = self.asked.take().expect("messages are received when they were asked for");
        let more = self.arrived || messages.len() >= asked;
        self.concurrency.set_backlog(now, self.active && more);
        let (wanted, unwanted): (Vec<_>, Vec<_>) = messages.into_iter().partition(|message| message.wanted);
        self.delete(now, unwanted.into_iter().map(|received| received.message).collect());
        for (position, message) in wanted.into_iter().enumerate() {
            self.gather(now, message, position > 0);
        }
        self.proceed(now);
    }

    /// The batch that [`Output::Invoke`] gave out was given to the function, or was to be.
    pub fn handle_result(&mut self, now: Instant, id: BatchId, outcome: Outcome) {
        let now = self.advance(now);
        let batch = self.batches.get_mut(&id).filter(|batch| batch.waits_until.is_none());
        let batch = batch.expect("a result is that of a batch that runs");
        match outcome {
            Outcome::Processed { failed } => {
                self.concurrency.restore();
                let batch = self.batches.remove(&id).expect("it was found above");
                let is_failed = |position: &usize| failed.binary_search(position).is_ok();
                let (left, done): (Vec<_>, Vec<_>) = (0..batch.messages.len()).partition(is_failed);
                self.delete(now, done.iter().map(|position| batch.messages[*position].clone()).collect());
                self.release_followers(&batch, &left);
                self.hurry(now);
            }
            Outcome::FunctionError => {
                if self.configuration.reports_item_failures {
                    self.concurrency.restore();
                } else {
                    self.concurrency.reduce();
                }
                self.give_up(id);
                self.hurry(now);
            }
            Outcome::NotRun => {
                self.concurrency.reduce();
                let due = (now + backoff(batch.setbacks)).min(batch.hidden_until);
                batch.setbacks = batch.setbacks.saturating_add(1);
                batch.waits_until = Some(due);
                if self.active && now < due {
                    self.waiting.insert((due, id));
                } else {
                    self.give_up(id);
                }
            }
        }
        self.proceed(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.advance(now);
        self.proceed(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do; `None` if never. A time that has passed means now.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let retry = self.waiting.first().map(|(due, _)| *due);
        let runnable = |first: &&Gathering<M>| self.has_room() && !self.must_wait(first);
        let window = self.gathered.front().filter(runnable).map(|first| self.due(first));
        // With room, messages that there are would have been asked for.
        let step = self.concurrency.next_step().filter(|_| self.asked.is_none());
        [retry, window, step].into_iter().flatten().min()
    }

    /// What the caller has to do next; drain it after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output<M>> {
        self.outputs.pop_front()
    }

    /// Whether no message is on its way: none was asked for, and none that was received is not yet processed or given up.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.asked.is_none() && self.gathered.is_empty() && self.batches.is_empty()
    }

    /// How many batches run or wait.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// How many batches may run or wait at once, for now.
    #[must_use]
    pub fn concurrency_limit(&self) -> usize {
        usize::try_from(self.concurrency.limit()).unwrap_or(usize::MAX)
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.concurrency.advance(self.now);
        self.now
    }

    /// Runs again what has waited long enough, and what has been gathered, and asks for more.
    fn proceed(&mut self, now: Instant) {
        while let Some((_, id)) = self.waiting.first().filter(|(due, _)| *due <= now).copied() {
            self.retry(now, id);
        }
        while let Some(first) = self.gathered.front()
            && (!self.active || self.due(first) <= now && self.has_room())
            && !self.must_wait(first)
        {
            let first = self.gathered.pop_front().expect("there is a first");
            self.start(now, first);
        }
        if self.active && self.asked.is_none() && self.concurrency.has_backlog() {
            let maximum = self.room_for_messages();
            if maximum > 0 {
                (self.asked, self.arrived) = (Some(maximum), false);
                self.outputs.push_back(Output::Receive { maximum });
            }
        }
    }

    /// How many messages can be received.
    fn room_for_messages(&self) -> usize {
        let batch_size = usize::from(self.configuration.batch_size.get());
        let gathered = match self.gathered.back() {
            // Without a window, whatever is there waits for its turn.
            Some(_) if self.configuration.window.duration().is_zero() => return 0,
            Some(last) if !last.complete => last.messages.len(),
            Some(_) | None => 0,
        };
        // Those that are gathered will run too; the last of them takes what is received.
        let before = self.gathered.len() - usize::from(gathered > 0);
        if self.batches.len() + before < self.concurrency_limit() {
            (batch_size - gathered).min(BatchSize::RECEIVED.into())
        } else {
            0
        }
    }

    /// Whether one more batch may run.
    fn has_room(&self) -> bool {
        self.batches.len() < self.concurrency_limit()
    }

    /// When what is gathered becomes a batch.
    fn due(&self, gathering: &Gathering<M>) -> Instant {
        if gathering.complete {
            gathering.since
        } else {
            gathering.since + self.configuration.window.duration()
        }
    }

    /// Whether an earlier batch has messages of a group that is gathered.
    fn must_wait(&self, gathering: &Gathering<M>) -> bool {
        let gathered = |group: &Option<Arc<str>>| {
            group.is_some() && gathering.messages.iter().any(|message| message.group == *group)
        };
        gathering.continues && self.batches.values().any(|batch| batch.groups.iter().any(gathered))
    }

    /// Adds a message to what is gathered. `continues` says whether it came together with the one before.
    fn gather(&mut self, now: Instant, mut message: Received<M>, continues: bool) {
        if !self.fifo {
            message.group = None;
        }
        let batch_size = usize::from(self.configuration.batch_size.get());
        let fits = |last: &&mut Gathering<M>| !last.complete && last.bytes + message.bytes <= BATCH_BYTES;
        match self.gathered.back_mut().filter(fits) {
            Some(last) => {
                last.bytes += message.bytes;
                last.messages.push(message);
                last.complete = last.messages.len() >= batch_size;
            }
            None => {
                if let Some(last) = self.gathered.back_mut() {
                    last.complete = true;
                }
                self.gathered.push_back(Gathering {
                    bytes: message.bytes,
                    messages: vec![message],
                    since: now,
                    complete: batch_size == 1,
                    continues,
                });
            }
        }
    }

    /// Gives what was gathered to the function, but for what the queue has shown to others again meanwhile.
    fn start(&mut self, now: Instant, gathering: Gathering<M>) {
        let mut messages = gathering.messages;
        messages.retain(|message| now <= message.hidden_until);
        let Some(hidden_until) = messages.iter().map(|message| message.hidden_until).min() else { return };
        let groups = messages.iter().map(|message| message.group.clone()).collect();
        let messages: Arc<[M]> = messages.into_iter().map(|received| received.message).collect();
        let id = BatchId(self.counted);
        self.counted += 1;
        let batch = Batch { messages, groups, hidden_until, setbacks: 0, waits_until: None };
        self.outputs.push_back(Output::Invoke { batch: id, messages: Arc::clone(&batch.messages) });
        self.batches.insert(id, batch);
    }

    /// Gives a batch that waits to the function again, if its messages are still its own.
    fn retry(&mut self, now: Instant, id: BatchId) {
        let batch = self.batches.get_mut(&id).expect("what waits is known");
        let due = batch.waits_until.take().expect("it waits");
        self.waiting.remove(&(due, id));
        if now < batch.hidden_until {
            self.outputs.push_back(Output::Invoke { batch: id, messages: Arc::clone(&batch.messages) });
        } else {
            self.give_up(id);
        }
    }

    /// A batch has run, so there is concurrency for the one that waits longest.
    fn hurry(&mut self, now: Instant) {
        if let Some((_, id)) = self.waiting.first().copied() {
            self.retry(now, id);
        }
    }

    /// Leaves all messages of a batch to the queue.
    fn give_up(&mut self, id: BatchId) {
        let batch = self.batches.remove(&id).expect("it is known");
        let all: Vec<_> = (0..batch.messages.len()).collect();
        self.release_followers(&batch, &all);
    }

    /// Leaves to the queue what was gathered of the groups whose messages at these positions of a batch are left to it.
    fn release_followers(&mut self, batch: &Batch<M>, left: &[usize]) {
        let is_left = |group: &Option<Arc<str>>| {
            group.is_some() && left.iter().any(|position| batch.groups[*position] == *group)
        };
        for gathering in self.gathered.iter_mut().filter(|gathering| gathering.continues) {
            gathering.messages.retain(|message| !is_left(&message.group));
        }
        self.gathered.retain(|gathering| !gathering.messages.is_empty());
    }

    fn delete(&mut self, now: Instant, messages: Vec<M>) {
        if !messages.is_empty() {
            self.outputs.push_back(Output::Delete { messages });
            // Those of the same groups come after them.
            if self.fifo && self.active {
                self.concurrency.set_backlog(now, true);
            }
        }
    }
}

/// How long a batch waits when it was not run, after `setbacks` earlier such attempts. AWS says that it backs off, not how.
fn backoff(setbacks: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(5);
    let doubled = 1_u32.checked_shl(setbacks).unwrap_or(u32::MAX);
    FIRST.saturating_mul(doubled).min(LONGEST)
}

/// What the messages of a batch can have together, beside what an event has around them.
const BATCH_BYTES: usize = limits::SYNCHRONOUS_REQUEST_BYTES - 64;
