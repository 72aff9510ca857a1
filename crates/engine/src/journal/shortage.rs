//! A disk that is full because a rule for faults says so, in front of one that may have room.
//!
//! It behaves as a full one does: what finds no room stays in line with all that comes after it, whoever waits for it hears of that, and
//! who asks later finds it tried again. Unlike there, each change counts for itself, however many would be written at once, so that
//! the same work meets the same faults.

use std::{
    mem,
    sync::{Arc, OnceLock},
};

use hearth_model::faults::Disk;
use parking_lot::Mutex;

use super::{Change, NotKept, Storage};
use crate::faults::Faults;

#[derive(Debug, Default)]
pub(super) struct Shortage {
    faults: OnceLock<Arc<Faults>>,
    line: Mutex<Line>,
}

/// What has found no room, in order.
#[derive(Debug, Default)]
struct Line {
    changes: Vec<Change>,
    /// Whether somebody has heard of it.
    is_told: bool,
}

impl Shortage {
    pub(super) fn obey(&self, faults: Arc<Faults>) {
        // A journal belongs to one engine.
        let _another = self.faults.set(faults);
    }

    /// Passes a change on, or keeps it in line.
    pub(super) fn append(&self, change: Change, storage: &dyn Storage) {
        let mut line = self.line.lock();
        if line.changes.is_empty() && self.check().is_ok() {
            storage.append(change);
        } else {
            line.changes.push(change);
        }
    }

    pub(super) fn is_there(&self) -> bool {
        !self.line.lock().changes.is_empty()
    }

    /// Passes everything on that is in line, if there is room now and somebody has heard that there was none.
    pub(super) fn try_again(&self, storage: &dyn Storage) -> Result<(), NotKept> {
        let mut line = self.line.lock();
        if line.changes.is_empty() {
            return Ok(());
        }
        let is_told = mem::replace(&mut line.is_told, true);
        if self.faults.get().is_some_and(|faults| faults.are_there()) && !is_told {
            return Err(no_room());
        }
        self.check()?;
        let Line { changes, .. } = mem::take(&mut *line);
        changes.into_iter().for_each(|change| storage.append(change));
        Ok(())
    }

    fn check(&self) -> Result<(), NotKept> {
        let faults = self.faults.get();
        faults.map_or(Ok(()), |faults| faults.check_disk(Disk::Journal)).map_err(|_| no_room())
    }
}

fn no_room() -> NotKept {
    NotKept { reason: "no space left: a rule for faults says so".into() }
}

#[cfg(test)]
mod tests {
    use hearth_model::{
        faults::{FaultKind, GivenFault, Rule},
        time::Timestamp,
    };

    use super::*;
    use crate::{
        clock::Clock,
        journal::{Journal, Stream},
        testing::MemoryStorage,
        timeline::Timeline,
    };

    fn full(count: Option<u64>) -> Rule {
        let (fault, disk) = (Some(FaultKind::DiskFull), Some("journal".to_owned()));
        Rule::try_from(GivenFault { fault, disk, count, ..GivenFault::default() }).expect("a rule")
    }

    fn journal(storage: &MemoryStorage) -> (Journal, Arc<Faults>) {
        let timeline = Timeline::new(Clock::frozen(Timestamp::UNIX_EPOCH), 1 << 20);
        let (journal, faults) =
            (Journal::on(Arc::new(storage.clone())), Arc::new(Faults::new(timeline, true)));
        journal.obey(&faults);
        (journal, faults)
    }

    fn put(journal: &Journal, key: u8) {
        journal.record(|change| change.put(Stream("test"), vec![key], Vec::new()));
    }

    #[tokio::test]
    async fn what_finds_no_room_is_told_and_kept_later() {
        let storage = MemoryStorage::default();
        let (journal, faults) = journal(&storage);
        put(&journal, 1);
        faults.add(full(Some(3)));
        for key in [2, 3] {
            put(&journal, key);
        }
        assert!(journal.is_failing());
        for attempt in 1..=3 {
            let error = journal.kept().await.expect_err("there is no room").to_string();
            let expected = "what was changed cannot be kept: no space left: a rule for faults says so";
            assert_eq!((error.as_str(), storage.entries()), (expected, 1), "attempt {attempt}");
        }
        journal.kept().await.expect("there is room again");
        assert_eq!((journal.is_failing(), storage.entries()), (false, 3));
        put(&journal, 4);
        assert_eq!(storage.entries(), 4);
    }

    #[tokio::test]
    async fn without_the_rule_there_is_room_at_once() {
        let storage = MemoryStorage::default();
        let (journal, faults) = journal(&storage);
        faults.add(full(None));
        put(&journal, 1);
        assert!(journal.kept().await.is_err() && journal.kept().await.is_err());
        faults.clear();
        journal.kept().await.expect("there is room");
        assert_eq!(storage.entries(), 1);
        faults.add(full(Some(1)));
        put(&journal, 2);
        faults.clear();
        journal.kept().await.expect("nobody had heard that there was none");
        assert_eq!(storage.entries(), 2);
    }

    #[tokio::test]
    async fn a_journal_that_begins_anew_has_room() {
        let storage = MemoryStorage::default();
        let (journal, faults) = journal(&storage);
        faults.add(full(None));
        put(&journal, 1);
        let anew = journal.anew();
        anew.kept().await.expect("there is room");
        put(&anew, 2);
        assert_eq!(storage.entries(), 1);
    }
}
