//! Files that nobody has any more, in a folder that survives.

use std::{io, mem, path::PathBuf, sync::Arc};

use hearth_engine::{
    journal::Journal,
    work::{WorkKind, WorkTracker},
};
use parking_lot::Mutex;

use super::folder::{blocking, finished, remove};

/// Files that are to be removed as soon as it is kept that no entry names them: as long as one does, a process that dies leaves
/// an entry whose file must be there.
pub(super) struct Condemned {
    journal: Journal,
    work: WorkTracker,
    files: Mutex<Files>,
}

#[derive(Debug, Default)]
struct Files {
    paths: Vec<PathBuf>,
    /// Whether somebody is about to remove them.
    attended: bool,
}

impl Condemned {
    pub(super) fn new(journal: Journal, work: WorkTracker) -> Arc<Self> {
        Arc::new(Self { journal, work, files: Mutex::default() })
    }

    /// Removes a file when that is safe. It was recorded that no entry names it.
    ///
    /// If the journal cannot be written, the file stays until another one is to be removed, or to be collected at the next start.
    pub(super) fn add(self: &Arc<Self>, path: PathBuf) {
        let mut files = self.files.lock();
        files.paths.push(path);
        if !mem::replace(&mut files.attended, true) {
            drop(files);
            let condemned = Arc::clone(self);
            self.work.spawn(WorkKind::Removal, async move { condemned.remove_all().await });
        }
    }

    async fn remove_all(&self) {
        // A thread writes: this does not wait for the clock.
        let _busy = self.work.busy(WorkKind::Removal);
        while let Some(paths) = self.next() {
            if self.journal.kept().await.is_err() {
                let mut files = self.files.lock();
                files.paths.extend(paths);
                files.attended = false;
                return;
            }
            let removed = blocking(&self.work, move || {
                paths.iter().for_each(|path| remove(path));
                io::Result::Ok(())
            });
            // It cannot fail: what cannot be removed is said where that is found.
            drop(finished(removed).await);
        }
    }

    /// What is to be removed; if it is nothing, nobody attends to it any more.
    fn next(&self) -> Option<Vec<PathBuf>> {
        let mut files = self.files.lock();
        files.attended = !files.paths.is_empty();
        files.attended.then(|| mem::take(&mut files.paths))
    }
}

impl std::fmt::Debug for Condemned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Condemned").field("files", &self.files).finish_non_exhaustive()
    }
}
