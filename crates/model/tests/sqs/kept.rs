//! What of queues is kept, beside them, and queues that begin with it.

use std::collections::BTreeMap;

use hearth_model::sqs::{
    Change, KeptMessage, KeptQueue, QueueName, QueueOptions, Queues, Remembered, SequenceNumber, Subject,
};

use crate::world::World;

/// What a journal has.
#[derive(Default)]
pub(crate) struct Kept {
    messages: BTreeMap<(QueueName, u64), KeptMessage<u32>>,
    remembered: BTreeMap<(QueueName, u64), Remembered>,
    /// The latest number of a message.
    numbered: BTreeMap<QueueName, u64>,
}

impl Kept {
    /// Takes note of what has changed.
    pub(crate) fn note(&mut self, queues: &mut Queues<u32>) {
        while let Some(Change { queue, subject }) = queues.poll_change() {
            match subject {
                Subject::Added(place) | Subject::Standing(place) => {
                    let latest = self.numbered.entry(queue.clone()).or_default();
                    *latest = place.number.max(*latest);
                    if let Some(message) = queues.message(&queue, place) {
                        self.messages.insert((queue, place.number), message);
                    }
                }
                Subject::Removed(place) => drop(self.messages.remove(&(queue, place.number))),
                Subject::Purged => self.forget(&queue),
                Subject::Remembered(remembered) => {
                    let SequenceNumber(number) = remembered.sent.sequence.expect("a FIFO queue's");
                    self.remembered.insert((queue, number), remembered);
                }
                Subject::Forgotten(number) => drop(self.remembered.remove(&(queue, number))),
                Subject::Moves => {}
            }
        }
    }

    /// A queue has no messages any more.
    pub(crate) fn forget(&mut self, queue: &QueueName) {
        self.messages.retain(|(of, _), _| of != queue);
        self.remembered.retain(|(of, _), _| of != queue);
    }

    fn queue(&self, queues: &Queues<u32>, name: &QueueName) -> KeptQueue<u32> {
        let of = |(of, _): &(QueueName, u64)| of == name;
        KeptQueue {
            name: name.clone(),
            id: queues.id(name).expect("it exists"),
            settings: queues.settings(name).expect("it exists").clone(),
            numbered: self.numbered.get(name).copied().unwrap_or_default(),
            messages: self.messages.iter().filter(|(key, _)| of(key)).map(|(_, kept)| kept.clone()).collect(),
            remembered: self
                .remembered
                .iter()
                .filter(|(key, _)| of(key))
                .map(|(_, kept)| kept.clone())
                .collect(),
            moves: queues.move_tasks(name).expect("it exists").cloned().collect(),
        }
    }
}

impl World {
    /// The process dies, and another one goes on with what is kept. Nobody waits any more.
    pub(crate) fn restart(&mut self) {
        let mut queues = Queues::new(QueueOptions::default());
        queues.handle_created(self.queues.created());
        for name in self.queues.names() {
            let kept = self.kept.queue(&self.queues, name);
            queues.handle_restore(self.now, kept).expect("there is one of each name");
        }
        self.queues = queues;
        self.drain();
    }
}
