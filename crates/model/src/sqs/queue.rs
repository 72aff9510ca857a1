//! One queue.

use std::{collections::HashSet, mem, num::NonZeroU32, sync::Arc, time::Duration};

use super::{
    Counts, Delivery, KeptMessage, KeptQueue, Kind, NewMessage, Place, QueueName, ReceiptHandle, Receive,
    ReceiveId, ReceiveRequest, Refusal, Sent, SequenceNumber, Settings, Subject,
    arena::{Key, Links},
    deduplication::{Attempts, Deduplication},
    limits,
    message::{Message, State},
    move_task::MoveTasks,
    receive::Waiting,
    store::Store,
};
use crate::time::{Instant, Moment};

/// What a queue needs to keep a message, beside what it says, and to remember one; about.
const MESSAGE_BYTES: usize = 384;
const REMEMBERED_BYTES: usize = 256;

/// The messages of one queue and those who wait for them.
#[derive(Debug)]
pub(super) struct Queue<C> {
    /// Which of all queues that there ever were.
    id: u32,
    /// How many bytes of messages it has room for.
    capacity_bytes: usize,
    settings: Settings,
    /// How often a message can be received, if there is somewhere for it to go then.
    max_receive_count: Option<NonZeroU32>,
    store: Store<C>,
    deduplication: Deduplication,
    attempts: Attempts,
    waiting: Waiting,
    purged_at: Option<Instant>,
    pub(super) moves: MoveTasks,
    /// The deadline by which the queue is known to those who wait for all queues.
    pub(super) noted_deadline: Option<Instant>,
}

/// What an input to one queue does beyond it.
#[derive(Debug)]
pub(super) struct Effects<C> {
    /// Receives that have waited, and what they get.
    pub(super) answers: Vec<(ReceiveId, Vec<Delivery<C>>)>,
    /// Messages that have left the queue because they were received too often.
    pub(super) dead_letters: Vec<Message<C>>,
    /// Whether messages may have become visible that nobody could have received before.
    pub(super) appeared: bool,
}

impl<C: Clone> Effects<C> {
    /// Those of an input that is about to come.
    pub(super) fn on(queue: &Queue<C>) -> Self {
        Self { answers: Vec::new(), dead_letters: Vec::new(), appeared: !queue.is_receivable() }
    }
}

impl<C: Clone> Queue<C> {
    pub(super) fn new(id: u32, capacity_bytes: usize, settings: Settings) -> Self {
        Self {
            id,
            capacity_bytes,
            max_receive_count: None,
            store: Store::new(settings.kind),
            settings,
            deduplication: Deduplication::default(),
            attempts: Attempts::default(),
            waiting: Waiting::default(),
            purged_at: None,
            moves: MoveTasks::default(),
            noted_deadline: None,
        }
    }

    /// A queue that was there before. Of messages with the same place, none, or one far out, the place is another one
    /// now, which costs no more than their receipt handles.
    pub(super) fn restored(now: Instant, capacity_bytes: usize, kept: KeptQueue<C>) -> Self {
        let KeptQueue { id, settings, numbered, messages, remembered, moves, .. } = kept;
        let mut queue = Self::new(id, capacity_bytes, settings);
        let messages = places(&messages).into_iter().zip(messages.into_iter().map(Message::restored));
        queue.store = Store::restored(queue.settings.kind, numbered, messages.collect());
        for remembered in remembered {
            queue.deduplication.restore(remembered);
        }
        queue.moves = MoveTasks::restored(now, moves);
        queue
    }

    /// Which of all queues that there ever were.
    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// A message, as it is kept; `None` if it is gone.
    pub(super) fn message(&self, place: Place) -> Option<KeptMessage<C>> {
        let message = Key::from_number(place.key).and_then(|key| self.store.find(key))?;
        Some(message).filter(|message| message.number == place.number).map(|message| message.kept(place))
    }

    /// What has changed that must survive.
    pub(super) fn changes(&mut self) -> impl Iterator<Item = Subject> + '_ {
        let moves = self.moves.take_changed().then_some(Subject::Moves);
        self.store.changes().drain().chain(self.deduplication.changes().drain()).chain(moves)
    }

    pub(super) const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn counts(&self) -> Counts {
        self.store.counts()
    }

    /// Whether somebody who asks now gets a message.
    pub(super) fn is_receivable(&self) -> bool {
        self.store.front().is_some() && self.store.in_flight() < self.settings.in_flight_limit()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let visible = self.store.first_hidden().map(|(until, _)| until);
        let expired = self.store.oldest().map(|(since, _)| since + self.settings.retention);
        [visible, expired, self.waiting.next_deadline(), self.moves.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Sets how often a message can be received; none means as often as anybody likes.
    pub(super) const fn set_max_receive_count(&mut self, most: Option<NonZeroU32>) {
        self.max_receive_count = most;
    }

    /// Changes everything but the kind of the queue. A FIFO queue's delay also holds for what was sent before.
    pub(super) fn set_settings(&mut self, now: Instant, settings: Settings, effects: &mut Effects<C>) {
        self.catch_up(now, effects);
        let delay_changes = settings.delay != self.settings.delay;
        self.settings = settings;
        if delay_changes && self.settings.kind.is_fifo() {
            for key in self.store.keys().collect::<Vec<_>>() {
                let message = self.store.get(key);
                if message.receipts > 0 {
                    continue;
                }
                let until = message.enqueued_at + self.settings.delay;
                let state = if until <= now { State::Visible } else { State::Delayed { until } };
                effects.appeared |= state == State::Visible;
                self.store.set_state(key, state);
            }
        }
        self.catch_up(now, effects);
    }

    /// Does what is due, but for the ends of waits: those who wait may get what has become visible.
    pub(super) fn catch_up(&mut self, now: Instant, effects: &mut Effects<C>) {
        while let Some((_, key)) = self.store.first_hidden().filter(|(until, _)| *until <= now) {
            self.store.show_due(key);
            effects.appeared = true;
        }
        let retention = self.settings.retention;
        while let Some((_, key)) = self.store.oldest().filter(|(since, _)| *since + retention <= now) {
            self.store.remove(key);
        }
    }

    /// Gives what there is to those who have waited longest, and nothing to those who have waited long enough.
    pub(super) fn serve(&mut self, now: Moment, effects: &mut Effects<C>) {
        while self.is_receivable()
            && let Some((first, request)) = self.waiting.first()
        {
            let deliveries = self.take(now, &request, effects);
            // Otherwise everything went to the dead-letter queue.
            if !deliveries.is_empty() {
                self.waiting.remove(first);
                effects.answers.push((first, deliveries));
            }
        }
        while let Some(id) = self.waiting.pop_due(now.instant) {
            effects.answers.push((id, Vec::new()));
        }
    }

    pub(super) fn send(
        &mut self,
        now: Moment,
        message: NewMessage<C>,
        effects: &mut Effects<C>,
    ) -> Result<Sent, Refusal> {
        let NewMessage { id, content, bytes, delay, group, deduplication, overtakes } = message;
        let identity = match (self.settings.kind, &deduplication, &group) {
            (Kind::Fifo(scope), Some(deduplication), Some(group)) => Some((scope, deduplication, group)),
            (Kind::Fifo(_) | Kind::Standard, ..) => None,
        };
        if let Some((scope, deduplication, group)) = identity
            && let Some(sent) = self.deduplication.find(now.instant, scope, deduplication, group)
        {
            return Ok(sent);
        }
        let bytes = bytes + MESSAGE_BYTES;
        if self.store.bytes() + self.deduplication.len() * REMEMBERED_BYTES + bytes > self.capacity_bytes {
            return Err(Refusal::QueueFull);
        }
        let sent = Sent { id, sequence: self.sequence(self.store.numbered() + 1) };
        if let Some((scope, deduplication, group)) = identity {
            self.deduplication.remember(now.instant, scope, Arc::clone(deduplication), group, sent);
        }
        let delay = match self.settings.kind {
            Kind::Standard => delay.unwrap_or(self.settings.delay),
            Kind::Fifo(_) => self.settings.delay,
        };
        let until = now.instant + delay;
        let state = if delay.is_zero() { State::Visible } else { State::Delayed { until } };
        let key = self.store.add(Message {
            id,
            content,
            bytes,
            number: 0,
            sent_at: now.wall,
            enqueued_at: now.instant,
            state,
            first_received_at: None,
            receive_count: 0,
            receipts: 0,
            group,
            group_key: None,
            deduplication,
            dead_letter_source: None,
            links: Links::default(),
        });
        if overtakes && state == State::Visible {
            self.store.show_first(key);
        }
        effects.appeared |= state == State::Visible;
        Ok(sent)
    }

    /// Takes a dead letter of another queue. In a FIFO queue, its retention counts from now.
    pub(super) fn add_dead_letter(
        &mut self,
        now: Instant,
        source: QueueName,
        mut message: Message<C>,
        effects: &mut Effects<C>,
    ) {
        if self.settings.kind.is_fifo() {
            message.enqueued_at = now;
        }
        message.dead_letter_source = Some(source);
        self.add_moved(message, effects);
    }

    /// Takes a message of a dead-letter queue as a new one.
    pub(super) fn add_redriven(&mut self, now: Moment, mut message: Message<C>, effects: &mut Effects<C>) {
        message.id = message.id.redriven();
        (message.sent_at, message.enqueued_at) = (now.wall, now.instant);
        (message.receive_count, message.first_received_at) = (0, None);
        message.dead_letter_source = None;
        self.add_moved(message, effects);
    }

    /// The message that a move task would move next, and where it came from.
    pub(super) fn next_to_move(&self) -> Option<(Key, Option<&QueueName>)> {
        let key = self.store.front()?;
        Some((key, self.store.get(key).dead_letter_source.as_ref()))
    }

    pub(super) fn receive(
        &mut self,
        now: Moment,
        id: ReceiveId,
        request: ReceiveRequest,
        effects: &mut Effects<C>,
    ) -> Result<Receive<C>, Refusal> {
        if let Some(repeated) =
            request.attempt.as_ref().and_then(|attempt| self.repeat(now, attempt, &request))
        {
            return Ok(Receive::Answer(repeated));
        }
        let deliveries = self.take(now, &request, effects);
        if !deliveries.is_empty() {
            return Ok(Receive::Answer(deliveries));
        }
        if request.wait.is_zero() || self.waiting.len() >= limits::WAITING_RECEIVES {
            let full = self.store.in_flight() >= self.settings.in_flight_limit();
            if full && !self.settings.kind.is_fifo() && request.wait.is_zero() {
                return Err(Refusal::OverLimit);
            }
            return Ok(Receive::Answer(Vec::new()));
        }
        self.waiting.add(id, now.instant + request.wait, request);
        Ok(Receive::Waiting)
    }

    pub(super) fn cancel(&mut self, id: ReceiveId) -> bool {
        self.waiting.remove(id)
    }

    /// Ends a receipt as if it had not been: the message is the next one again, and has not been received.
    pub(super) fn put_back(&mut self, handle: ReceiptHandle, effects: &mut Effects<C>) {
        let Ok(key) = self.current(handle) else { return };
        let message = self.store.get_mut(key);
        message.receive_count -= 1;
        message.receipts -= 1;
        if message.receive_count == 0 {
            message.first_received_at = None;
        }
        self.store.show_first(key);
        effects.appeared = true;
    }

    /// Deletes the message of a receipt. One that is gone is deleted.
    pub(super) fn delete(&mut self, handle: ReceiptHandle) -> Result<(), Refusal> {
        self.check_own(handle)?;
        let Some(key) = self.find(handle) else { return Ok(()) };
        if self.settings.kind.is_fifo() {
            self.current(handle)?;
        }
        self.store.remove(key);
        Ok(())
    }

    pub(super) fn change_visibility(
        &mut self,
        now: Instant,
        handle: ReceiptHandle,
        timeout: Duration,
        effects: &mut Effects<C>,
    ) -> Result<(), Refusal> {
        self.check_own(handle)?;
        let key = self.find(handle).ok_or(Refusal::MessageGone)?;
        if self.settings.kind.is_fifo() {
            self.current(handle).map_err(|_| Refusal::MessageGone)?;
        }
        let since = match self.store.get(key).state {
            State::InFlight { since, .. } => since,
            State::Visible | State::Delayed { .. } => now,
        };
        let until = now + timeout;
        if until - since > limits::VISIBILITY_TIMEOUT {
            return Err(Refusal::BeyondVisibilityLimit);
        }
        if timeout.is_zero() {
            if self.store.get(key).state != State::Visible {
                self.store.set_state(key, State::Visible);
                effects.appeared = true;
            }
        } else {
            self.store.set_state(key, State::InFlight { until, since });
        }
        Ok(())
    }

    /// Deletes all messages, and with them what is known of duplicates. Returns what is left of them: to drop a million
    /// messages takes time.
    pub(super) fn purge(&mut self, now: Instant) -> Result<impl Sized + use<C>, Refusal> {
        if self.purged_at.is_some_and(|at| now < at + limits::PURGE_INTERVAL) {
            return Err(Refusal::PurgeInProgress);
        }
        self.purged_at = Some(now);
        let successor = self.store.successor(self.settings.kind);
        Ok((mem::replace(&mut self.store, successor), mem::take(&mut self.deduplication)))
    }

    /// Takes a message out of the queue.
    pub(super) fn remove(&mut self, key: Key) -> Message<C> {
        self.store.remove(key)
    }

    /// Those who still wait when the queue goes.
    pub(super) fn into_waiting(self) -> (impl Iterator<Item = ReceiveId> + use<C>, impl Sized + use<C>) {
        (self.waiting.into_ids(), (self.store, self.deduplication, self.attempts))
    }

    /// Takes messages for a receive, and what has been received too often out of the queue.
    fn take(&mut self, now: Moment, request: &ReceiveRequest, effects: &mut Effects<C>) -> Vec<Delivery<C>> {
        let room = self.settings.in_flight_limit().saturating_sub(self.store.in_flight());
        let maximum = request.maximum.min(room);
        let timeout = request.visibility_timeout.unwrap_or(self.settings.visibility_timeout);
        let mut taken = Vec::new();
        let mut next = None;
        while taken.len() < maximum
            && let Some(key) = next.take().or_else(|| self.store.front())
        {
            // The rest of a group goes with its oldest message.
            next = self.store.follower(key);
            if self.max_receive_count.is_some_and(|most| self.store.get(key).receipts >= most.get()) {
                effects.dead_letters.push(self.store.remove(key));
            } else {
                self.store
                    .set_state(key, State::InFlight { until: now.instant + timeout, since: now.instant });
                taken.push((key, self.delivery(now, key)));
            }
        }
        if timeout.is_zero() {
            for (key, _) in &taken {
                self.store.set_state(*key, State::Visible);
            }
            effects.appeared |= !taken.is_empty();
        }
        let deliveries: Vec<_> = taken.into_iter().map(|(_, delivery)| delivery).collect();
        if let Some(attempt) = request.attempt.as_ref().filter(|_| !deliveries.is_empty()) {
            let handles = deliveries.iter().map(|delivery| delivery.handle).collect();
            self.attempts.remember(now.instant, attempt, handles);
        }
        deliveries
    }

    /// What an attempt got before, if none of it has been changed since; the visibility timeouts begin anew.
    fn repeat(
        &mut self,
        now: Moment,
        attempt: &Arc<str>,
        request: &ReceiveRequest,
    ) -> Option<Vec<Delivery<C>>> {
        let handles = self.attempts.find(now.instant, attempt)?.to_vec();
        let keys = handles.iter().map(|handle| self.current(*handle)).collect::<Result<Vec<_>, _>>().ok()?;
        let timeout = request.visibility_timeout.unwrap_or(self.settings.visibility_timeout);
        for key in &keys {
            self.store.set_state(*key, State::InFlight { until: now.instant + timeout, since: now.instant });
        }
        Some(keys.into_iter().map(|key| self.describe(key)).collect())
    }

    /// Counts a receipt.
    fn delivery(&mut self, now: Moment, key: Key) -> Delivery<C> {
        let message = self.store.get_mut(key);
        message.receive_count += 1;
        message.receipts += 1;
        message.first_received_at.get_or_insert(now.wall);
        self.describe(key)
    }

    /// The latest receipt of a message.
    fn describe(&self, key: Key) -> Delivery<C> {
        let message = self.store.get(key);
        Delivery {
            id: message.id,
            handle: ReceiptHandle {
                queue: self.id,
                key: key.number(),
                number: message.number,
                receipt: message.receipts,
            },
            content: message.content.clone(),
            sent_at: message.sent_at,
            receive_count: message.receive_count,
            first_received_at: message.first_received_at.expect("it has been received"),
            group: message.group.clone(),
            deduplication: message.deduplication.clone(),
            sequence: self.sequence(message.number),
            dead_letter_source: message.dead_letter_source.clone(),
        }
    }

    fn sequence(&self, number: u64) -> Option<SequenceNumber> {
        self.settings.kind.is_fifo().then_some(SequenceNumber(number))
    }

    fn add_moved(&mut self, mut message: Message<C>, effects: &mut Effects<C>) {
        message.state = State::Visible;
        message.receipts = 0;
        message.group_key = None;
        message.links = Links::default();
        self.store.add(message);
        effects.appeared = true;
    }

    fn check_own(&self, handle: ReceiptHandle) -> Result<(), Refusal> {
        let own = handle.queue == self.id && handle.number <= self.store.numbered() && handle.receipt > 0;
        own.then_some(()).ok_or(Refusal::InvalidHandle)
    }

    /// The message of a receipt, if there is still one.
    fn find(&self, handle: ReceiptHandle) -> Option<Key> {
        let key = Key::from_number(handle.key)?;
        let own = handle.queue == self.id;
        self.store.find(key).filter(|message| own && message.number == handle.number).map(|_| key)
    }

    /// The message of a receipt that nobody else has received since, and whose time has not passed.
    fn current(&self, handle: ReceiptHandle) -> Result<Key, Refusal> {
        let key = self.find(handle).ok_or(Refusal::ExpiredHandle)?;
        let message = self.store.get(key);
        let current = message.receipts == handle.receipt && message.state.is_in_flight();
        current.then_some(key).ok_or(Refusal::ExpiredHandle)
    }
}

/// Where restored messages are kept: where they were, if that can be.
fn places<C>(messages: &[KeptMessage<C>]) -> Vec<Key> {
    /// Further out than any message that there ever was room for.
    const FAR: u32 = 1 << 25;
    let mut taken = HashSet::with_capacity(messages.len());
    let mut next = 0;
    let mut place = |message: &KeptMessage<C>| {
        let own = Key::from_number(message.place.key).filter(|key| key.number() <= FAR);
        own.filter(|key| taken.insert(*key))
    };
    let places: Vec<Option<Key>> = messages.iter().map(&mut place).collect();
    let mut free = || loop {
        next += 1;
        if let Some(key) = Key::from_number(next).filter(|key| taken.insert(*key)) {
            return key;
        }
    };
    places.into_iter().map(|place| place.unwrap_or_else(&mut free)).collect()
}
