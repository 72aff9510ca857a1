//! Queues with a clock, and short words for what one does with them.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{
    sqs::{
        Counts, DeduplicationScope, Delivery, Kind, MessageId, NewMessage, Output, QueueName, QueueOptions,
        Queues, ReceiptHandle, Receive, ReceiveId, ReceiveRequest, Redrive, Refusal, Sent, Settings,
    },
    time::{Instant, Moment, Timestamp},
};

use crate::kept::Kept;

/// What an empty queue says.
pub(crate) const NOTHING: [u32; 0] = [];

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct World {
    pub(crate) queues: Queues<u32>,
    pub(crate) now: Moment,
    sent: u32,
    receives: u64,
    /// What receives got that had to wait.
    pub(crate) answers: BTreeMap<ReceiveId, Vec<Delivery<u32>>>,
    pub(crate) deleted: Vec<ReceiveId>,
    /// What a later process would know.
    pub(crate) kept: Kept,
    /// The queues that had messages for which nobody waited, since somebody looked.
    pub(crate) available: Vec<QueueName>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            queues: Queues::new(QueueOptions::default()),
            now: Moment { instant: Instant::ORIGIN, wall: Timestamp::from_unix_millis(1_000_000) },
            sent: 0,
            receives: 0,
            answers: BTreeMap::new(),
            deleted: Vec::new(),
            available: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// A world with one queue.
    pub(crate) fn with(queue: &str, settings: Settings) -> Self {
        let mut world = Self::new();
        world.create(queue, settings);
        world
    }

    pub(crate) fn create(&mut self, queue: &str, settings: Settings) {
        self.queues.handle_create(self.now, name(queue), settings).expect("it is created");
    }

    pub(crate) fn configure(&mut self, queue: &str, settings: Settings) {
        self.queues.handle_settings(self.now, &name(queue), settings).expect("it exists");
        self.drain();
    }

    pub(crate) fn delete_queue(&mut self, queue: &str) -> Result<(), Refusal> {
        self.queues.handle_delete(self.now, &name(queue)).map(drop)?;
        self.kept.forget(&name(queue));
        self.drain();
        Ok(())
    }

    /// Sends a message that says which one it is, from 1.
    pub(crate) fn send(&mut self, queue: &str) -> u32 {
        self.send_with(queue, None, None, None);
        self.sent
    }

    /// Sends a message to a group; nothing is a duplicate of it.
    pub(crate) fn send_to(&mut self, queue: &str, group: &str) -> u32 {
        self.try_send_to(queue, group).expect("it is sent");
        self.sent
    }

    pub(crate) fn send_delayed(&mut self, queue: &str, delay: Duration) -> u32 {
        self.send_with(queue, None, None, Some(delay));
        self.sent
    }

    pub(crate) fn send_with(
        &mut self,
        queue: &str,
        group: Option<&str>,
        deduplication: Option<&str>,
        delay: Option<Duration>,
    ) -> Sent {
        self.try_send_with(queue, group, deduplication, delay).expect("it is sent")
    }

    pub(crate) fn try_send_to(&mut self, queue: &str, group: &str) -> Result<Sent, Refusal> {
        let deduplication = format!("{}", self.sent + 1);
        self.try_send_with(queue, Some(group), Some(&deduplication), None)
    }

    pub(crate) fn try_send_with(
        &mut self,
        queue: &str,
        group: Option<&str>,
        deduplication: Option<&str>,
        delay: Option<Duration>,
    ) -> Result<Sent, Refusal> {
        self.sent += 1;
        let message = NewMessage {
            id: id(self.sent),
            content: self.sent,
            bytes: 100,
            delay,
            group: group.map(Into::into),
            deduplication: deduplication.map(Into::into),
            overtakes: false,
        };
        let sent = self.queues.handle_send(self.now, &name(queue), message);
        self.drain();
        sent
    }

    /// What the message says that is sent next.
    pub(crate) fn next_content(&self) -> u32 {
        self.sent + 1
    }

    /// Receives up to so many messages without waiting.
    pub(crate) fn receive(&mut self, queue: &str, maximum: usize) -> Vec<Delivery<u32>> {
        match self.receive_with(queue, ReceiveRequest { maximum, ..ReceiveRequest::default() }) {
            Ok((_, Receive::Answer(messages))) => messages,
            other => panic!("an answer, not {other:?}"),
        }
    }

    /// Receives a message that must be there.
    pub(crate) fn receive_one(&mut self, queue: &str) -> Delivery<u32> {
        let mut messages = self.receive(queue, 1);
        messages.pop().expect("a message")
    }

    /// What up to ten messages say that are there now.
    pub(crate) fn contents(&mut self, queue: &str) -> Vec<u32> {
        contents(&self.receive(queue, 10))
    }

    /// Waits for up to so many messages.
    pub(crate) fn wait(&mut self, queue: &str, maximum: usize, wait: Duration) -> ReceiveId {
        let request = ReceiveRequest { maximum, wait, ..ReceiveRequest::default() };
        match self.receive_with(queue, request) {
            Ok((id, Receive::Waiting)) => id,
            other => panic!("a wait, not {other:?}"),
        }
    }

    pub(crate) fn receive_with(
        &mut self,
        queue: &str,
        request: ReceiveRequest,
    ) -> Result<(ReceiveId, Receive<u32>), Refusal> {
        self.receives += 1;
        let id = ReceiveId(self.receives);
        let received = self.queues.handle_receive(self.now, &name(queue), id, request);
        self.drain();
        Ok((id, received?))
    }

    /// What a receive got that had to wait, if it has been answered.
    pub(crate) fn answer(&mut self, id: ReceiveId) -> Option<Vec<u32>> {
        self.answers.remove(&id).map(|messages| contents(&messages))
    }

    pub(crate) fn delete(&mut self, queue: &str, handle: ReceiptHandle) -> Result<(), Refusal> {
        let deleted = self.queues.handle_delete_message(self.now, &name(queue), handle);
        self.drain();
        deleted
    }

    pub(crate) fn change_visibility(
        &mut self,
        queue: &str,
        handle: ReceiptHandle,
        timeout: Duration,
    ) -> Result<(), Refusal> {
        let changed = self.queues.handle_visibility(self.now, &name(queue), handle, timeout);
        self.drain();
        changed
    }

    pub(crate) fn give_back(&mut self, queue: &str, handle: ReceiptHandle) {
        self.queues.handle_return(self.now, &name(queue), [handle].into_iter());
        self.drain();
    }

    pub(crate) fn purge(&mut self, queue: &str) -> Result<(), Refusal> {
        let purged = self.queues.handle_purge(self.now, &name(queue)).map(drop);
        self.drain();
        purged
    }

    pub(crate) fn counts(&mut self, queue: &str) -> Counts {
        let counts = self.queues.counts(self.now, &name(queue)).expect("it exists");
        self.drain();
        counts
    }

    /// Lets time pass, and does what becomes due at its own moment.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.instant + time;
        while let Some(due) = self.queues.poll_timeout().filter(|due| *due <= end) {
            self.pass_without_looking(due - self.now.instant);
            self.timeout();
        }
        self.pass_without_looking(end - self.now.instant);
    }

    /// Lets time pass, and nobody look at what becomes due.
    pub(crate) fn pass_without_looking(&mut self, time: Duration) {
        self.now = Moment { instant: self.now.instant + time, wall: self.now.wall + time };
    }

    pub(crate) fn timeout(&mut self) {
        self.queues.handle_timeout(self.now);
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        self.kept.note(&mut self.queues);
        while let Some(output) = self.queues.poll_output() {
            match output {
                Output::Answer { receive, messages } => {
                    assert!(self.answers.insert(receive, messages).is_none(), "{receive:?} is answered once");
                }
                Output::Deleted { receive } => self.deleted.push(receive),
                Output::DeadLettered { .. } | Output::Redriven { .. } => {}
                Output::Available { queue } => self.available.push(queue),
            }
        }
    }
}

pub(crate) fn name(text: &str) -> QueueName {
    QueueName::parse(text).expect("a name")
}

pub(crate) fn id(content: u32) -> MessageId {
    MessageId::from_random(content.into())
}

pub(crate) fn contents(messages: &[Delivery<u32>]) -> Vec<u32> {
    messages.iter().map(|message| message.content).collect()
}

pub(crate) fn fifo() -> Settings {
    Settings::new(Kind::Fifo(DeduplicationScope::Queue))
}

/// Settings by which messages go to another queue when they are received once more than so often.
pub(crate) fn redrive(settings: Settings, target: &str, max_receive_count: u32) -> Settings {
    Settings { redrive: Some(Redrive { target: name(target), max_receive_count }), ..settings }
}
