//! What services record, in files.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use hearth_engine::{
    journal::{Change, NotKept, NotLoaded, Storage, Stream, Visitor},
    port::BoxFuture,
};
use parking_lot::Mutex;

use crate::{
    archive::{self, ArchiveError},
    database::{self, Database, DatabaseFailure},
    error::OpenError,
    folder::{Folder, io_error},
    snapshot::Snapshot,
    writer::Writer,
};

/// Keeps what services record in files of a folder. Dropping it writes what is not written yet.
pub struct Store {
    writer: Arc<Writer>,
    database: Arc<Mutex<Database>>,
    file: PathBuf,
    thread: Option<JoinHandle<()>>,
    folder: Folder,
}

impl Store {
    /// Opens the state that is in a folder; if there is none, it begins with none.
    ///
    /// # Errors
    /// If the file is damaged, or the machine does not let Hearth use it.
    pub fn open(mut folder: Folder) -> Result<Self, OpenError> {
        let database = if folder.is_new() {
            let database = Database::create(folder.path())?;
            folder.establish()?;
            database
        } else {
            Database::open(folder.path())?
        };
        folder.clear_exports()?;
        let file = database.file().to_owned();
        let (writer, database) = (Arc::<Writer>::default(), Arc::new(Mutex::new(database)));
        let thread = thread::Builder::new().name("hearth-store".to_owned()).spawn({
            let (writer, database, file) = (Arc::clone(&writer), Arc::clone(&database), file.clone());
            move || {
                writer.run(|changes| database.lock().commit(changes.iter()), || file.display().to_string());
            }
        });
        let thread = Some(thread.map_err(io_error(&file))?);
        Ok(Self { writer, database, file, thread, folder })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What is kept now, entries and files, as it is whatever is changed from now on. Changes are not written as long as this
    /// takes, which is about a second for 100,000 files. Blocks.
    ///
    /// # Errors
    /// If something cannot be read, or files cannot have other names.
    pub fn snapshot(&self) -> Result<Snapshot, ArchiveError> {
        let database = self.database.lock();
        let view = database.view().map_err(archive::damaged(&self.file))?;
        Snapshot::take(&self.folder, view)
    }
}

impl Storage for Store {
    fn append(&self, change: Change) {
        self.writer.append(change);
    }

    fn is_failing(&self) -> bool {
        self.writer.is_failing()
    }

    fn kept(&self) -> BoxFuture<'_, Result<(), NotKept>> {
        match self.writer.wait() {
            None => Box::pin(async { Ok(()) }),
            Some(answer) => Box::pin(async move {
                let ended = || NotKept { reason: "it is about to end".into() };
                answer.await.unwrap_or_else(|_| Err(ended()))
            }),
        }
    }

    fn load(&self, stream: Stream, visit: &mut Visitor<'_>) -> Result<(), NotLoaded> {
        database::load(&self.database.lock(), stream, visit).map_err(|DatabaseFailure(reason)| NotLoaded {
            reason: format!(
                "`{}` is damaged: {reason}. Nothing was changed: restore it from a copy, or move the folder away to start \
                 empty",
                self.file.display()
            ),
        })
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.folder.path())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.writer.close();
        if let Some(thread) = self.thread.take() {
            // One that has panicked has said so.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("file", &self.file).finish_non_exhaustive()
    }
}
