//! Files as streams of bytes, and directories as streams of entries.
//!
//! Nothing here waits: a file is in memory or in the page cache of the host's disk, and a call moves at most
//! [`CHUNK_BYTES`]. That is also why no task is spawned for it.

use bytes::Bytes;
use wasmtime_wasi_io::{
    async_trait,
    poll::Pollable,
    streams::{InputStream, OutputStream, StreamError, StreamResult},
};

use super::{error::FileError, object::Object, tree::Kind};

/// The most that one call reads, or is allowed to write.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Reads a file from an offset on.
///
/// At the end it is closed until the file grows, so that a guest can follow a file that it writes.
pub(super) struct FileReader {
    object: Object,
    offset: u64,
}

impl FileReader {
    pub(super) fn new(object: Object, offset: u64) -> Self {
        Self { object, offset }
    }
}

#[async_trait]
impl InputStream for FileReader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let data = self.object.read(self.offset, size.min(CHUNK_BYTES)).map_err(failed)?;
        if data.is_empty() && size > 0 {
            return Err(StreamError::Closed);
        }
        self.offset += data.len() as u64;
        Ok(data.into())
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.read(size)
    }
}

#[async_trait]
impl Pollable for FileReader {
    async fn ready(&mut self) {}
}

/// Where a [`FileWriter`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// From this offset on.
    At(u64),
    /// At the end, wherever that is by then.
    End,
}

/// Writes to a file.
///
/// When there is no space left it fails but stays open: wasi-libc keeps one stream for an open file, and a guest that
/// has made room can go on writing, as on Linux.
pub(super) struct FileWriter {
    object: Object,
    position: Position,
}

impl FileWriter {
    pub(super) fn new(object: Object, position: Position) -> Self {
        Self { object, position }
    }
}

#[async_trait]
impl OutputStream for FileWriter {
    fn check_write(&mut self) -> StreamResult<usize> {
        let offset = match self.position {
            Position::At(offset) => Some(offset),
            Position::End => None,
        };
        let node = self.object.node();
        self.object.change(|tree, _| tree.room(node, offset, CHUNK_BYTES)).map_err(failed)
    }

    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let (node, position) = (self.object.node(), self.position);
        let written = self.object.change(|tree, now| match position {
            Position::At(offset) => tree.write(node, offset, &bytes, now),
            Position::End => tree.append(node, &bytes, now),
        });
        if written.map_err(failed)? < bytes.len() {
            return Err(failed(FileError::InsufficientSpace));
        }
        if let Position::At(offset) = &mut self.position {
            *offset += bytes.len() as u64;
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
}

#[async_trait]
impl Pollable for FileWriter {
    async fn ready(&mut self) {}
}

/// The failure of a stream, from which `filesystem-error-code` gets the [`FileError`] back.
fn failed(error: FileError) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

/// The resource behind `wasi:filesystem`'s `directory-entry-stream`: the entries of a directory in the order of their
/// names.
///
/// It remembers a name, not the entries: whatever happens to the directory meanwhile, it tells every entry that stays
/// once, and a guest with many streams takes no more memory than that.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct DirectoryEntries {
    object: Object,
    last: Option<String>,
}

impl DirectoryEntries {
    pub(super) fn new(object: Object) -> Self {
        Self { object, last: None }
    }

    /// The next entry, or `None` at the end.
    pub(super) fn next_entry(&mut self) -> Option<(Kind, String)> {
        let (kind, name) = self.object.look(|tree| {
            let (name, node) = tree.entry_after(self.object.node(), self.last.as_deref())?;
            Some((tree.kind(node), name.to_owned()))
        })?;
        self.last = Some(name.clone());
        Some((kind, name))
    }
}
