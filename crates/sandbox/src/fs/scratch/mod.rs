//! `/tmp`: a writable tree with the semantics of POSIX, and a limit.
//!
//! Space is counted as a disk counts it, in blocks of 4 KiB: those of a file in which something was written, and one
//! for each name or open file without a name. That is kinder than ext4, which has one inode for every 16 KiB, and
//! several times what a name takes in the memory of the host (only a link with the longest possible target takes as
//! much), so the limit bounds that memory too. Holes and the root cost nothing.
//!
//! Nodes are in a table, not in each other: however deep a guest nests its directories, nothing here recurses.

mod inode;
mod names;
#[cfg(test)]
mod tests;

use std::ops::Bound::{Excluded, Unbounded};

use hearth_model::time::Timestamp;
use slab::Slab;

use self::inode::{Body, Directory, Inode};
pub(super) use self::names::Place;
use super::{
    blocks::BlockStore,
    error::FileError,
    tree::{Kind, NodeId, Status, Times, Tree},
};

/// One environment's `/tmp`.
pub(super) struct ScratchTree {
    inodes: Slab<Inode>,
    last_number: u64,
    store: BlockStore,
}

impl ScratchTree {
    /// An empty tree that may take `limit_bytes`.
    pub(super) fn new(limit_bytes: u64, now: Timestamp) -> Self {
        // A single entry: most environments never write.
        let mut inodes = Slab::with_capacity(1);
        let root = Body::Directory(Directory::within(NodeId::ROOT));
        inodes.insert(Inode { number: 0, links: 1, pins: 0, times: Times::all(now), body: root });
        Self { inodes, last_number: 0, store: BlockStore::new(limit_bytes) }
    }

    #[cfg(test)]
    pub(super) fn used_bytes(&self) -> u64 {
        self.store.used_bytes()
    }

    /// Keeps a node from going with its last name; to be ended with [`unpin`](Self::unpin).
    pub(super) fn pin(&mut self, node: NodeId) {
        self.inode_mut(node).pins += 1;
    }

    pub(super) fn unpin(&mut self, node: NodeId) {
        self.inode_mut(node).pins -= 1;
        self.collect(node);
    }

    /// Writes as much as there is room for; returns how much that was.
    ///
    /// # Errors
    /// If not a byte could be written.
    pub(super) fn write(
        &mut self,
        file: NodeId,
        offset: u64,
        data: &[u8],
        now: Timestamp,
    ) -> Result<usize, FileError> {
        let inode = &mut self.inodes[file.index()];
        let Body::File(content) = &mut inode.body else { return Err(FileError::IsDirectory) };
        let written = content.write(&mut self.store, offset, data)?;
        if written > 0 {
            touch(inode, now);
        }
        Ok(written)
    }

    /// Writes at the end; otherwise as [`write`](Self::write).
    pub(super) fn append(&mut self, file: NodeId, data: &[u8], now: Timestamp) -> Result<usize, FileError> {
        self.write(file, self.status(file).size, data, now)
    }

    /// How many of `wanted` bytes can be written at an offset, or at the end.
    ///
    /// # Errors
    /// If none can.
    pub(super) fn room(&self, file: NodeId, offset: Option<u64>, wanted: usize) -> Result<usize, FileError> {
        match &self.inode(file).body {
            Body::File(content) => content.room(&self.store, offset.unwrap_or(content.length()), wanted),
            Body::Directory(_) | Body::SymbolicLink(_) => Err(FileError::IsDirectory),
        }
    }

    pub(super) fn set_size(&mut self, file: NodeId, size: u64, now: Timestamp) -> Result<(), FileError> {
        let inode = &mut self.inodes[file.index()];
        let Body::File(content) = &mut inode.body else { return Err(FileError::IsDirectory) };
        content.set_length(&mut self.store, size)?;
        touch(inode, now);
        Ok(())
    }

    /// Sets the times that are given.
    pub(super) fn set_times(
        &mut self,
        node: NodeId,
        accessed: Option<Timestamp>,
        modified: Option<Timestamp>,
        now: Timestamp,
    ) {
        let times = &mut self.inode_mut(node).times;
        times.accessed = accessed.unwrap_or(times.accessed);
        times.modified = modified.unwrap_or(times.modified);
        times.changed = now;
    }

    /// Removes a node that has neither a name nor anybody who has it open, and gives its space back.
    fn collect(&mut self, node: NodeId) {
        let inode = self.inode(node);
        if inode.links > 0 || inode.pins > 0 {
            return;
        }
        if let Body::File(mut content) = self.inodes.remove(node.index()).body {
            content.clear(&mut self.store);
        }
        self.store.refund();
    }

    fn inode(&self, node: NodeId) -> &Inode {
        &self.inodes[node.index()]
    }

    fn inode_mut(&mut self, node: NodeId) -> &mut Inode {
        &mut self.inodes[node.index()]
    }
}

impl Tree for ScratchTree {
    fn status(&self, node: NodeId) -> Status {
        self.inode(node).status()
    }

    fn kind(&self, node: NodeId) -> Kind {
        self.inode(node).kind()
    }

    fn child(&self, directory: NodeId, name: &str) -> Option<NodeId> {
        self.inode(directory).directory()?.entries.get(name).copied()
    }

    fn entry_after(&self, directory: NodeId, name: Option<&str>) -> Option<(&str, NodeId)> {
        let from = name.map_or(Unbounded, Excluded);
        let entries = &self.inode(directory).directory()?.entries;
        let (name, node) = entries.range::<str, _>((from, Unbounded)).next()?;
        Some((name, *node))
    }

    fn link_target(&self, node: NodeId) -> Option<&str> {
        match &self.inode(node).body {
            Body::SymbolicLink(target) => Some(target),
            Body::File(_) | Body::Directory(_) => None,
        }
    }

    fn read(&self, file: NodeId, offset: u64, buffer: &mut [u8]) -> Result<usize, FileError> {
        match &self.inode(file).body {
            Body::File(content) => content.read(&self.store, offset, buffer),
            Body::Directory(_) | Body::SymbolicLink(_) => Err(FileError::IsDirectory),
        }
    }
}

/// The content changed.
fn touch(inode: &mut Inode, now: Timestamp) {
    inode.times.modified = now;
    inode.times.changed = now;
}
