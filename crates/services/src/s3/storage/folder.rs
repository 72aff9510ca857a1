//! Where the files lie.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hearth_engine::{
    journal::Journal,
    work::{WorkKind, WorkTracker},
};
use parking_lot::Mutex;
use tokio::{runtime::Handle, sync::oneshot, task::spawn_blocking};

use super::{
    Draft, Wanted,
    condemned::Condemned,
    shelf::Shelf,
    temporary::{self, Temporary},
};

/// Keeps content on disk: beside the journal, if that keeps anything; otherwise in a temporary folder that is made when the
/// first content comes and goes with the last of it.
#[derive(Debug)]
pub(in crate::s3) struct Storage {
    work: WorkTracker,
    journal: Journal,
    folder: Mutex<Option<Arc<Folder>>>,
}

/// A folder with files in it, in subfolders so that none of them has too many.
#[derive(Debug)]
pub(super) struct Folder {
    place: Place,
    work: WorkTracker,
    /// Where the next file comes to lie.
    open: Mutex<Option<Arc<Shelf>>>,
    /// Whether files go when nobody has them any more. They do not when the process ends: then they stay, or go as a whole.
    removes: AtomicBool,
}

#[derive(Debug)]
enum Place {
    Temporary(Temporary),
    /// What is in it survives the process and the machine.
    Kept {
        path: PathBuf,
        condemned: Arc<Condemned>,
    },
}

impl Storage {
    /// A storage whose reading and writing is counted as work, and whose files survive if the journal has a folder.
    pub(in crate::s3) fn new(work: WorkTracker, journal: Journal) -> Self {
        Self { work, journal, folder: Mutex::default() }
    }

    /// Begins to write content.
    pub(in crate::s3) fn draft(&self, wanted: Wanted) -> io::Result<Draft> {
        Ok(Draft::new(self.folder()?, wanted))
    }

    /// The work that reading and writing is.
    pub(in crate::s3) fn work(&self) -> &WorkTracker {
        &self.work
    }

    /// From now on, no file goes by itself.
    pub(in crate::s3) fn close(&self) {
        if let Some(folder) = &*self.folder.lock() {
            folder.set_removing(false);
        }
    }

    pub(super) fn folder(&self) -> io::Result<Arc<Folder>> {
        let mut folder = self.folder.lock();
        if let Some(folder) = &*folder {
            return Ok(Arc::clone(folder));
        }
        let place = match self.journal.folder() {
            Some(beside) => {
                let path = beside.join(KEPT);
                create_kept(&path)?;
                Place::Kept { path, condemned: Condemned::new(self.journal.clone(), self.work.clone()) }
            }
            None => {
                let parent = env::temp_dir();
                let place = Place::Temporary(Temporary::make_in(&parent)?);
                // There may be much, and nobody should wait for it.
                if Handle::try_current().is_ok() {
                    drop(blocking(&self.work, move || temporary::clear(&parent)));
                }
                place
            }
        };
        let made =
            Folder { place, work: self.work.clone(), open: Mutex::default(), removes: AtomicBool::new(true) };
        Ok(Arc::clone(folder.insert(Arc::new(made))))
    }
}

/// The folder's name beside the journal.
pub(super) const KEPT: &str = "objects";

impl Folder {
    /// The work that writing to it is.
    pub(super) fn work(&self) -> &WorkTracker {
        &self.work
    }

    pub(super) fn path(&self) -> &Path {
        match &self.place {
            Place::Temporary(temporary) => temporary.path(),
            Place::Kept { path, .. } => path,
        }
    }

    /// Whether what is in it survives.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.place, Place::Kept { .. })
    }

    pub(super) fn set_removing(&self, removing: bool) {
        self.removes.store(removing, Ordering::SeqCst);
    }

    /// Finds a place for a file: a subfolder, and its number there.
    pub(super) fn place(&self) -> io::Result<(Arc<Shelf>, u32)> {
        let mut open = self.open.lock();
        if let Some(shelf) = &*open
            && let Some(number) = shelf.take()
        {
            return Ok((Arc::clone(shelf), number));
        }
        let shelf = Arc::new(Shelf::make(self.path(), self.is_kept())?);
        let number = shelf.take().expect("a new one is empty");
        Ok((Arc::clone(open.insert(shelf)), number))
    }

    /// Removes a file that nobody has any more; an entry may name one that was `named`. To remove one that is large takes so
    /// long that nobody who answers requests should wait for it.
    pub(super) fn remove(self: &Arc<Self>, path: PathBuf, large: bool, named: bool) {
        if !self.removes.load(Ordering::SeqCst) {
            return;
        }
        if let Place::Kept { condemned, .. } = &self.place
            && named
        {
            condemned.add(path);
        } else if large && Handle::try_current().is_ok() {
            // The folder stays until the file is gone.
            let folder = Arc::clone(self);
            drop(blocking(&self.work, move || {
                remove(&path);
                drop(folder);
            }));
        } else {
            remove(&path);
        }
    }
}

/// Makes a folder that is to be there when the machine starts again.
fn create_kept(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => flush_folder(path.parent().unwrap_or(Path::new("."))),
    }
}

/// Waits until the names in a folder are on the disk.
pub(super) fn flush_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

pub(super) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, path = %path.display(), "the content of a deleted object is still there");
    }
}

/// Runs what may block, counted, on a thread for that.
pub(super) fn blocking<T: Send + 'static>(
    work: &WorkTracker,
    task: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<T> {
    let (sender, receiver) = oneshot::channel();
    let guard = (work.begin(WorkKind::Content), work.busy(WorkKind::Content));
    spawn_blocking(move || {
        // Nobody need wait for it.
        let _unheard = sender.send(task());
        // Only now: whoever waits has been woken, so that there is no moment at which nothing seems to go on.
        drop(guard);
    });
    receiver
}

/// What a task that ran on such a thread came to.
pub(super) async fn finished<T>(task: oneshot::Receiver<io::Result<T>>) -> io::Result<T> {
    task.await.map_err(io::Error::other)?
}
