//! The queues that exist, and the ways to them.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hearth_engine::{
    Engine,
    clock::Clock,
    deadlines::{Deadlines, Due},
};
use hearth_model::{
    identity::Partition,
    sqs::{self, QueueAddress, QueueOptions, ReceiveId},
    time::{Instant, Moment},
};
use parking_lot::RwLock;

use super::{
    Refusal,
    region::{Region, State},
};

/// The queues of all accounts and regions.
pub struct Queues {
    engine: Arc<Engine>,
    options: QueueOptions,
    regions: RwLock<BTreeMap<Partition, Arc<Region>>>,
    deadlines: Arc<Deadlines>,
    last_receive: AtomicU64,
    /// Whether no receive waits any more.
    hurried: AtomicBool,
}

impl Queues {
    /// No queues yet; those to come live by the clock of `engine`.
    ///
    /// # Panics
    /// Outside a tokio runtime: one task waits for what is due.
    #[must_use]
    pub fn new(engine: Arc<Engine>, options: QueueOptions) -> Arc<Self> {
        let queues = Arc::new(Self {
            engine,
            options,
            regions: RwLock::default(),
            deadlines: Arc::default(),
            last_receive: AtomicU64::new(0),
            hurried: AtomicBool::new(false),
        });
        queues.engine.work().spawn_watcher(Deadlines::run(Arc::downgrade(&queues)));
        queues
    }

    /// From now on, no receive waits, and those that do are answered with nothing: whoever stops answering shall not be held
    /// up.
    pub fn stop_waiting(&self) {
        self.hurried.store(true, Ordering::SeqCst);
        let regions: Vec<_> = self.regions.read().values().cloned().collect();
        for region in regions {
            self.with(&region, State::release);
        }
    }

    /// How many receives of a partition wait for a message.
    #[must_use]
    pub fn waiting(&self, partition: &Partition) -> usize {
        self.regions.read().get(partition).map_or(0, |region| region.lock().waiting())
    }

    /// The partitions that have had queues, in order.
    #[must_use]
    pub fn partitions(&self) -> Vec<Partition> {
        let mut partitions: Vec<_> = self.regions.read().keys().cloned().collect();
        partitions.sort();
        partitions
    }

    /// How many messages there are in a queue, received or not; none if there is no such queue.
    #[must_use]
    pub fn messages(&self, queue: &QueueAddress) -> usize {
        let Ok(region) = self.region(&queue.partition) else { return 0 };
        let counts = self.with(&region, |state, now| state.queues.counts(now, &queue.name));
        counts.map_or(0, |counts| counts.visible + counts.in_flight + counts.delayed)
    }

    /// How many queues there are in all partitions, and how many messages in them.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        let regions: Vec<_> = self.regions.read().values().cloned().collect();
        let totals = regions.iter().map(|region| {
            self.with(region, |state, now| {
                let names: Vec<_> = state.queues.names().cloned().collect();
                let counts = names.iter().filter_map(|name| state.queues.counts(now, name).ok());
                let messages: usize =
                    counts.map(|counts| counts.visible + counts.in_flight + counts.delayed).sum();
                (names.len(), messages)
            })
        });
        totals.fold((0, 0), |(queues, messages), (more, of_them)| (queues + more, messages + of_them))
    }

    pub(super) fn is_hurried(&self) -> bool {
        self.hurried.load(Ordering::SeqCst)
    }

    /// Those of a partition; there may be none.
    pub(super) fn region(&self, partition: &Partition) -> Result<Arc<Region>, Refusal> {
        self.regions.read().get(partition).cloned().ok_or_else(Refusal::no_such_queue)
    }

    /// Those of a partition, to which one is to be added.
    pub(super) fn region_or_new(&self, partition: &Partition) -> Arc<Region> {
        let new = || {
            let queues = sqs::Queues::new(self.options);
            Arc::new(Region::new(partition.clone(), queues, Arc::clone(&self.engine)))
        };
        Arc::clone(self.regions.write().entry(partition.clone()).or_insert_with(new))
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The way to what can change: one short lock, and then what the rules want done.
    pub(super) fn with<R>(&self, region: &Region, action: impl FnOnce(&mut State, Moment) -> R) -> R {
        let now = self.engine.clock().moment();
        let mut state = region.lock();
        let result = action(&mut state, now);
        self.follow(region, &mut state, now);
        let deadline = state.queues.poll_timeout();
        drop(state);
        self.deadlines.note(deadline);
        result
    }

    /// Does what follows from a change. Nobody hears of it before it is recorded.
    fn follow(&self, region: &Region, state: &mut State, now: Moment) {
        let journal = self.engine.journal();
        state.record_changes(journal, region.partition(), now);
        state.drain(now);
        // Messages for somebody who has gone away are there for others again.
        state.record_changes(journal, region.partition(), now);
    }

    pub(super) fn next_receive(&self) -> ReceiveId {
        ReceiveId(self.last_receive.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Due for Queues {
    fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    fn deadlines(&self) -> &Arc<Deadlines> {
        &self.deadlines
    }

    /// A message becomes visible or too old, somebody has waited long enough, a task moves its next message.
    fn handle_due(&self) -> Option<Instant> {
        let regions: Vec<_> = self.regions.read().values().cloned().collect();
        let now = self.engine.clock().moment();
        let handle = |region: Arc<Region>| {
            let mut state = region.lock();
            state.queues.handle_timeout(now);
            self.follow(&region, &mut state, now);
            state.queues.poll_timeout()
        };
        regions.into_iter().filter_map(handle).min()
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queues").field("options", &self.options).finish_non_exhaustive()
    }
}
