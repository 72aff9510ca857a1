//! One environment's files: what is mounted where.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hearth_engine::clock::Clock;
use hearth_model::limits;
use parking_lot::Mutex;

use super::{
    descriptor::{Access, Descriptor},
    error::FileError,
    object::Object,
    read_only::ReadOnlyTree,
    scratch::ScratchTree,
    tree::NodeId,
};

/// Files as one environment sees them. They outlive the guest: after a reset the next one gets them as they are.
///
/// Making one costs two small allocations, and no file descriptor.
pub(crate) struct FileSystem {
    mounts: Arc<Mounts>,
}

/// What is mounted; shared with everything that is open.
pub(super) struct Mounts {
    pub(super) task: Arc<ReadOnlyTree>,
    pub(super) opt: Arc<ReadOnlyTree>,
    pub(super) managed: Option<ManagedTrees>,
    pub(super) tmp: Mutex<ScratchTree>,
    pub(super) clock: Clock,
    open_files: AtomicUsize,
}

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mount {
    /// `/var/task`: the code.
    Task,
    /// `/opt`: the layers.
    Opt,
    /// `/tmp`.
    Tmp,
    /// `/`, as far as nothing else is mounted: the files of a managed runtime.
    Library,
    /// `/var/bytecode`: what a managed runtime has made of the code.
    Bytecode,
}

/// What a managed runtime adds to a function's files.
#[derive(Clone)]
pub(crate) struct ManagedTrees {
    /// Its own files, the same for all functions.
    pub(crate) library: Arc<ReadOnlyTree>,
    /// What it has made of the function's code.
    pub(crate) bytecode: Arc<ReadOnlyTree>,
}

/// The directories that a guest starts with.
///
/// The code comes first because Go takes the first as its working directory. It comes again as `.` because in
/// wasi-libc relative paths, whose working directory is `/`, go there: as on Lambda, a handler can open the files that
/// were deployed with it by their relative paths. `/opt` is there even without layers, also as on Lambda.
const PREOPENS: [(Mount, &str); 6] = [
    (Mount::Task, "/var/task"),
    (Mount::Opt, "/opt"),
    (Mount::Tmp, "/tmp"),
    (Mount::Task, "."),
    (Mount::Bytecode, "/var/bytecode"),
    (Mount::Library, "/"),
];

impl FileSystem {
    /// Mounts code at `/var/task`, layers at `/opt`, an empty `/tmp` that may take `tmp_limit_bytes`, and what a
    /// managed runtime brings at `/var/bytecode` and `/`.
    pub(crate) fn new(
        task: Arc<ReadOnlyTree>,
        opt: Arc<ReadOnlyTree>,
        managed: Option<ManagedTrees>,
        tmp_limit_bytes: u64,
        clock: Clock,
    ) -> Self {
        let tmp = Mutex::new(ScratchTree::new(tmp_limit_bytes, clock.wall()));
        Self { mounts: Arc::new(Mounts { task, opt, managed, tmp, clock, open_files: AtomicUsize::new(0) }) }
    }

    /// What `/tmp` takes of its limit.
    #[cfg(test)]
    pub(crate) fn tmp_used_bytes(&self) -> u64 {
        self.mounts.tmp.lock().used_bytes()
    }

    /// Opens the directories that a guest starts with, with their paths.
    pub(super) fn preopens(&self) -> impl Iterator<Item = (Result<Descriptor, FileError>, &'static str)> {
        let is_managed = self.mounts.managed.is_some();
        let mounted = move |mount| is_managed || !matches!(mount, Mount::Library | Mount::Bytecode);
        PREOPENS.into_iter().filter(move |(mount, _)| mounted(*mount)).map(|(mount, path)| {
            let descriptor = OpenFile::admit(&self.mounts).map(|open_file| {
                let root = Object::open(Arc::clone(&self.mounts), mount, NodeId::ROOT);
                Descriptor::new(root, Access { read: true, write: false }, open_file)
            });
            (descriptor, path)
        })
    }
}

impl Mounts {
    /// # Panics
    /// If there are none: what is not mounted is not opened.
    pub(super) fn managed(&self) -> &ManagedTrees {
        self.managed.as_ref().expect("only what is mounted is opened")
    }
}

/// One of the files that an environment may have open.
pub(super) struct OpenFile {
    mounts: Arc<Mounts>,
}

impl OpenFile {
    /// Takes one of [`limits::OPEN_FILES`], if there is one left.
    pub(super) fn admit(mounts: &Arc<Mounts>) -> Result<Self, FileError> {
        // Relaxed: the count guards nothing but itself.
        let more = |open: usize| (open < limits::OPEN_FILES).then_some(open + 1);
        match mounts.open_files.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Self { mounts: Arc::clone(mounts) }),
            Err(_) => Err(FileError::TooManyOpenFiles),
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.mounts.open_files.fetch_sub(1, Ordering::Relaxed);
    }
}
