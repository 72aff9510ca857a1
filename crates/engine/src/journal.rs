//! What must survive the process: changes go here before anybody is told of them.
//!
//! A service changes its state under a lock of its own, and [records](Journal::record) what changed before it lets go of
//! that, so that the journal has changes in the order in which they happened. Whoever answers a client waits until everything
//! that was recorded so far [is kept](Journal::kept): no answer tells of something that could still be lost, be it to
//! the one who changed it or to one who only sees it. A change without an answer (a message that becomes a dead letter) is
//! kept a moment later.
//!
//! What is recorded are entries, not operations: the latest value under a key is what counts, and a start reads what there is
//! instead of doing everything again. Values are opaque here; each service writes and reads its own.
//!
//! Without a [`Storage`], nothing is kept, and everything else is the same.

mod shortage;

use std::{fmt, path::Path, sync::Arc};

use parking_lot::RwLock;
use thiserror::Error;

use self::shortage::Shortage;
use crate::{faults::Faults, port::BoxFuture};

/// Where services record what must survive. Clones are the same journal; the default keeps nothing.
#[derive(Clone, Default)]
pub struct Journal(Option<Arc<Volume>>);

/// What is between one beginning and the next.
struct Volume {
    storage: Arc<dyn Storage>,
    /// There was nothing at its beginning, whatever the storage still has.
    begins_empty: bool,
    /// Another one has begun: what is recorded here is not kept any more.
    closed: RwLock<bool>,
    /// A disk that is full because somebody wants it to be.
    shortage: Shortage,
}

/// Keeps changes. `hearth-store` implements it with files.
pub trait Storage: Send + Sync + 'static {
    /// Takes a change, and returns at once. Changes are kept in the order in which they are taken, and each of them is kept as
    /// a whole or not at all.
    fn append(&self, change: Change);

    /// Whether the last attempt to write failed, and none has succeeded since.
    fn is_failing(&self) -> bool;

    /// Waits until everything that was appended before this call is kept. Cancel safe.
    ///
    /// # Errors
    /// If it could not be written. It is not forgotten, but tried again at the next call.
    fn kept(&self) -> BoxFuture<'_, Result<(), NotKept>>;

    /// Shows all entries of a stream, in the order of their keys.
    ///
    /// # Errors
    /// If they cannot be read, or `visit` cannot use one.
    fn load(&self, stream: Stream, visit: &mut Visitor<'_>) -> Result<(), NotLoaded>;

    /// The folder for what is too large for entries: files that entries name. Each service has a folder of its own in it. `None`
    /// if there is none: what would be in such files does not survive then.
    fn folder(&self) -> Option<&Path>;
}

/// What is done with each entry: its key and its value.
pub type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), Unreadable> + 'a;

/// A kind of entries: a name that no other kind has, and that is never given to another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream(pub &'static str);

/// Entries that change together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    entries: Vec<Entry>,
}

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It has this value now.
    Put {
        /// Its kind.
        stream: Stream,
        /// What names it among them.
        key: Vec<u8>,
        /// The value.
        value: Vec<u8>,
    },
    /// It is not there any more.
    Remove {
        /// Its kind.
        stream: Stream,
        /// What names it among them.
        key: Vec<u8>,
    },
    /// All entries of the kind whose keys begin like this are not there any more.
    RemoveAll {
        /// Their kind.
        stream: Stream,
        /// How their keys begin.
        prefix: Vec<u8>,
    },
    /// No entry of any kind is there any more.
    Clear,
}

/// Why something is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("what was changed cannot be kept: {reason}")]
pub struct NotKept {
    /// What is wrong, and what to do about it.
    pub reason: Arc<str>,
}

/// Why what was kept cannot be loaded.
#[derive(Debug, Error)]
#[error("{reason}")]
pub struct NotLoaded {
    /// What is wrong, and what to do about it.
    pub reason: String,
}

/// Why an entry cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// What is wrong with it.
    pub reason: String,
}

impl Journal {
    /// A journal that keeps what is recorded.
    #[must_use]
    pub fn on(storage: Arc<dyn Storage>) -> Self {
        Self::volume(storage, false)
    }

    fn volume(storage: Arc<dyn Storage>, begins_empty: bool) -> Self {
        let (closed, shortage) = (RwLock::new(false), Shortage::default());
        Self(Some(Arc::new(Volume { storage, begins_empty, closed, shortage })))
    }

    /// Lets rules for faults say when there is no room. Only the first call has an effect.
    pub(crate) fn obey(&self, faults: &Arc<Faults>) {
        if let Some(volume) = &self.0 {
            volume.shortage.obey(Arc::clone(faults));
        }
    }

    /// Begins anew: a journal on the same storage in which nothing is. What is recorded in this one from now on is not kept.
    #[must_use]
    pub fn anew(&self) -> Self {
        let Some(volume) = &self.0 else { return Self::default() };
        let mut closed = volume.closed.write();
        *closed = true;
        volume.storage.append(Change { entries: vec![Entry::Clear] });
        Self::volume(Arc::clone(&volume.storage), true)
    }

    /// Whether what is recorded is kept.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.0.is_some()
    }

    /// The folder for what is too large for entries, if there is one: files that entries name. Each service has a folder of its
    /// own in it, flushes a file before it records an entry that names it, and removes it only when it is kept that none does.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.0.as_ref()?.storage.folder()
    }

    /// Records a change that was made; `describe` is not asked if nothing is kept.
    pub fn record(&self, describe: impl FnOnce(&mut Change)) {
        let Some(volume) = &self.0 else { return };
        let mut change = Change::default();
        describe(&mut change);
        // Held meanwhile, so that nothing comes after the end.
        let closed = volume.closed.read();
        if !change.entries.is_empty() && !*closed {
            volume.shortage.append(change, &*volume.storage);
        }
    }

    /// Whether what was recorded last could not be written, and could not since.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.0.as_ref().is_some_and(|volume| volume.shortage.is_there() || volume.storage.is_failing())
    }

    /// Waits until everything that was recorded before this call is kept. Cancel safe.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn kept(&self) -> Result<(), NotKept> {
        match &self.0 {
            Some(volume) => {
                volume.shortage.try_again(&*volume.storage)?;
                volume.storage.kept().await
            }
            None => Ok(()),
        }
    }

    /// Shows all entries of a stream, in the order of their keys.
    ///
    /// # Errors
    /// If they cannot be read, or `visit` cannot use one.
    pub fn load(
        &self,
        stream: Stream,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), NotLoaded> {
        match &self.0 {
            Some(volume) if !volume.begins_empty => volume.storage.load(stream, &mut visit),
            Some(_) | None => Ok(()),
        }
    }
}

impl Change {
    /// An entry has this value now.
    pub fn put(&mut self, stream: Stream, key: Vec<u8>, value: Vec<u8>) {
        self.entries.push(Entry::Put { stream, key, value });
    }

    /// An entry is not there any more; it does not matter if it has not been.
    pub fn remove(&mut self, stream: Stream, key: Vec<u8>) {
        self.entries.push(Entry::Remove { stream, key });
    }

    /// All entries whose keys begin like this are not there any more.
    pub fn remove_all(&mut self, stream: Stream, prefix: Vec<u8>) {
        self.entries.push(Entry::RemoveAll { stream, prefix });
    }

    /// What becomes of which entries, in this order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("durable", &self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemoryStorage;

    const STREAM: Stream = Stream("test");

    fn put(journal: &Journal, key: u8) {
        journal.record(|change| change.put(STREAM, vec![key], Vec::new()));
    }

    fn keys(journal: &Journal) -> Vec<u8> {
        let mut keys = Vec::new();
        let loaded = journal.load(STREAM, |key, _| {
            keys.extend(key);
            Ok(())
        });
        loaded.expect("it is loaded");
        keys
    }

    #[test]
    fn a_journal_that_begins_anew_is_empty_and_the_one_before_is_over() {
        let storage = MemoryStorage::default();
        let first = Journal::on(Arc::new(storage.clone()));
        put(&first, 1);
        assert_eq!(keys(&first), [1]);
        let second = first.anew();
        put(&first, 2);
        assert_eq!((storage.entries(), keys(&second)), (0, Vec::new()));
        put(&second, 3);
        assert_eq!(keys(&Journal::on(Arc::new(storage))), [3], "what the next process finds");
        assert!(!Journal::default().anew().is_durable());
    }
}
