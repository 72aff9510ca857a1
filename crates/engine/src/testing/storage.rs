//! A storage to test with.

use std::{
    collections::BTreeMap,
    ops::Bound,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;

use crate::{
    journal::{Change, Entry, NotKept, NotLoaded, Storage, Stream, Unreadable, Visitor},
    port::BoxFuture,
};

/// Keeps entries in memory, at once. Clones are the same storage, so that one outlives an engine as files would.
#[derive(Clone, Debug)]
pub struct MemoryStorage {
    entries: Arc<Mutex<Entries>>,
    full: Arc<AtomicBool>,
    /// How many changes are kept still.
    left: Arc<AtomicUsize>,
    folder: Option<Arc<PathBuf>>,
}

type Entries = BTreeMap<(Stream, Vec<u8>), Vec<u8>>;

impl MemoryStorage {
    /// The same storage, with a folder for files that entries name.
    #[must_use]
    pub fn with_folder(self, folder: PathBuf) -> Self {
        Self { folder: Some(Arc::new(folder)), ..self }
    }

    /// One of its own with what is in this one now: what a process finds that starts after this moment. It has no folder yet.
    #[must_use]
    pub fn fork(&self) -> Self {
        let entries = Arc::new(Mutex::new(self.entries.lock().clone()));
        Self { entries, ..Self::default() }
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

    /// From now on, so many changes are kept and no others, as if the process were killed then.
    pub fn die_after(&self, changes: usize) {
        self.left.store(changes, Ordering::SeqCst);
    }

    /// Changes the value of the entry at an index, as a broken disk would.
    pub fn damage(&self, index: usize, damage: impl FnOnce(&mut Vec<u8>)) {
        if let Some(value) = self.entries.lock().values_mut().nth(index) {
            damage(value);
        }
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        Self { entries: Arc::default(), full: Arc::default(), left, folder: None }
    }
}

impl Storage for MemoryStorage {
    fn append(&self, change: Change) {
        let one_less = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_err() {
            return;
        }
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
        self.full.load(Ordering::SeqCst) || self.left.load(Ordering::SeqCst) == 0
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

    fn folder(&self) -> Option<&Path> {
        self.folder.as_deref().map(PathBuf::as_path)
    }
}
