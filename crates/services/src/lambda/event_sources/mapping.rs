//! One mapping, and what drives its poller.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hearth_engine::{Engine, deadlines::Deadlines, work::WorkKind};
use hearth_model::{
    event_source::{BatchId, Outcome, Output, Poller, Received},
    identity::Partition,
    sqs::QueueAddress,
    time::{Instant, Timestamp},
};
use parking_lot::{Mutex, MutexGuard};

use super::{MappingId, MappingState, MappingView, batch::Batch, message::Message, settings::Settings};
use crate::{
    lambda::Functions,
    sqs::{Listener, Queues},
};

/// What mappings need of what is around them.
pub(super) struct Surroundings {
    pub(super) engine: Arc<Engine>,
    pub(super) functions: Arc<Functions>,
    pub(super) queues: Arc<Queues>,
    pub(super) deadlines: Arc<Deadlines>,
    /// How many mappings there have been.
    pub(super) created: AtomicU64,
}

/// One mapping.
pub(in crate::lambda) struct Mapping {
    /// Itself, for work that outlives a call.
    this: Weak<Self>,
    surroundings: Arc<Surroundings>,
    pub(super) id: MappingId,
    /// Its place in the order in which mappings were made.
    pub(super) number: u64,
    partition: Partition,
    pub(super) queue: QueueAddress,
    state: Mutex<State>,
    /// Whether a task is about to look for messages.
    woken: AtomicBool,
    /// Whether it has left messages where they are, because the function's code cannot be loaded.
    held_back: AtomicBool,
}

/// What operations read and change; never locked across an await. Queues may be locked while this is, but not the other way
/// round.
struct State {
    settings: Arc<Settings>,
    poller: Poller<Arc<Message>>,
    modified: Timestamp,
    tags: BTreeMap<String, String>,
    /// Whether the mapping is found, and therefore recorded.
    listed: bool,
}

/// What a mapping begins with.
pub(super) struct NewState {
    pub(super) settings: Settings,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) modified: Timestamp,
}

impl Mapping {
    /// A mapping that does nothing yet.
    pub(super) fn new(
        surroundings: Arc<Surroundings>,
        partition: Partition,
        queue: QueueAddress,
        settings: Settings,
        tags: BTreeMap<String, String>,
    ) -> Arc<Self> {
        let modified = surroundings.engine.clock().wall();
        let number = surroundings.created.fetch_add(1, Ordering::Relaxed);
        let state = NewState { settings, tags, modified };
        Self::made(surroundings, MappingId::draw(), number, partition, queue, state)
    }

    /// A mapping that was there in an earlier process, and does nothing yet.
    pub(super) fn restored(
        surroundings: &Arc<Surroundings>,
        id: MappingId,
        number: u64,
        partition: Partition,
        queue: QueueAddress,
        state: NewState,
    ) -> Arc<Self> {
        surroundings.created.fetch_max(number.saturating_add(1), Ordering::Relaxed);
        let mapping = Self::made(Arc::clone(surroundings), id, number, partition, queue, state);
        mapping.state().listed = true;
        mapping
    }

    fn made(
        surroundings: Arc<Surroundings>,
        id: MappingId,
        number: u64,
        partition: Partition,
        queue: QueueAddress,
        state: NewState,
    ) -> Arc<Self> {
        let NewState { settings, tags, modified } = state;
        let account = surroundings.engine.account_usage(&settings.function_partition).limit;
        let poller = Poller::new(settings.configuration, queue.name.is_fifo(), account);
        let state = State { settings: Arc::new(settings), poller, modified, tags, listed: false };
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            surroundings,
            id,
            number,
            partition,
            queue,
            state: Mutex::new(state),
            woken: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
        })
    }

    /// Begins to poll, if that is what its settings say.
    pub(super) fn start(&self) {
        self.surroundings.queues.listen(&self.queue, Weak::clone(&self.this) as _);
        self.with(|state, now| {
            if state.settings.enabled {
                state.poller.handle_start(now);
            }
        });
    }

    /// Takes other settings. Batches that run finish as they began.
    pub(super) fn change(&self, settings: Settings) {
        let account = self.surroundings.engine.account_usage(&settings.function_partition).limit;
        let modified = self.surroundings.engine.clock().wall();
        self.with(|state, now| {
            state.poller.handle_configure(now, settings.configuration, account);
            match (state.settings.enabled, settings.enabled) {
                (false, true) => state.poller.handle_start(now),
                (true, false) => state.poller.handle_stop(now),
                (true, true) | (false, false) => {}
            }
            state.settings = Arc::new(settings);
            state.modified = modified;
            self.record_state(state);
        });
    }

    /// From now on, it is found. To be called under the lock of those that are.
    pub(super) fn list(&self) {
        let mut state = self.state();
        state.listed = true;
        self.record_state(&state);
    }

    /// From now on, it is not found any more. To be called under the lock of those that are.
    pub(super) fn unlist(&self) {
        self.state().listed = false;
        self.record_deleted();
    }

    /// Its tags; what `action` makes of them is kept.
    pub(in crate::lambda) fn with_tags<T>(
        &self,
        action: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> T {
        let mut state = self.state();
        let before = state.tags.clone();
        let result = action(&mut state.tags);
        if state.tags != before {
            self.record_state(&state);
        }
        result
    }

    /// Looks for messages that were left where they are, because the function has got other code.
    pub(super) fn look_again(&self) {
        if self.held_back.swap(false, Ordering::SeqCst) {
            self.messages_available();
        }
    }

    /// Ends it. Batches that run finish.
    pub(super) fn stop(&self) {
        self.with(|state, now| state.poller.handle_stop(now));
    }

    /// Does what is due, and tells when there will be more to do.
    pub(super) fn handle_due(&self) -> Option<Instant> {
        self.with_unnoted(|state, now| state.poller.handle_timeout(now)).1
    }

    /// A batch was given to the function, or was to be.
    pub(super) fn end_batch(&self, id: BatchId, outcome: Outcome) {
        self.with(|state, now| state.poller.handle_result(now, id, outcome));
    }

    pub(super) const fn partition(&self) -> &Partition {
        &self.partition
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.surroundings.engine
    }

    pub(super) fn functions(&self) -> &Functions {
        &self.surroundings.functions
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.state().settings)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn record_state(&self, state: &State) {
        if state.listed {
            self.record(&state.settings, &state.tags, state.modified);
        }
    }

    /// The mapping as it is, or as the answer of an operation shows it.
    pub(super) fn view(&self, shown: Option<MappingState>) -> MappingView {
        let state = self.state();
        let settings = &state.settings;
        let current = match (settings.enabled, state.poller.is_idle()) {
            (true, _) => MappingState::Enabled,
            (false, false) => MappingState::Disabling,
            (false, true) => MappingState::Disabled,
        };
        MappingView {
            partition: self.partition.clone(),
            id: self.id,
            queue: self.queue.clone(),
            function_arn: settings.function_arn(),
            configuration: settings.configuration,
            filters: settings.filters.clone(),
            kms_key_arn: settings.kms_key_arn.clone(),
            state: shown.unwrap_or(current),
            modified: state.modified,
        }
    }

    /// The way to the poller: a lock, under which messages are received and deleted, and then, without it, the batches that it
    /// gives out.
    fn with<R>(&self, action: impl FnOnce(&mut State, Instant) -> R) -> R {
        let (result, deadline) = self.with_unnoted(action);
        self.surroundings.deadlines.note(deadline);
        result
    }

    fn with_unnoted<R>(&self, action: impl FnOnce(&mut State, Instant) -> R) -> (R, Option<Instant>) {
        let Surroundings { engine, .. } = &*self.surroundings;
        let accepting = engine.work().begin(WorkKind::Poll);
        let now = engine.clock().now();
        let mut batches = Vec::new();
        let mut state = self.state();
        if accepting.is_none() {
            // Nothing that is received from now on would be processed.
            state.poller.handle_stop(now);
        }
        let result = action(&mut state, now);
        while let Some(output) = state.poller.poll_output() {
            match output {
                Output::Receive { maximum } => {
                    let received = self.receive(&state.settings, maximum);
                    state.poller.handle_received(engine.clock().now(), received);
                }
                Output::Delete { messages } => {
                    let handles = messages.iter().map(|message| message.handle);
                    self.surroundings.queues.discard(&self.queue, handles);
                }
                Output::Invoke { batch, messages } => {
                    // A mapping that is gone has nobody who would hear of the result.
                    if let Some(mapping) = self.this.upgrade() {
                        batches.push(Batch::new(mapping, Arc::clone(&state.settings), batch, messages));
                    }
                }
            }
        }
        let deadline = state.poller.poll_timeout();
        drop(state);
        for batch in batches {
            engine.work().spawn(WorkKind::Batch, batch.run());
        }
        (result, deadline)
    }

    /// Messages that are there now. A queue that is not there has none, and none are taken for a function that cannot run.
    fn receive(&self, settings: &Settings, maximum: usize) -> Vec<Received<Arc<Message>>> {
        // Before it asks: code that comes meanwhile is not missed.
        self.held_back.store(true, Ordering::SeqCst);
        if self.surroundings.functions.is_unloaded(&settings.function_partition, &settings.function) {
            return Vec::new();
        }
        self.held_back.store(false, Ordering::SeqCst);
        let Ok(taken) = self.surroundings.queues.take(&self.queue, maximum) else { return Vec::new() };
        let windowed = settings.configuration.window.as_seconds() > 0;
        let received = taken.deliveries.iter().map(|delivery| {
            let message = Message::new(&self.queue, delivery, windowed, &settings.filters);
            Received {
                bytes: message.bytes(),
                hidden_until: taken.hidden_until,
                group: delivery.group.clone(),
                wanted: message.wanted,
                message: Arc::new(message),
            }
        });
        received.collect()
    }

    fn wake(&self) {
        // Before looking: whatever comes from now on wakes it again.
        self.woken.store(false, Ordering::SeqCst);
        self.with(|state, now| state.poller.handle_arrival(now));
    }
}

impl Listener for Mapping {
    fn messages_available(&self) {
        if self.woken.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(mapping) = self.this.upgrade() {
            self.surroundings.engine.work().spawn(WorkKind::Poll, async move { mapping.wake() });
        }
    }
}
