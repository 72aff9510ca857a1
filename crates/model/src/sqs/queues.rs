//! All queues of one account in one region.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map},
    num::NonZeroU32,
    time::Duration,
};

use super::{
    Change, Delivery, KeptMessage, KeptQueue, MessageId, NewMessage, Place, QueueName, ReceiptHandle,
    Receive, ReceiveId, ReceiveRequest, Refusal, Sent, Settings, limits,
    message::Message,
    queue::{Effects, Queue},
};
use crate::time::{Instant, Moment};

/// Queues by their names, with what goes on between them.
///
/// `now` never goes back: an input that carries an earlier time than the one before is taken to happen at the same time,
/// so that callers may read the clock before they take a lock. An input to a queue finds everything done that is due in it.
#[derive(Debug)]
pub struct Queues<C> {
    pub(super) queues: BTreeMap<QueueName, Queue<C>>,
    deadlines: BTreeSet<(Instant, QueueName)>,
    options: QueueOptions,
    /// The names that are taken for a while, and since when.
    deleted: BTreeMap<QueueName, Instant>,
    /// How many queues there have been.
    created: u32,
    pub(super) now: Moment,
    pub(super) outputs: VecDeque<Output<C>>,
    changes: VecDeque<Change>,
}

/// What holds for all queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// How long the name of a deleted queue cannot be used again. AWS demands
    /// [60 seconds](limits::DELETED_NAME_INTERVAL); by default Hearth demands nothing, because tests create, delete and create
    /// again, and nobody would wait.
    pub deleted_name_interval: Duration,
    /// How large the messages of a queue can be together, in bytes; by default [4 GiB](limits::DEFAULT_QUEUE_BYTES).
    pub queue_bytes: usize,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self { deleted_name_interval: Duration::ZERO, queue_bytes: limits::DEFAULT_QUEUE_BYTES }
    }
}

/// What the caller has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<C> {
    /// Answer a receive that has waited.
    Answer {
        /// Which.
        receive: ReceiveId,
        /// What it gets; nothing at the end of its wait.
        messages: Vec<Delivery<C>>,
    },
    /// Answer a receive that has waited: its queue was deleted.
    Deleted {
        /// Which.
        receive: ReceiveId,
    },
    /// A message was received too often; nothing is to be done but to know it.
    DeadLettered {
        /// The message.
        id: MessageId,
        /// Where it was.
        source: QueueName,
        /// Where it is now.
        queue: QueueName,
    },
    /// A move task made a new message of a dead letter; nothing is to be done but to know it.
    Redriven {
        /// The new message.
        id: MessageId,
        /// What it was made of.
        letter: MessageId,
        /// Where it is now.
        queue: QueueName,
    },
    /// Tell whoever looks after this queue that it has messages for which nobody waits.
    Available {
        /// The queue.
        queue: QueueName,
    },
}

/// How many messages a queue has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that are neither in flight nor delayed; in a FIFO queue, their group may have to wait all the same.
    pub visible: usize,
    /// Those that have been received, and whose time has not passed.
    pub in_flight: usize,
    /// Those that nobody gets yet.
    pub delayed: usize,
}

/// What is left of messages that were deleted together. To drop a million of them takes time.
#[must_use = "drop it where nobody waits"]
pub struct Remains(#[expect(dead_code, reason = "it is there to be dropped")] Box<dyn Send>);

impl<C: Clone + Send + 'static> Queues<C> {
    /// No queues.
    #[must_use]
    pub fn new(options: QueueOptions) -> Self {
        Self {
            queues: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            options,
            deleted: BTreeMap::new(),
            created: 0,
            now: Moment::default(),
            outputs: VecDeque::new(),
            changes: VecDeque::new(),
        }
    }

    /// Makes a queue.
    ///
    /// # Errors
    /// If there is one of this name, or was one a short while ago.
    pub fn handle_create(&mut self, now: Moment, name: QueueName, settings: Settings) -> Result<(), Refusal> {
        let now = self.advance(now);
        let interval = self.options.deleted_name_interval;
        self.deleted.retain(|_, at| now.instant < *at + interval);
        if self.deleted.contains_key(&name) {
            return Err(Refusal::QueueDeletedRecently);
        }
        match self.queues.entry(name) {
            btree_map::Entry::Occupied(_) => return Err(Refusal::QueueExists),
            btree_map::Entry::Vacant(entry) => {
                self.created += 1;
                entry.insert(Queue::new(self.created, self.options.queue_bytes, settings));
            }
        }
        self.refresh_redrives();
        Ok(())
    }

    /// Takes a queue that was there in an earlier process. Whoever restores several does so before anything else happens.
    ///
    /// # Errors
    /// If there is one of this name.
    pub fn handle_restore(&mut self, now: Moment, kept: KeptQueue<C>) -> Result<(), Refusal> {
        let now = self.advance(now);
        let name = kept.name.clone();
        match self.queues.entry(name.clone()) {
            btree_map::Entry::Occupied(_) => return Err(Refusal::QueueExists),
            btree_map::Entry::Vacant(entry) => {
                self.created = self.created.max(kept.id);
                entry.insert(Queue::restored(now.instant, self.options.queue_bytes, kept));
            }
        }
        self.refresh_redrives();
        self.act(now, &name, |_, _, _| ())
    }

    /// There have been so many queues in earlier processes.
    pub fn handle_created(&mut self, created: u32) {
        self.created = self.created.max(created);
    }

    /// How many queues there have been; the latest has this id.
    #[must_use]
    pub const fn created(&self) -> u32 {
        self.created
    }

    /// Deletes a queue with its messages. Dead letters that would have gone there stay where they are.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn handle_delete(&mut self, now: Moment, name: &QueueName) -> Result<Remains, Refusal> {
        let now = self.advance(now);
        let queue = self.queues.remove(name).ok_or(Refusal::NoSuchQueue)?;
        if let Some(deadline) = queue.noted_deadline {
            self.deadlines.remove(&(deadline, name.clone()));
        }
        if !self.options.deleted_name_interval.is_zero() {
            self.deleted.insert(name.clone(), now.instant);
        }
        let (waiting, remains) = queue.into_waiting();
        self.outputs.extend(waiting.map(|receive| Output::Deleted { receive }));
        self.refresh_redrives();
        Ok(Remains(Box::new(remains)))
    }

    /// Changes a queue's settings; its kind stays.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn handle_settings(
        &mut self,
        now: Moment,
        name: &QueueName,
        settings: Settings,
    ) -> Result<(), Refusal> {
        let now = self.advance(now);
        let queue = self.queues.get_mut(name).ok_or(Refusal::NoSuchQueue)?;
        let mut effects = Effects::on(queue);
        queue.set_settings(now.instant, settings, &mut effects);
        // Before anybody gets anything by the new settings.
        self.refresh_redrives();
        self.follow(name, effects);
        Ok(())
    }

    /// Takes a message.
    ///
    /// # Errors
    /// If there is no queue of this name, or it has no room.
    pub fn handle_send(
        &mut self,
        now: Moment,
        name: &QueueName,
        message: NewMessage<C>,
    ) -> Result<Sent, Refusal> {
        self.act(now, name, |queue, now, effects| queue.send(now, message, effects))?
    }

    /// Gives messages to a receiver, now or later.
    ///
    /// # Errors
    /// If there is no queue of this name, or too much of it is in flight and the receiver does not wait.
    pub fn handle_receive(
        &mut self,
        now: Moment,
        name: &QueueName,
        id: ReceiveId,
        request: ReceiveRequest,
    ) -> Result<Receive<C>, Refusal> {
        self.act(now, name, |queue, now, effects| queue.receive(now, id, request, effects))?
    }

    /// A receiver waits no longer. Nothing happens if it does not wait.
    pub fn handle_cancel(&mut self, now: Moment, name: &QueueName, id: ReceiveId) {
        // A queue that is gone has nobody waiting.
        let _ = self.act(now, name, |queue, _, _| queue.cancel(id));
    }

    /// Takes messages back that a receiver has not seen, as if they had not been received.
    pub fn handle_return(
        &mut self,
        now: Moment,
        name: &QueueName,
        handles: impl DoubleEndedIterator<Item = ReceiptHandle>,
    ) {
        // Messages of a queue that is gone are gone.
        let _ = self.act(now, name, |queue, _, effects| {
            for handle in handles.rev() {
                queue.put_back(handle, effects);
            }
        });
    }

    /// Deletes a message that was received.
    ///
    /// # Errors
    /// If there is no queue of this name, the handle is none of it, or, in a FIFO queue, its time has passed.
    pub fn handle_delete_message(
        &mut self,
        now: Moment,
        name: &QueueName,
        handle: ReceiptHandle,
    ) -> Result<(), Refusal> {
        self.act(now, name, |queue, _, _| queue.delete(handle))?
    }

    /// Changes how long a message that was received stays invisible, from now.
    ///
    /// # Errors
    /// If there is no queue of this name, the handle is none of it, the message is gone, or it would be invisible too long.
    pub fn handle_visibility(
        &mut self,
        now: Moment,
        name: &QueueName,
        handle: ReceiptHandle,
        timeout: Duration,
    ) -> Result<(), Refusal> {
        self.act(now, name, |queue, now, effects| {
            queue.change_visibility(now.instant, handle, timeout, effects)
        })?
    }

    /// Deletes all messages of a queue.
    ///
    /// # Errors
    /// If there is no queue of this name, or it was purged a short while ago.
    pub fn handle_purge(&mut self, now: Moment, name: &QueueName) -> Result<Remains, Refusal> {
        self.act(now, name, |queue, now, _| {
            queue.purge(now.instant).map(|remains| Remains(Box::new(remains)))
        })?
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        let now = self.advance(now);
        let due = self.deadlines.iter().take_while(|(deadline, _)| *deadline <= now.instant);
        for name in due.map(|(_, name)| name.clone()).collect::<Vec<_>>() {
            // A queue that has a deadline exists.
            let _ = self.act(now, &name, |_, _, _| ());
            self.move_due(&name);
        }
    }

    /// When there is something to do.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// What the caller has to do, until there is nothing more; to be asked after each input.
    pub fn poll_output(&mut self) -> Option<Output<C>> {
        self.outputs.pop_front()
    }

    /// What has changed that must survive, until there is nothing more; to be asked after each input, and before the outputs
    /// are followed: they may tell of it.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Whether something has changed that must survive.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Which of all queues that there ever were this one is.
    #[must_use]
    pub fn id(&self, name: &QueueName) -> Option<u32> {
        self.queues.get(name).map(Queue::id)
    }

    /// A message, as it is kept; `None` if it is gone.
    #[must_use]
    pub fn message(&self, name: &QueueName, place: Place) -> Option<KeptMessage<C>> {
        self.queues.get(name)?.message(place)
    }

    /// The names of all queues.
    pub fn names(&self) -> impl Iterator<Item = &QueueName> {
        self.queues.keys()
    }

    /// A queue's settings.
    #[must_use]
    pub fn settings(&self, name: &QueueName) -> Option<&Settings> {
        self.queues.get(name).map(Queue::settings)
    }

    /// How many messages a queue has at `now`.
    ///
    /// # Errors
    /// If there is no queue of this name.
    pub fn counts(&mut self, now: Moment, name: &QueueName) -> Result<Counts, Refusal> {
        self.act(now, name, |_, _, _| ())?;
        Ok(self.queues[name].counts())
    }

    /// Whether somebody who asks now gets a message, or would send one to the dead-letter queue.
    #[must_use]
    pub fn is_receivable(&self, name: &QueueName) -> bool {
        self.queues.get(name).is_some_and(Queue::is_receivable)
    }

    /// The queues that send their dead letters to this one.
    pub fn dead_letter_sources<'a>(&'a self, target: &'a QueueName) -> impl Iterator<Item = &'a QueueName> {
        let is_source = move |queue: &Queue<C>| {
            queue.settings().redrive.as_ref().is_some_and(|redrive| redrive.target == *target)
        };
        self.queues.iter().filter(move |(_, queue)| is_source(queue)).map(|(name, _)| name)
    }

    /// The way to a queue: what is due in it is done before, and what follows from the action after.
    pub(super) fn act<R>(
        &mut self,
        now: Moment,
        name: &QueueName,
        action: impl FnOnce(&mut Queue<C>, Moment, &mut Effects<C>) -> R,
    ) -> Result<R, Refusal> {
        let now = self.advance(now);
        let queue = self.queues.get_mut(name).ok_or(Refusal::NoSuchQueue)?;
        let mut effects = Effects::on(queue);
        queue.catch_up(now.instant, &mut effects);
        // Who has waited comes before who comes now.
        queue.serve(now, &mut effects);
        let result = action(queue, now, &mut effects);
        self.follow(name, effects);
        Ok(result)
    }

    /// Does what follows from a change of a queue, in it and in others.
    fn follow(&mut self, name: &QueueName, effects: Effects<C>) {
        let mut letters = self.settle(name, effects);
        while let Some((source, letter)) = letters.pop_front() {
            letters.extend(self.deliver_dead_letter(source, letter));
        }
    }

    /// Serves those who wait for a queue and takes note of what has become of it. Returns its dead letters.
    fn settle(&mut self, name: &QueueName, mut effects: Effects<C>) -> VecDeque<(QueueName, Message<C>)> {
        let queue = self.queues.get_mut(name).expect("it was there just now");
        queue.serve(self.now, &mut effects);
        let change = |subject| Change { queue: name.clone(), subject };
        self.changes.extend(queue.changes().map(change));
        let deadline = queue.poll_timeout();
        if deadline != queue.noted_deadline {
            if let Some(noted) = std::mem::replace(&mut queue.noted_deadline, deadline) {
                self.deadlines.remove(&(noted, name.clone()));
            }
            self.deadlines.extend(deadline.map(|deadline| (deadline, name.clone())));
        }
        let Effects { answers, dead_letters, appeared } = effects;
        let answer = |(receive, messages)| Output::Answer { receive, messages };
        self.outputs.extend(answers.into_iter().map(answer));
        if appeared && queue.is_receivable() {
            self.outputs.push_back(Output::Available { queue: name.clone() });
        }
        dead_letters.into_iter().map(|letter| (name.clone(), letter)).collect()
    }

    /// Gives a queue's dead letter to its dead-letter queue; returns what that one has of its own.
    fn deliver_dead_letter(
        &mut self,
        source: QueueName,
        letter: Message<C>,
    ) -> VecDeque<(QueueName, Message<C>)> {
        let redrive = self.queues[&source].settings().redrive.as_ref();
        let target = redrive.expect("only who has a dead-letter queue has dead letters").target.clone();
        let queue = self.queues.get_mut(&target).expect("a queue that is gone gets no dead letters");
        let mut effects = Effects::on(queue);
        queue.catch_up(self.now.instant, &mut effects);
        let told = Output::DeadLettered { id: letter.id, source: source.clone(), queue: target.clone() };
        self.outputs.push_back(told);
        queue.add_dead_letter(self.now.instant, source, letter, &mut effects);
        self.settle(&target, effects)
    }

    /// Takes note of which dead-letter queues there are, and which of them take whose letters.
    fn refresh_redrives(&mut self) {
        let possible = |(name, queue): (&QueueName, &Queue<C>)| {
            let redrive = queue.settings().redrive.as_ref()?;
            let target = self.queues.get(&redrive.target)?;
            let allowed = target.settings().redrive_allow.allows(name);
            NonZeroU32::new(redrive.max_receive_count).filter(|_| allowed)
        };
        let limits: Vec<_> = self.queues.iter().map(possible).collect();
        for (queue, limit) in self.queues.values_mut().zip(limits) {
            queue.set_max_receive_count(limit);
        }
    }

    fn advance(&mut self, now: Moment) -> Moment {
        if now.instant >= self.now.instant {
            self.now = now;
        }
        self.now
    }
}
