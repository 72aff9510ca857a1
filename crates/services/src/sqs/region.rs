//! The queues of one account in one region, and those who wait for them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use hearth_engine::timeline::{EventKind, Resource, Subject, Timeline, Work};
use hearth_model::{
    sqs::{Delivery, MessageId, Output, QueueName, Queues, ReceiveId, Refusal},
    time::{Moment, Timestamp},
};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::{Content, Listener, attributes::Attributes};

/// One lock for all queues of an account in a region.
///
/// A redrive, a move task, a creation and a deletion concern several queues, and are each one step. What takes time, such
/// as checks, digests and documents, happens outside the lock.
pub(super) struct Region(Mutex<State>);

pub(super) struct State {
    pub(super) timeline: Timeline,
    pub(super) queues: Queues<Arc<Content>>,
    pub(super) records: BTreeMap<QueueName, Record>,
    /// Receives that wait.
    parked: HashMap<ReceiveId, Parked>,
    /// Those who want to hear of messages, by queue.
    listeners: HashMap<QueueName, Vec<Weak<dyn Listener>>>,
}

/// What the rules do not need to know of a queue.
pub(super) struct Record {
    pub(super) attributes: Attributes,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
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
    pub(super) fn new(queues: Queues<Arc<Content>>, timeline: Timeline) -> Self {
        Self(Mutex::new(State {
            timeline,
            queues,
            records: BTreeMap::new(),
            parked: HashMap::new(),
            listeners: HashMap::new(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

impl State {
    pub(super) fn record(&self, name: &QueueName) -> Result<&Record, Refusal> {
        self.records.get(name).ok_or(Refusal::NoSuchQueue)
    }

    pub(super) fn record_mut(&mut self, name: &QueueName) -> Result<&mut Record, Refusal> {
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
                    self.timeline.record(about(&queue, id), kind);
                }
                Output::Redriven { id, letter, queue } => {
                    self.timeline
                        .record(about(&queue, id).caused_by(Some(letter.work())), EventKind::Redriven);
                }
                Output::Available { queue } => {
                    let listeners = self.listeners.get(&queue).into_iter().flatten();
                    listeners.filter_map(Weak::upgrade).for_each(|listener| listener.messages_available());
                }
            }
        }
    }

    /// Forgets what belongs to a queue that was deleted.
    pub(super) fn forget(&mut self, name: &QueueName) {
        self.records.remove(name);
    }

    fn answer(&mut self, now: Moment, id: ReceiveId, answer: Answer) {
        let Some(Parked { queue, reply }) = self.parked.remove(&id) else { return };
        // Nobody hears it: the messages are for others.
        if let Err(Ok(messages)) = reply.send(answer) {
            self.queues.handle_return(now, &queue, messages.iter().map(|message| message.handle));
        }
    }
}
