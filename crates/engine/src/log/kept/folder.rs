//! Where segments lie, and who writes them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use hearth_model::{identity::Partition, logging::LogGroupName};
use parking_lot::Mutex;

use super::{
    group::KeptGroup,
    segment::{Segment, remove},
    thread::Signal,
};
use crate::{
    log::{LogGroup, LogLine},
    ring::Follower,
};

/// Keeps the lines of all groups. Dropping it writes what is not written yet.
#[derive(Debug)]
pub(in crate::log) struct KeptLogs {
    folder: Arc<Folder>,
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The folder with the segments of all groups, each under its number.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    next: AtomicU64,
    /// Whether something could not be written, and nothing has been since.
    failing: AtomicBool,
}

impl KeptLogs {
    /// Begins to write to a folder, which need not be there.
    pub(super) fn start(path: PathBuf) -> io::Result<Self> {
        let next = segments(&path)?.last().map_or(1, |last| last + 1);
        let folder = Folder { path, next: AtomicU64::new(next), failing: AtomicBool::new(false) };
        let signal = Arc::<Signal>::default();
        let thread = thread::Builder::new().name("hearth-logs".to_owned()).spawn({
            let signal = Arc::clone(&signal);
            move || signal.run()
        })?;
        Ok(Self { folder: Arc::new(folder), signal, thread: Mutex::new(Some(thread)) })
    }

    /// What keeps a group's lines, of which `follower` tells.
    pub(in crate::log) fn group(
        &self,
        owner: (Partition, LogGroupName),
        follower: Follower<LogLine>,
        capacity_bytes: usize,
    ) -> KeptGroup {
        KeptGroup::new(Arc::clone(&self.folder), owner, follower, capacity_bytes)
    }

    /// Writes what comes in a group, as long as there is one.
    pub(in crate::log) fn follow(&self, group: Weak<LogGroup>) {
        self.signal.follow(group);
    }

    /// Writes what there is. What comes later is not kept.
    pub(in crate::log) fn close(&self) {
        self.signal.close();
        if let Some(thread) = self.thread.lock().take() {
            // One that has panicked has said so.
            let _ = thread.join();
        }
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }
}

impl Drop for KeptLogs {
    fn drop(&mut self) {
        self.close();
    }
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the segment of a number lies.
    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(segment_name(number))
    }

    /// Makes a segment that begins with a frame.
    pub(super) fn create(&self, number: u64, begin: &[u8]) -> io::Result<Segment> {
        fs::create_dir_all(&self.path)?;
        let path = self.segment(number);
        let mut segment = Segment::create(&path)?;
        if let Err(error) = segment.append(begin) {
            // It has nothing in it that anybody could miss.
            let _ = remove(&path);
            return Err(error);
        }
        Ok(segment)
    }

    /// Waits until it is on the disk which segments there are.
    pub(super) fn flush(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Takes note of whether something could be written, and says once if not.
    pub(super) fn note(&self, written: io::Result<()>) {
        match written {
            Ok(()) => self.failing.store(false, Ordering::Relaxed),
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                let folder = self.path.display();
                tracing::warn!(%error, %folder, "what functions log is shown, and not kept until it can be written");
            }
            Err(_) => {}
        }
    }
}

/// The numbers of the segments in a folder, in order.
pub(super) fn segments(path: &Path) -> io::Result<Vec<u64>> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        numbers.extend(number.filter(|number| name == *segment_name(*number)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

pub(super) fn segment_name(number: u64) -> String {
    format!("{number:010}")
}
