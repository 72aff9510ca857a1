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
    /// The message whose turn it is.
    pub(super) fn front(&self) -> Option<Key> {
        self.groups.get(self.ready.front()?).messages.front()
    }

    /// The message after one in its group, if it is visible.
    pub(super) fn visible_after(messages: &Arena<Message<C>>, message: Key) -> Option<Key> {
        List::after(messages, message).filter(|next| messages.get(*next).state == State::Visible)
    }

    /// Adds the latest message of a group.
    pub(super) fn push(&mut self, messages: &mut Arena<Message<C>>, message: Key) {
        let id = messages.get(message).group.clone().expect("messages of a FIFO queue have a group");
        let group = match self.by_id.get(&id) {
            Some(group) => *group,
            None => {
                let group = Group {
                    id: Arc::clone(&id),
                    messages: List::default(),
                    ready: false,
                    links: Links::default(),
                };
                let group = self.groups.insert(group);
                self.by_id.insert(id, group);
                group
            }
        };
        messages.get_mut(message).group_key = Some(group);
        self.groups.get_mut(group).messages.push_back(messages, message);
        self.refresh(messages, message);
    }

    /// Takes a message out of its group.
    pub(super) fn remove(&mut self, messages: &mut Arena<Message<C>>, message: Key) {
        let key = group_of(messages, message);
        self.groups.get_mut(key).messages.remove(messages, message);
        self.refresh_group(messages, key);
        if self.groups.get(key).messages.is_empty() {
            let gone = self.groups.remove(key);
            self.by_id.remove(&gone.id);
        }
    }

    /// Takes note of what became of a message.
    pub(super) fn refresh(&mut self, messages: &Arena<Message<C>>, message: Key) {
        self.refresh_group(messages, group_of(messages, message));
    }

    fn refresh_group(&mut self, messages: &Arena<Message<C>>, key: Key) {
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

fn group_of<C>(messages: &Arena<Message<C>>, message: Key) -> Key {
    messages.get(message).group_key.expect("messages of a FIFO queue are in a group")
}
