//! A storage to test with.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

use crate::{
    journal::{Change, Entry, NotKept, NotLoaded, Storage, Stream, Unreadable, Visitor},
    port::BoxFuture,
};

/// Keeps entries in memory, at once. Clones are the same storage, so that one outlives an engine as files would.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    entries: Arc<Mutex<Entries>>,
    full: Arc<AtomicBool>,
}

type Entries = BTreeMap<(Stream, Vec<u8>), Vec<u8>>;

impl MemoryStorage {
    /// One of its own with what is in this one now: what a process finds that starts after this moment.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { entries: Arc::new(Mutex::new(self.entries.lock().clone())), full: Arc::default() }
    }

    /// How many entries there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.lock().len()
    }

    /// Whether it has room from now on. What is appended while it has none is not lost, but not kept either.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    /// Changes the value of the entry at an index, as a broken disk would.
    pub fn damage(&self, index: usize, damage: impl FnOnce(&mut Vec<u8>)) {
        if let Some(value) = self.entries.lock().values_mut().nth(index) {
            damage(value);
        }
    }
}

impl Storage for MemoryStorage {
    fn append(&self, change: Change) {
        let mut entries = self.entries.lock();
        for entry in change.entries() {
            match entry.clone() {
                Entry::Put { stream, key, value } => drop(entries.insert((stream, key), value)),
                Entry::Remove { stream, key } => drop(entries.remove(&(stream, key))),
                Entry::RemoveAll { stream, prefix } => {
                    entries.retain(|(of, key), _| *of != stream || !key.starts_with(&prefix));
                }
                Entry::Clear => entries.clear(),
            }
        }
    }

    fn is_failing(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    fn kept(&self) -> BoxFuture<'_, Result<(), NotKept>> {
        let full = self.is_failing();
        Box::pin(async move { if full { Err(NotKept { reason: "no space left".into() }) } else { Ok(()) } })
    }

    fn load(&self, stream: Stream, visit: &mut Visitor<'_>) -> Result<(), NotLoaded> {
        let entries = self.entries.lock();
        let all = entries.range((Bound::Included((stream, Vec::new())), Bound::Unbounded));
        for ((_, key), value) in all.take_while(|((of, _), _)| *of == stream) {
            visit(key, value).map_err(|Unreadable { reason }| NotLoaded {
                reason: format!("`{}` of `{}`: {reason}", key.escape_ascii(), stream.0),
            })?;
        }
        Ok(())
    }
}
