//! The messages of one queue, and who can get which of them.

use std::collections::BTreeSet;

use super::{
    Counts, Kind,
    arena::{Arena, Key, List},
    groups::Groups,
    kept::{Changes, Place, Subject},
    message::{Message, State},
};
use crate::time::Instant;

/// The messages of one queue.
#[derive(Debug)]
pub(super) struct Store<C> {
    messages: Arena<Message<C>>,
    order: Order<C>,
    /// Messages that are not visible, by when they become so.
    hidden: BTreeSet<(Instant, Key)>,
    /// All messages, oldest first.
    ages: BTreeSet<(Instant, Key)>,
    in_flight: usize,
    /// How much room the messages take.
    bytes: usize,
    /// How many messages there have been.
    numbered: u64,
    changes: Changes,
}

/// Who gets the next message.
#[derive(Debug)]
enum Order<C> {
    /// The visible messages, by when they became visible.
    Standard(List<Message<C>>),
    /// All messages by their groups.
    Fifo(Groups<C>),
}

impl<C> Store<C> {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            messages: Arena::default(),
            order: match kind {
                Kind::Standard => Order::Standard(List::default()),
                Kind::Fifo(_) => Order::Fifo(Groups::default()),
            },
            hidden: BTreeSet::new(),
            ages: BTreeSet::new(),
            in_flight: 0,
            bytes: 0,
            numbered: 0,
            changes: Changes::default(),
        }
    }

    /// One that has had `numbered` messages and has these now, in the order of their numbers.
    pub(super) fn restored(kind: Kind, numbered: u64, messages: Vec<(Key, Message<C>)>) -> Self {
        let keys: Vec<Key> = messages.iter().map(|(key, _)| *key).collect();
        let mut store = Self { numbered, messages: Arena::restored(messages), ..Self::new(kind) };
        for key in keys {
            let message = store.messages.get(key);
            let (state, enqueued_at) = (message.state, message.enqueued_at);
            store.numbered = store.numbered.max(message.number);
            store.bytes += message.bytes;
            store.settle_in(key, state, enqueued_at);
        }
        store
    }

    /// An empty one that goes on with the numbers of this one.
    pub(super) fn successor(&self, kind: Kind) -> Self {
        let mut successor = Self { numbered: self.numbered, ..Self::new(kind) };
        successor.changes.note(Subject::Purged);
        successor
    }

    /// What has changed that must survive.
    pub(super) const fn changes(&mut self) -> &mut Changes {
        &mut self.changes
    }

    /// What names a message.
    pub(super) fn place(&self, key: Key) -> Place {
        Place { key: key.number(), number: self.messages.get(key).number }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            visible: self.messages.len() - self.hidden.len(),
            in_flight: self.in_flight,
            delayed: self.hidden.len() - self.in_flight,
        }
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many messages there have been; the latest has this number.
    pub(super) const fn numbered(&self) -> u64 {
        self.numbered
    }

    /// The visible message whose turn it is.
    pub(super) fn front(&self) -> Option<Key> {
        match &self.order {
            Order::Standard(visible) => visible.front(),
            Order::Fifo(groups) => groups.front(),
        }
    }

    /// The message that goes with one that is taken: the next one of its group, if it is visible.
    pub(super) fn follower(&self, key: Key) -> Option<Key> {
        match &self.order {
            Order::Standard(_) => None,
            Order::Fifo(_) => Groups::visible_after(&self.messages, key),
        }
    }

    pub(super) fn find(&self, key: Key) -> Option<&Message<C>> {
        self.messages.find(key)
    }

    pub(super) fn get(&self, key: Key) -> &Message<C> {
        self.messages.get(key)
    }

    /// Everything about a message can be changed here but its state.
    pub(super) fn get_mut(&mut self, key: Key) -> &mut Message<C> {
        self.messages.get_mut(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.messages.keys()
    }

    /// The first message whose time to become visible comes, and that time.
    pub(super) fn first_hidden(&self) -> Option<(Instant, Key)> {
        self.hidden.first().copied()
    }

    /// The oldest message, and from when its retention counts.
    pub(super) fn oldest(&self) -> Option<(Instant, Key)> {
        self.ages.first().copied()
    }

    /// Puts a message at the end of the queue, and numbers it. Returns where it is kept.
    pub(super) fn add(&mut self, mut message: Message<C>) -> Key {
        self.numbered += 1;
        message.number = self.numbered;
        self.bytes += message.bytes;
        let (state, enqueued_at) = (message.state, message.enqueued_at);
        let key = self.messages.insert(message);
        self.settle_in(key, state, enqueued_at);
        self.changes.note(Subject::Added(self.place(key)));
        key
    }

    /// Takes a message out of the queue.
    pub(super) fn remove(&mut self, key: Key) -> Message<C> {
        self.changes.note(Subject::Removed(self.place(key)));
        self.leave(key);
        if let Order::Fifo(groups) = &mut self.order {
            groups.remove(&mut self.messages, key);
        }
        let message = self.messages.remove(key);
        self.ages.remove(&(message.enqueued_at, key));
        self.bytes -= message.bytes;
        message
    }

    pub(super) fn set_state(&mut self, key: Key, state: State) {
        self.move_to(key, state);
        self.changes.note(Subject::Standing(self.place(key)));
    }

    /// Lets a message become visible whose time has come: everybody who knows that time knows it.
    pub(super) fn show_due(&mut self, key: Key) {
        self.move_to(key, State::Visible);
    }

    /// Lets a message become visible as the next one. A FIFO queue has its own mind about that.
    pub(super) fn show_first(&mut self, key: Key) {
        self.set_state(key, State::Visible);
        if let Order::Standard(visible) = &mut self.order {
            visible.remove(&mut self.messages, key);
            visible.push_front(&mut self.messages, key);
        }
    }

    fn move_to(&mut self, key: Key, state: State) {
        self.leave(key);
        self.enter(key, state);
        if let Order::Fifo(groups) = &mut self.order {
            groups.refresh(&self.messages, key);
        }
    }

    /// Puts a message that has its address where it belongs.
    fn settle_in(&mut self, key: Key, state: State, enqueued_at: Instant) {
        self.ages.insert((enqueued_at, key));
        if let Order::Fifo(groups) = &mut self.order {
            groups.push(&mut self.messages, key);
        }
        self.enter(key, state);
    }

    fn leave(&mut self, key: Key) {
        let state = self.messages.get(key).state;
        match (state.hidden_until(), &mut self.order) {
            (Some(until), _) => {
                self.hidden.remove(&(until, key));
            }
            (None, Order::Standard(visible)) => visible.remove(&mut self.messages, key),
            (None, Order::Fifo(_)) => {}
        }
        self.in_flight -= usize::from(state.is_in_flight());
    }

    fn enter(&mut self, key: Key, state: State) {
        self.messages.get_mut(key).state = state;
        match (state.hidden_until(), &mut self.order) {
            (Some(until), _) => {
                self.hidden.insert((until, key));
            }
            (None, Order::Standard(visible)) => visible.push_back(&mut self.messages, key),
            (None, Order::Fifo(_)) => {}
        }
        self.in_flight += usize::from(state.is_in_flight());
    }
}
