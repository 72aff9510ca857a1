//! The queues of one account in one region, and those who wait for them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use hearth_engine::{
    Engine,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    identity::Partition,
    sqs::{Delivery, MessageId, Output, QueueName, Queues, ReceiveId, Refusal},
    time::{Moment, Timestamp},
};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::{Content, Listener, attributes::Attributes, kept::Unrecorded};

/// One lock for all queues of an account in a region.
///
/// A redrive, a move task, a creation and a deletion concern several queues, and are each one step. What takes time, such
/// as checks, digests and documents, happens outside the lock.
pub(super) struct Region {
    partition: Partition,
    state: Mutex<State>,
}

pub(super) struct State {
    /// What hears of messages, and says what is to go wrong with them.
    pub(super) engine: Arc<Engine>,
    pub(super) queues: Queues<Arc<Content>>,
    pub(super) records: BTreeMap<QueueName, Record>,
    /// Receives that wait.
    parked: HashMap<ReceiveId, Parked>,
    /// Those who want to hear of messages, by queue.
    listeners: HashMap<QueueName, Vec<Weak<dyn Listener>>>,
    /// What the journal has not heard of yet.
    pub(super) unrecorded: Unrecorded,
}

/// What the rules do not need to know of a queue.
pub(super) struct Record {
    pub(super) attributes: Attributes,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    /// A number that no message is beyond as long as the journal hears of no other.
    pub(super) reserved: u64,
}

/// What a receive that has waited gets.
pub(super) type Answer = Result<Vec<Delivery<Arc<Content>>>, Refusal>;

struct Parked {
    queue: QueueName,
    reply: oneshot::Sender<Answer>,
}

/// A message in a queue, as the timeline has it.
pub(super) fn about(queue: &QueueName, id: MessageId) -> Subject {
    Subject::new(Resource::Queue, Arc::clone(queue.shared())).with_work(Work::MessageId(id))
}

impl Region {
    pub(super) fn new(partition: Partition, queues: Queues<Arc<Content>>, engine: Arc<Engine>) -> Self {
        let state = State {
            engine,
            queues,
            records: BTreeMap::new(),
            parked: HashMap::new(),
            listeners: HashMap::new(),
            unrecorded: Unrecorded::default(),
        };
        Self { partition, state: Mutex::new(state) }
    }

    pub(super) const fn partition(&self) -> &Partition {
        &self.partition
    }

    /// To look only: what changes is for [`with`](super::Queues::with).
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    pub(super) fn record(&self, name: &QueueName) -> Result<&Record, Refusal> {
        self.records.get(name).ok_or(Refusal::NoSuchQueue)
    }

    /// To change it.
    pub(super) fn record_mut(&mut self, name: &QueueName) -> Result<&mut Record, Refusal> {
        self.unrecorded.note_changed(name);
        self.records.get_mut(name).ok_or(Refusal::NoSuchQueue)
    }

    /// Keeps a receive that waits.
    pub(super) fn park(&mut self, id: ReceiveId, queue: QueueName) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        self.parked.insert(id, Parked { queue, reply });
        answer
    }

    /// How many receives wait.
    pub(super) fn waiting(&self) -> usize {
        self.parked.len()
    }

    /// A receive waits no longer. False if it has been answered.
    pub(super) fn unpark(&mut self, now: Moment, id: ReceiveId) -> bool {
        let Some(parked) = self.parked.remove(&id) else { return false };
        self.queues.handle_cancel(now, &parked.queue, id);
        true
    }

    /// Nobody waits any longer.
    pub(super) fn release(&mut self, now: Moment) {
        for (id, Parked { queue, reply }) in std::mem::take(&mut self.parked) {
            self.queues.handle_cancel(now, &queue, id);
            // Whoever has gone away does not need to hear of it.
            let _ = reply.send(Ok(Vec::new()));
        }
    }

    pub(super) fn listen(&mut self, name: &QueueName, listener: Weak<dyn Listener>) {
        let listeners = self.listeners.entry(name.clone()).or_default();
        listeners.retain(|known| known.strong_count() > 0);
        listeners.push(listener);
    }

    /// Does what the rules want done.
    pub(super) fn drain(&mut self, now: Moment) {
        while let Some(output) = self.queues.poll_output() {
            match output {
                Output::Answer { receive, messages } => self.answer(now, receive, Ok(messages)),
                Output::Deleted { receive } => self.answer(now, receive, Err(Refusal::NoSuchQueue)),
                Output::DeadLettered { id, source, queue } => {
                    let kind = EventKind::DeadLettered { source: source.as_str().into() };
                    self.engine.timeline().record(about(&queue, id), kind);
                }
                Output::Redriven { id, letter, queue } => {
                    self.engine
                        .timeline()
                        .record(about(&queue, id).caused_by(Some(letter.work())), EventKind::Redriven);
                }
                Output::Available { queue } => {
                    let listeners = self.listeners.get(&queue).into_iter().flatten();
                    listeners.filter_map(Weak::upgrade).for_each(|listener| listener.messages_available());
                }
            }
        }
    }

    /// Forgets what belongs to a queue that was deleted, which had this id.
    pub(super) fn forget(&mut self, name: &QueueName, id: u32) {
        self.records.remove(name);
        self.unrecorded.note_deleted(id);
    }

    fn answer(&mut self, now: Moment, id: ReceiveId, answer: Answer) {
        let Some(Parked { queue, reply }) = self.parked.remove(&id) else { return };
        // Nobody hears it: the messages are for others.
        if let Err(Ok(messages)) = reply.send(answer) {
            self.queues.handle_return(now, &queue, messages.iter().map(|message| message.handle));
        }
    }
}
