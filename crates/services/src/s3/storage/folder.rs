//! Where the files lie.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hearth_engine::work::WorkTracker;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::{runtime::Handle, sync::oneshot, task::spawn_blocking};

use super::{Draft, Wanted};

/// Keeps content on disk, in a temporary folder that is made when the first content comes and goes with the last of it.
#[derive(Debug)]
pub(in crate::s3) struct Storage {
    work: WorkTracker,
    folder: Mutex<Option<Arc<Folder>>>,
}

/// A folder with files in it, in subfolders so that none of them has too many.
#[derive(Debug)]
pub(super) struct Folder {
    temporary: TempDir,
    work: WorkTracker,
    next: AtomicU64,
    /// The folder goes as a whole: then no file needs to go by itself.
    closing: AtomicBool,
}

/// One file, for as long as anybody has it.
#[derive(Debug)]
pub(super) struct Blob {
    folder: Arc<Folder>,
    number: u64,
    /// To remove it takes so long that nobody who answers requests should wait for it.
    large: bool,
}

impl Storage {
    /// A storage whose reading and writing is counted as work.
    pub(in crate::s3) fn new(work: WorkTracker) -> Self {
        Self { work, folder: Mutex::default() }
    }

    /// Begins to write content.
    pub(in crate::s3) fn draft(&self, wanted: Wanted) -> io::Result<Draft> {
        Ok(Draft::new(self.folder()?, wanted))
    }

    /// The work that reading and writing is.
    pub(in crate::s3) fn work(&self) -> &WorkTracker {
        &self.work
    }

    /// From now on, files go only with the whole folder.
    pub(in crate::s3) fn close(&self) {
        if let Some(folder) = &*self.folder.lock() {
            folder.closing.store(true, Ordering::Relaxed);
        }
    }

    fn folder(&self) -> io::Result<Arc<Folder>> {
        let mut folder = self.folder.lock();
        if let Some(folder) = &*folder {
            return Ok(Arc::clone(folder));
        }
        let made = Folder {
            temporary: tempfile::Builder::new().prefix("hearth-objects-").tempdir()?,
            work: self.work.clone(),
            next: AtomicU64::new(0),
            closing: AtomicBool::new(false),
        };
        Ok(Arc::clone(folder.insert(Arc::new(made))))
    }
}

impl Folder {
    /// The work that writing to it is.
    pub(super) fn work(&self) -> &WorkTracker {
        &self.work
    }
}

impl Blob {
    /// Makes an empty file, open for writing, which will or will not be `large`.
    pub(super) fn create(folder: &Arc<Folder>, large: bool) -> io::Result<(Self, File)> {
        let number = folder.next.fetch_add(1, Ordering::Relaxed);
        let blob = Self { folder: Arc::clone(folder), number, large };
        let path = blob.path();
        let file = match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
                File::create_new(&path)?
            }
            created => created?,
        };
        Ok((blob, file))
    }

    pub(super) fn open(&self) -> io::Result<File> {
        File::open(self.path())
    }

    fn path(&self) -> PathBuf {
        let subfolder = format!("{:02x}", self.number & 0xff);
        self.folder.temporary.path().join(subfolder).join(format!("{:x}", self.number >> 8))
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if self.folder.closing.load(Ordering::Relaxed) {
            return;
        }
        let path = self.path();
        if self.large && Handle::try_current().is_ok() {
            // The folder stays until the file is gone.
            let folder = Arc::clone(&self.folder);
            drop(blocking(&self.folder.work, move || {
                remove(&path);
                drop(folder);
            }));
        } else {
            remove(&path);
        }
    }
}

fn remove(path: &Path) {
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
    let guard = (work.begin(), work.busy());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_small_file_goes_at_once_and_a_large_one_as_work() {
        let work = WorkTracker::default();
        let folder = Storage::new(work.clone()).folder().expect("a folder");
        for large in [false, true] {
            let (blob, _) = Blob::create(&folder, large).expect("a file");
            let path = blob.path();
            assert!(path.exists());
            drop(blob);
            assert!(large || !path.exists());
            work.idle().await;
            assert!(!path.exists());
        }
    }
}
