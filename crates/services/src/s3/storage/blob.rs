//! One file.

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    folder::{Folder, KEPT},
    shelf::Shelf,
};

/// One file, for as long as anybody has it.
pub(super) struct Blob {
    folder: Arc<Folder>,
    shelf: Arc<Shelf>,
    number: u32,
    /// To remove it takes long.
    large: bool,
    /// An entry may name it.
    named: bool,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct NewBlob {
    /// Before the file: one that is being written may be removed.
    blob: Blob,
    /// How many names the subfolder has to have on the disk.
    names: u32,
}

/// What names a file among all of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::s3) struct FileName {
    /// The subfolder.
    pub(in crate::s3) shelf: u64,
    /// The file's number there.
    pub(in crate::s3) number: u32,
}

impl Blob {
    /// One that an earlier process wrote.
    pub(super) fn earlier(folder: &Arc<Folder>, shelf: &Arc<Shelf>, number: u32, large: bool) -> Self {
        Self { folder: Arc::clone(folder), shelf: Arc::clone(shelf), number, large, named: true }
    }

    pub(super) fn name(&self) -> FileName {
        FileName { shelf: self.shelf.name(), number: self.number }
    }

    pub(super) fn open(&self) -> io::Result<File> {
        File::open(self.path())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.shelf.file(self.number)
    }
}

impl NewBlob {
    /// Makes an empty file, open for writing, which will or will not be `large`.
    pub(super) fn create(folder: &Arc<Folder>, large: bool) -> io::Result<(Self, File)> {
        let (shelf, number) = folder.place()?;
        let file = File::create_new(shelf.file(number))?;
        let names = shelf.note_made();
        let blob = Blob { folder: Arc::clone(folder), shelf, number, large, named: false };
        Ok((Self { blob, names }, file))
    }

    /// The file, once all of it is written. If it is to survive, it is on the disk by then. Blocks.
    ///
    /// One that does not come to that goes at once, even if nothing else can be written: it takes room.
    pub(super) fn finish(mut self, file: &File) -> io::Result<Blob> {
        if self.blob.folder.is_kept() {
            file.sync_data()?;
            self.blob.shelf.flush(self.names)?;
        }
        self.blob.named = true;
        Ok(self.blob)
    }
}

/// The path beside the journal.
impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = Shelf::earlier(Path::new(KEPT), self.shelf).file(self.number);
        write!(f, "{}", path.display())
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.name(), f)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.folder.remove(self.path(), self.large, self.named);
    }
}

#[cfg(test)]
mod tests {
    use hearth_engine::{journal::Journal, testing::MemoryStorage, work::WorkTracker};
    use tempfile::TempDir;

    use super::{super::Storage, *};

    #[tokio::test]
    async fn a_small_file_goes_at_once_and_a_large_one_as_work() {
        let work = WorkTracker::default();
        let folder = Storage::new(work.clone(), Journal::default()).folder().expect("a folder");
        for large in [false, true] {
            let (blob, file) = NewBlob::create(&folder, large).expect("a file");
            let blob = blob.finish(&file).expect("it is written");
            let path = blob.path();
            assert!(path.exists());
            drop(blob);
            assert!(large || !path.exists());
            work.idle().await;
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn a_kept_file_goes_when_it_is_kept_that_nobody_has_it() {
        let beside = TempDir::new().expect("a folder");
        let memory = MemoryStorage::default().with_folder(beside.path().to_owned());
        let work = WorkTracker::default();
        let journal = Journal::on(Arc::new(memory.clone()));
        let folder = Storage::new(work.clone(), journal).folder().expect("a folder");
        let make = || {
            let (blob, file) = NewBlob::create(&folder, false).expect("a file");
            blob.finish(&file).expect("it is written")
        };
        let (first, second) = (make(), make());
        let paths = [first.path(), second.path()];
        memory.set_full(true);
        drop(first);
        work.idle().await;
        assert!(paths[0].exists(), "an entry may name it still");
        let half = NewBlob::create(&folder, false).expect("a file").0;
        let path = half.blob.path();
        drop(half);
        assert!(!path.exists(), "no entry can");
        memory.set_full(false);
        drop(second);
        work.idle().await;
        assert_eq!(paths.map(|path| path.exists()), [false, false]);
    }
}
