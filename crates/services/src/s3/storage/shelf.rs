//! A subfolder with room for so many files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use hearth_engine::random::random_number;
use parking_lot::Mutex;

use super::folder::flush_folder;

/// A subfolder. Its name is drawn at random, so that no process ever uses the name of a file again.
#[derive(Debug)]
pub(super) struct Shelf {
    name: u64,
    path: PathBuf,
    /// How many places in it are taken.
    taken: AtomicU32,
    /// How many files were made in it, and how many of these names are surely on the disk.
    made: AtomicU32,
    flushed: Mutex<u32>,
}

/// Files in a subfolder.
const PLACES: u32 = 1_024;

impl Shelf {
    /// Makes a subfolder, which is to be there when the machine starts again if it is `kept`.
    pub(super) fn make(parent: &Path, kept: bool) -> io::Result<Self> {
        loop {
            let shelf = Self::new(parent, random_number(), 0);
            match fs::create_dir(&shelf.path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) if kept => return flush_folder(parent).map(|()| shelf),
                Ok(()) => return Ok(shelf),
            }
        }
    }

    /// One that an earlier process made. Nothing is added to it.
    pub(super) fn earlier(parent: &Path, name: u64) -> Self {
        Self::new(parent, name, PLACES)
    }

    fn new(parent: &Path, name: u64, taken: u32) -> Self {
        Self {
            name,
            path: parent.join(format!("{name:016x}")),
            taken: AtomicU32::new(taken),
            made: AtomicU32::new(0),
            flushed: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> u64 {
        self.name
    }

    /// Reads the name of one.
    pub(super) fn parse_name(text: &str) -> Option<u64> {
        (text.len() == 16 && is_hexadecimal(text)).then(|| u64::from_str_radix(text, 16).ok()).flatten()
    }

    /// Takes a place for a file; `None` if it is full.
    pub(super) fn take(&self) -> Option<u32> {
        let next = |taken: u32| (taken < PLACES).then(|| taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()
    }

    /// The path of a file in it.
    pub(super) fn file(&self, number: u32) -> PathBuf {
        self.path.join(format!("{number:03x}"))
    }

    /// Reads the name of a file.
    pub(super) fn parse_file(text: &str) -> Option<u32> {
        (text.len() == 3 && is_hexadecimal(text)).then(|| u32::from_str_radix(text, 16).ok()).flatten()
    }

    /// A file was made. Returns until when names have to be flushed so that its is among them.
    pub(super) fn note_made(&self) -> u32 {
        self.made.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until the names of the first so many files are on the disk. Everybody who waits meanwhile waits for the same
    /// flush. Blocks.
    pub(super) fn flush(&self, until: u32) -> io::Result<()> {
        let mut flushed = self.flushed.lock();
        if *flushed >= until {
            return Ok(());
        }
        let made = self.made.load(Ordering::SeqCst);
        flush_folder(&self.path)?;
        *flushed = made;
        Ok(())
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
