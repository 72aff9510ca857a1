//! Things with an address that stays while they live, and lists through them.
//!
//! A queue holds up to millions of messages, takes them from one end, and has to remove any of them at any time. A list whose
//! links lie in the messages does all of that in constant time and leaves nothing behind.

use std::{marker::PhantomData, num::NonZeroU32};

use slab::Slab;

/// The address of something in an [`Arena`]; one that was removed leaves its address to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(NonZeroU32);

impl Key {
    /// The address as a number that [`from_number`](Self::from_number) reads.
    pub(super) const fn number(self) -> u32 {
        self.0.get()
    }

    pub(super) fn from_number(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    fn index(self) -> usize {
        usize::try_from(self.0.get() - 1).expect("a u32 fits")
    }
}

/// Things by their addresses. They are boxed: an arena that had a million messages once keeps a million pointers.
#[derive(Debug)]
pub(super) struct Arena<T>(Slab<Box<T>>);

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self(Slab::new())
    }
}

impl<T> Arena<T> {
    pub(super) fn insert(&mut self, thing: T) -> Key {
        let index = self.0.insert(Box::new(thing));
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Key(number.expect("memory ends before four thousand million things"))
    }

    /// An arena in which things have their addresses already. Of several that claim an address the last one has it.
    pub(super) fn restored(things: impl IntoIterator<Item = (Key, T)>) -> Self {
        Self(things.into_iter().map(|(key, thing)| (key.index(), Box::new(thing))).collect())
    }

    /// # Panics
    /// If nothing is there.
    pub(super) fn remove(&mut self, key: Key) -> T {
        *self.0.remove(key.index())
    }

    pub(super) fn find(&self, key: Key) -> Option<&T> {
        self.0.get(key.index()).map(Box::as_ref)
    }

    /// # Panics
    /// If nothing is there.
    pub(super) fn get(&self, key: Key) -> &T {
        &self.0[key.index()]
    }

    /// # Panics
    /// If nothing is there.
    pub(super) fn get_mut(&mut self, key: Key) -> &mut T {
        &mut self.0[key.index()]
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.0.iter().filter_map(|(index, _)| u32::try_from(index + 1).ok().and_then(Key::from_number))
    }
}

/// The neighbours of a thing in the list that it is in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Links {
    previous: Option<Key>,
    next: Option<Key>,
}

/// Something that can be in one list at a time.
pub(super) trait Linked {
    fn links(&self) -> Links;
    fn links_mut(&mut self) -> &mut Links;
}

/// A list through things of an arena.
#[derive(Debug)]
pub(super) struct List<T> {
    front: Option<Key>,
    back: Option<Key>,
    things: PhantomData<fn(T)>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { front: None, back: None, things: PhantomData }
    }
}

impl<T: Linked> List<T> {
    pub(super) const fn is_empty(&self) -> bool {
        self.front.is_none()
    }

    pub(super) const fn front(&self) -> Option<Key> {
        self.front
    }

    /// Puts something that is in no list at the end.
    pub(super) fn push_back(&mut self, arena: &mut Arena<T>, key: Key) {
        *arena.get_mut(key).links_mut() = Links { previous: self.back, next: None };
        match self.back {
            Some(back) => arena.get_mut(back).links_mut().next = Some(key),
            None => self.front = Some(key),
        }
        self.back = Some(key);
    }

    /// Puts something that is in no list at the beginning.
    pub(super) fn push_front(&mut self, arena: &mut Arena<T>, key: Key) {
        *arena.get_mut(key).links_mut() = Links { previous: None, next: self.front };
        match self.front {
            Some(front) => arena.get_mut(front).links_mut().previous = Some(key),
            None => self.back = Some(key),
        }
        self.front = Some(key);
    }

    /// Takes something that is in this list out of it.
    pub(super) fn remove(&mut self, arena: &mut Arena<T>, key: Key) {
        let Links { previous, next } = arena.get(key).links();
        match previous {
            Some(previous) => arena.get_mut(previous).links_mut().next = next,
            None => self.front = next,
        }
        match next {
            Some(next) => arena.get_mut(next).links_mut().previous = previous,
            None => self.back = previous,
        }
        *arena.get_mut(key).links_mut() = Links::default();
    }

    /// What comes after something in this list.
    pub(super) fn after(arena: &Arena<T>, key: Key) -> Option<Key> {
        arena.get(key).links().next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(char, Links);

    impl Linked for Thing {
        fn links(&self) -> Links {
            self.1
        }

        fn links_mut(&mut self) -> &mut Links {
            &mut self.1
        }
    }

    fn text(arena: &Arena<Thing>, list: &List<Thing>) -> String {
        std::iter::successors(list.front(), |key| List::after(arena, *key))
            .map(|key| arena.get(key).0)
            .collect()
    }

    #[test]
    fn anything_can_be_taken_out() {
        let (mut arena, mut list) = (Arena::default(), List::default());
        let keys: Vec<Key> = "abcd".chars().map(|c| arena.insert(Thing(c, Links::default()))).collect();
        for key in &keys[1..] {
            list.push_back(&mut arena, *key);
        }
        list.push_front(&mut arena, keys[0]);
        assert_eq!(text(&arena, &list), "abcd");
        for (key, rest) in [(keys[2], "abd"), (keys[0], "bd"), (keys[3], "b"), (keys[1], "")] {
            list.remove(&mut arena, key);
            assert_eq!(text(&arena, &list), rest);
        }
        assert!(list.is_empty());
        list.push_front(&mut arena, keys[1]);
        list.push_back(&mut arena, keys[2]);
        assert_eq!(text(&arena, &list), "bc");
    }

    #[test]
    fn an_address_is_a_number() {
        let mut arena = Arena::default();
        let key = arena.insert(1);
        assert_eq!(Key::from_number(key.number()), Some(key));
        assert_eq!((Key::from_number(0), arena.len()), (None, 1));
        assert_eq!((arena.remove(key), arena.find(key)), (1, None));
        let keys = [5, 2].map(|number| Key::from_number(number).expect("an address"));
        let mut restored = Arena::restored([(keys[0], 'e'), (keys[1], 'b')]);
        let others: Vec<Key> = "xyz".chars().map(|c| restored.insert(c)).collect();
        assert_eq!((restored.get(keys[0]), restored.get(keys[1]), restored.len()), (&'e', &'b', 5));
        assert!(others.iter().all(|key| !keys.contains(key)), "{others:?}");
    }
}
