//! What those need who consume a queue from within Hearth.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use hearth_model::{
    sqs::{self, Delivery, QueueAddress, ReceiptHandle, Receive},
    time::Instant,
};

use super::{Content, Queues, Refusal};

/// Hears of messages.
pub(crate) trait Listener: Send + Sync {
    /// There may be messages for which nobody waits.
    ///
    /// Called under the lock of all queues: it returns at once, asks no queue, and counts what it starts as work, so that
    /// there is no moment at which the message is on its way and nobody knows.
    fn messages_available(&self);
}

/// Messages that were taken together.
pub(crate) struct Taken {
    /// The messages, in the order in which the queue gives them out.
    pub(crate) deliveries: Vec<Delivery<Arc<Content>>>,
    /// When the queue shows them to others again.
    pub(crate) hidden_until: Instant,
}

impl Queues {
    /// Tells a listener of a queue's messages as long as it lives, whether there is such a queue now or not: one that was
    /// deleted can be created again.
    pub(crate) fn listen(&self, queue: &QueueAddress, listener: Weak<dyn Listener>) {
        self.region_or_new(&queue.partition).lock().listen(&queue.name, listener);
    }

    /// Takes messages that are there now.
    ///
    /// # Errors
    /// If there is no such queue, or too many of its messages are in flight.
    pub(crate) fn take(&self, queue: &QueueAddress, maximum: usize) -> Result<Taken, Refusal> {
        let region = self.region(&queue.partition)?;
        let (id, request) = (self.next_receive(), sqs::ReceiveRequest { maximum, ..Default::default() });
        self.with(&region, |state, now| {
            let settings = state.queues.settings(&queue.name).ok_or_else(Refusal::no_such_queue)?;
            let hidden_until = now.instant + settings.visibility_timeout;
            match state.queues.handle_receive(now, &queue.name, id, request)? {
                Receive::Answer(deliveries) => Ok(Taken { deliveries, hidden_until }),
                Receive::Waiting => unreachable!("nobody waits who does not want to"),
            }
        })
    }

    /// Deletes messages that were taken; those that others have by now, or that are gone, are none of the caller's.
    pub(crate) fn discard(&self, queue: &QueueAddress, handles: impl Iterator<Item = ReceiptHandle>) {
        let Ok(region) = self.region(&queue.partition) else { return };
        self.with(&region, |state, now| {
            for handle in handles {
                let _ = state.queues.handle_delete_message(now, &queue.name, handle);
            }
        });
    }

    /// How long a queue hides messages that were received; `None` if there is no such queue.
    pub(crate) fn visibility_timeout(&self, queue: &QueueAddress) -> Option<Duration> {
        let region = self.region(&queue.partition).ok()?;
        let state = region.lock();
        Some(state.queues.settings(&queue.name)?.visibility_timeout)
    }
}
