//! A caller of the poller that checks everything it is told.
//!
//! A [`World`] has a queue and a function that runs as long as a test lets it, and checks every output of the poller against
//! what it knows of them.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use hearth_model::{
    event_source::{
        BatchId, BatchSize, BatchingWindow, Configuration, MaximumConcurrency, Outcome, Output, Poller,
        Scaling,
    },
    limits,
    time::Instant,
};

use crate::queue::{Name, Queue, State};

pub(crate) const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(30);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct World {
    pub(crate) poller: Poller<Name>,
    pub(crate) queue: Queue,
    pub(crate) now: Instant,
    active: bool,
    /// The largest batch and the highest concurrency that were ever allowed.
    largest: usize,
    most: usize,
    /// The batches that the function has, in the order in which it got them.
    running: VecDeque<(BatchId, Arc<[Name]>)>,
    /// Those that it was given and did not run.
    waiting: BTreeMap<BatchId, Arc<[Name]>>,
    /// What was processed, in that order.
    pub(crate) processed: Vec<Name>,
    /// How many messages the poller asked for, time after time.
    pub(crate) asked: Vec<usize>,
    /// The sizes of all batches that the function got.
    pub(crate) given: Vec<usize>,
}

/// What a mapping is in these tests.
pub(crate) fn configuration(batch_size: i64, window_s: i64, maximum: Option<i64>) -> Configuration {
    let scaling = maximum
        .map(|maximum| Scaling::MaximumConcurrency(MaximumConcurrency::new(maximum).expect("in range")));
    Configuration {
        batch_size: BatchSize::new(batch_size).expect("in range"),
        window: BatchingWindow::from_seconds(window_s).expect("in range"),
        scaling: scaling.unwrap_or_default(),
        reports_item_failures: false,
    }
}

impl World {
    pub(crate) fn new(configuration: Configuration, fifo: bool) -> Self {
        let queue = Queue {
            messages: Vec::new(),
            visibility_timeout: VISIBILITY_TIMEOUT,
            max_receive_count: u32::MAX,
            fifo,
        };
        let mut world = Self {
            poller: Poller::new(configuration, fifo, limits::ACCOUNT_CONCURRENCY),
            queue,
            now: Instant::from_nanos(1),
            active: false,
            largest: 0,
            most: 0,
            running: VecDeque::new(),
            waiting: BTreeMap::new(),
            processed: Vec::new(),
            asked: Vec::new(),
            given: Vec::new(),
        };
        world.note(configuration);
        world.start();
        world
    }

    pub(crate) fn start(&mut self) {
        self.active = true;
        self.poller.handle_start(self.now);
        self.settle();
    }

    pub(crate) fn stop(&mut self) {
        self.active = false;
        self.poller.handle_stop(self.now);
        // What waits goes back to the queue.
        self.waiting.clear();
        self.settle();
    }

    pub(crate) fn configure(&mut self, configuration: Configuration) {
        self.note(configuration);
        self.poller.handle_configure(self.now, configuration, limits::ACCOUNT_CONCURRENCY);
        self.settle();
    }

    pub(crate) fn send(&mut self, messages: usize) {
        for _ in 0..messages {
            self.queue.send(None, 100, true);
        }
        self.arrive();
    }

    pub(crate) fn send_one(&mut self, group: Option<&str>, bytes: usize, wanted: bool) -> Name {
        let name = self.queue.send(group.map(Into::into), bytes, wanted);
        self.arrive();
        name
    }

    /// Sends messages that arrive together.
    pub(crate) fn send_all<'a>(&mut self, messages: impl IntoIterator<Item = (&'a str, usize)>) {
        for (group, bytes) in messages {
            self.queue.send(Some(group.into()), bytes, true);
        }
        self.arrive();
    }

    pub(crate) fn arrive(&mut self) {
        self.poller.handle_arrival(self.now);
        self.settle();
    }

    /// Lets time pass; whatever is due on the way happens at its time. The function fails before it runs longer than the
    /// queue hides its messages.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let target = self.now + duration;
        loop {
            let next = self.poller.poll_timeout().into_iter().chain(self.queue.next_expiry()).min();
            let Some(next) = next.filter(|next| *next <= target) else { break };
            self.now = self.now.max(next);
            self.fail_expiring();
            self.poller.handle_timeout(self.now);
            self.settle();
            if self.queue.expire(self.now) {
                self.arrive();
            }
        }
        self.now = target;
    }

    pub(crate) fn running(&self) -> usize {
        self.running.len()
    }

    /// The messages of the batches that run, oldest first.
    pub(crate) fn batches(&self) -> Vec<Vec<usize>> {
        self.running.iter().map(|(_, batch)| batch.iter().map(|name| name.0).collect()).collect()
    }

    pub(crate) fn succeed(&mut self, which: usize) {
        self.end(which, Outcome::Processed { failed: Vec::new() });
    }

    pub(crate) fn succeed_all(&mut self) {
        for _ in 0..self.running() {
            self.succeed(0);
        }
    }

    /// Ends a batch that runs.
    pub(crate) fn end(&mut self, which: usize, outcome: Outcome) {
        let (id, batch) = self.running.remove(which).expect("it runs");
        match &outcome {
            Outcome::Processed { failed } => {
                let done = (0..batch.len()).filter(|position| !failed.contains(position));
                self.processed.extend(done.map(|position| batch[position]));
            }
            Outcome::NotRun => {
                self.waiting.insert(id, batch);
            }
            Outcome::FunctionError => {}
        }
        self.poller.handle_result(self.now, id, outcome);
        self.settle();
    }

    /// Ends a batch that runs, reporting messages with what follows them in their groups, as functions of FIFO queues should.
    pub(crate) fn report(&mut self, which: usize, is_failed: impl Fn(usize) -> bool) {
        let batch = &self.running[which].1;
        let group = |position: usize| &self.queue.messages[batch[position].0].group;
        let mut failed: Vec<usize> = Vec::new();
        for position in 0..batch.len() {
            let follows = || failed.iter().any(|earlier| group(*earlier) == group(position));
            if is_failed(position) || self.queue.fifo && follows() {
                failed.push(position);
            }
        }
        self.end(which, Outcome::Processed { failed });
    }

    /// Lets everything succeed, and checks that every message was deleted or is a dead letter.
    pub(crate) fn finish(&mut self) {
        self.start();
        let mut rounds = 0;
        while !self.queue.is_empty() {
            self.succeed_all();
            self.pass(self.queue.visibility_timeout);
            rounds += 1;
            assert!(rounds < 1_000, "nothing happens any more: {:?}\n{:?}", self.poller, self.queue);
        }
        self.pass(self.queue.visibility_timeout * 2);
        assert!(self.poller.is_idle());
        assert_eq!(self.poller.poll_timeout(), None);
    }

    fn note(&mut self, configuration: Configuration) {
        let most = match configuration.scaling {
            Scaling::MaximumConcurrency(maximum) => maximum.get(),
            Scaling::Standard | Scaling::Provisioned(_) => limits::ACCOUNT_CONCURRENCY,
        };
        self.most = self.most.max(most as usize);
        self.largest = self.largest.max(configuration.batch_size.get().into());
    }

    fn fail_expiring(&mut self) {
        while let Some(which) = self.expiring() {
            self.end(which, Outcome::FunctionError);
        }
    }

    fn expiring(&self) -> Option<usize> {
        self.running.iter().position(|(_, batch)| batch.iter().any(|name| self.queue.is_due(*name, self.now)))
    }

    /// Does what the poller wants, and checks it.
    fn settle(&mut self) {
        while let Some(output) = self.poller.poll_output() {
            match output {
                Output::Receive { maximum } => {
                    assert!((1..=10).contains(&maximum));
                    self.asked.push(maximum);
                    let received = self.queue.receive(self.now, maximum);
                    self.poller.handle_received(self.now, received);
                }
                Output::Invoke { batch, messages } => self.check_invoke(batch, messages),
                Output::Delete { messages } => self.check_delete(&messages),
            }
        }
        let unfinished = self.poller.batches();
        assert!(unfinished >= self.running.len());
        assert!(
            self.poller.poll_timeout().is_none_or(|deadline| deadline > self.now),
            "a deadline that is over"
        );
    }

    fn check_invoke(&mut self, id: BatchId, messages: Arc<[Name]>) {
        self.waiting.remove(&id);
        assert!((1..=self.largest).contains(&messages.len()), "a batch of {}", messages.len());
        let bytes: usize = messages.iter().map(|name| self.queue.messages[name.0].bytes).sum();
        assert!(
            messages.len() == 1 || bytes <= limits::SYNCHRONOUS_REQUEST_BYTES,
            "a batch of {bytes} bytes"
        );
        assert!(self.running.iter().all(|(running, _)| *running != id), "{id} runs already");
        let unique: BTreeSet<_> = messages.iter().collect();
        assert_eq!(unique.len(), messages.len(), "a message twice in a batch");
        for name in &*messages {
            let message = &self.queue.messages[name.0];
            assert!(message.wanted, "{name:?} is filtered out");
            assert!(matches!(message.state, State::InFlight { .. }), "{name:?} is {:?}", message.state);
            for (_, other) in &self.running {
                let same_group =
                    |other: &Name| self.queue.fifo && self.queue.messages[other.0].group == message.group;
                assert!(!other.contains(name), "{name:?} runs twice");
                assert!(!other.iter().any(same_group), "the group of {name:?} runs twice");
            }
        }
        self.given.push(messages.len());
        self.running.push_back((id, messages));
        if !self.active {
            // What was received before a stop runs all the same.
            self.most = self.most.max(self.running.len());
        }
        assert!(self.running.len() <= self.most, "more than may run");
    }

    fn check_delete(&mut self, messages: &[Name]) {
        assert!(!messages.is_empty());
        for name in messages {
            let message = &mut self.queue.messages[name.0];
            assert!(matches!(message.state, State::InFlight { .. }), "{name:?} is {:?}", message.state);
            assert!(!message.wanted || self.processed.contains(name), "{name:?} was not processed");
            message.state = State::Deleted;
        }
    }
}
