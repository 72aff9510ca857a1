//! Open files and directories, as the guest holds them.

use hearth_model::time::Timestamp;

use super::{
    error::FileError,
    file_system::{Mount, OpenFile},
    object::Object,
    stream::{DirectoryEntries, FileReader, FileWriter, Position},
    tree::{Kind, Status, Times},
};

/// What a file was opened for. It says nothing about directories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) read: bool,
    pub(super) write: bool,
}

/// The resource behind `wasi:filesystem`'s `descriptor`.
///
/// What takes a path is in [`directory`](super::directory).
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Descriptor {
    pub(super) object: Object,
    access: Access,
    _open_file: OpenFile,
}

/// New times of a file; `None` leaves a time as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NewTimes {
    pub(super) accessed: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
}

/// What tells files apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// Of the file: never the same for two. wasi-libc shows it as the inode's number.
    pub(super) file: u64,
    /// Of its state: another one when the file has changed.
    pub(super) state: u64,
}

impl Descriptor {
    pub(super) fn new(object: Object, access: Access, open_file: OpenFile) -> Self {
        Self { object, access, _open_file: open_file }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    pub(super) fn kind(&self) -> Kind {
        self.object.kind()
    }

    /// Whether it is a directory in which things can be made.
    pub(super) fn is_mutable_directory(&self) -> bool {
        self.object.mount() == Mount::Tmp && self.kind() == Kind::Directory
    }

    pub(super) fn status(&self) -> Status {
        self.object.status()
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::of(self.object.mount(), &self.status())
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.object.is_same(&other.object)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.object.now()
    }

    /// Reads at most `length` bytes; fewer only at the end. Tells also whether that is the end.
    pub(super) fn read(&self, offset: u64, length: usize) -> Result<(Vec<u8>, bool), FileError> {
        self.expect_readable()?;
        let data = self.object.read(offset, length)?;
        let at_end = offset.saturating_add(data.len() as u64) >= self.status().size;
        Ok((data, at_end))
    }

    /// Writes as much as there is room for; returns how much that was.
    pub(super) fn write(&self, offset: u64, data: &[u8]) -> Result<usize, FileError> {
        self.expect_writable()?;
        self.object.change(|tree, now| tree.write(self.object.node(), offset, data, now))
    }

    pub(super) fn reader(&self, offset: u64) -> Result<FileReader, FileError> {
        self.expect_readable()?;
        Ok(FileReader::new(self.object.clone(), offset))
    }

    pub(super) fn writer(&self, position: Position) -> Result<FileWriter, FileError> {
        self.expect_writable()?;
        Ok(FileWriter::new(self.object.clone(), position))
    }

    pub(super) fn entries(&self) -> Result<DirectoryEntries, FileError> {
        if self.kind() != Kind::Directory {
            return Err(FileError::NotDirectory);
        }
        Ok(DirectoryEntries::new(self.object.clone()))
    }

    pub(super) fn set_size(&self, size: u64) -> Result<(), FileError> {
        self.expect_file()?;
        if !self.access.write {
            return Err(FileError::Invalid);
        }
        self.object.change(|tree, now| tree.set_size(self.object.node(), size, now))
    }

    pub(super) fn set_times(&self, times: NewTimes) -> Result<(), FileError> {
        self.object.change(|tree, now| {
            tree.set_times(self.object.node(), times.accessed, times.modified, now);
            Ok(())
        })
    }

    fn expect_readable(&self) -> Result<(), FileError> {
        self.expect_file()?;
        if self.access.read { Ok(()) } else { Err(FileError::BadDescriptor) }
    }

    fn expect_writable(&self) -> Result<(), FileError> {
        if self.access.write { Ok(()) } else { Err(FileError::BadDescriptor) }
    }

    fn expect_file(&self) -> Result<(), FileError> {
        if self.kind() == Kind::Directory { Err(FileError::IsDirectory) } else { Ok(()) }
    }
}

impl Identity {
    pub(super) fn of(mount: Mount, status: &Status) -> Self {
        let mount = match mount {
            Mount::Task => 1,
            Mount::Opt => 2,
            Mount::Tmp => 3,
            Mount::Library => 4,
            Mount::Bytecode => 5,
        };
        let Times { modified, changed, .. } = status.times;
        let state = [modified.as_unix_nanos(), changed.as_unix_nanos()]
            .into_iter()
            // Any odd factor will do: nobody else computes this.
            .fold(status.size, |state, nanos| {
                state.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ nanos.cast_unsigned()
            });
        Self { file: mount << 56 | status.number, state }
    }
}
