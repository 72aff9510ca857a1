//! The message groups of a FIFO queue.

use std::{collections::HashMap, sync::Arc};

use super::{
    arena::{Arena, Key, Linked, Links, List},
    message::{Message, State},
};

/// Groups that have messages, and the order in which they take turns.
///
/// A group is *ready* if its oldest message is visible. It waits for its turn from when it became ready; whoever
/// gets a message of it gets the oldest one. So a message is given out only while all older ones of its group are given out by
/// the same receive or gone, as AWS does it (recorded): one that becomes visible again alone, as the oldest, makes its group ready.
#[derive(Debug)]
pub(super) struct Groups<C> {
    by_id: HashMap<Arc<str>, Key>,
    groups: Arena<Group<C>>,
    ready: List<Group<C>>,
}

#[derive(Debug)]
struct Group<C> {
    id: Arc<str>,
    /// All its messages, oldest first.
    messages: List<Message<C>>,
    ready: bool,
    links: Links,
}

impl<C> Default for Groups<C> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), groups: Arena::default(), ready: List::default() }
    }
}

impl<C> Groups<C> {
    pub(super) const fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The message whose turn it is.
    pub(super) fn front(&self) -> Option<Key> {
        self.groups.get(self.ready.front()?).messages.front()
    }

    /// Adds the latest message of a group.
    pub(super) fn push(&mut self, messages: &mut Arena<Message<C>>, id: &Arc<str>, message: Key) {
        let key = match self.by_id.get(id) {
            Some(key) => *key,
            None => {
                let (id, messages) = (Arc::clone(id), List::default());
                let group = Group { id: Arc::clone(&id), messages, ready: false, links: Links::default() };
                let key = self.groups.insert(group);
                self.by_id.insert(id, key);
                key
            }
        };
        self.groups.get_mut(key).messages.push_back(messages, message);
        messages.get_mut(message).group_key = Some(key);
    }

    /// The message after one, if it is visible.
    pub(super) fn visible_after(messages: &Arena<Message<C>>, message: Key) -> Option<Key> {
        List::after(messages, message).filter(|next| messages.get(*next).state == State::Visible)
    }

    /// Takes a message out of its group.
    pub(super) fn remove(&mut self, messages: &mut Arena<Message<C>>, group: Key, message: Key) {
        self.groups.get_mut(group).messages.remove(messages, message);
        self.refresh(messages, group);
        if self.groups.get(group).messages.is_empty() {
            let gone = self.groups.remove(group);
            self.by_id.remove(&gone.id);
        }
    }

    /// Takes note of what became of a group's messages.
    pub(super) fn refresh(&mut self, messages: &Arena<Message<C>>, key: Key) {
        let group = self.groups.get_mut(key);
        let ready = group.messages.front().is_some_and(|oldest| messages.get(oldest).state == State::Visible);
        if ready == group.ready {
            return;
        }
        group.ready = ready;
        if ready {
            self.ready.push_back(&mut self.groups, key);
        } else {
            self.ready.remove(&mut self.groups, key);
        }
    }
}

impl<C> Linked for Group<C> {
    fn links(&self) -> Links {
        self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }
}
