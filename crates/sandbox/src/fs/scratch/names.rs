//! Making, removing and moving names in `/tmp`.

use std::collections::BTreeMap;

use hearth_model::time::Timestamp;

use super::{Body, Directory, Inode, ScratchTree, touch};
use crate::fs::{
    content::Content,
    error::FileError,
    path,
    tree::{Kind, NodeId, Times, Tree},
};

/// Names that a file can have, as on ext4.
const MAX_LINKS: u32 = 65_000;

/// A name in a directory.
#[derive(Clone, Copy)]
pub(in crate::fs) struct Place<'a> {
    pub(in crate::fs) directory: NodeId,
    pub(in crate::fs) name: &'a str,
}

impl ScratchTree {
    pub(in crate::fs) fn create_file(&mut self, at: Place<'_>, now: Timestamp) -> Result<NodeId, FileError> {
        self.create(at, Body::File(Content::default()), now)
    }

    pub(in crate::fs) fn create_directory(
        &mut self,
        at: Place<'_>,
        now: Timestamp,
    ) -> Result<NodeId, FileError> {
        self.create(at, Body::Directory(Directory::within(at.directory)), now)
    }

    /// Makes a symbolic link. Its target need not exist, but an absolute one could never be followed.
    pub(in crate::fs) fn create_symbolic_link(
        &mut self,
        at: Place<'_>,
        target: &str,
        now: Timestamp,
    ) -> Result<NodeId, FileError> {
        path::check(target)?;
        self.create(at, Body::SymbolicLink(target.into()), now)
    }

    /// Gives a file one more name.
    pub(in crate::fs) fn link(
        &mut self,
        node: NodeId,
        at: Place<'_>,
        now: Timestamp,
    ) -> Result<(), FileError> {
        self.expect_absent(at)?;
        let inode = self.inode(node);
        if inode.kind() == Kind::Directory {
            return Err(FileError::NotPermitted);
        }
        if inode.links >= MAX_LINKS {
            return Err(FileError::TooManyLinks);
        }
        self.store.charge()?;
        let inode = self.inode_mut(node);
        inode.links += 1;
        inode.times.changed = now;
        self.insert(at, node, now);
        Ok(())
    }

    /// Removes a name of something that is not a directory.
    pub(in crate::fs) fn unlink(&mut self, at: Place<'_>, now: Timestamp) -> Result<(), FileError> {
        let node = self.child(at.directory, at.name).ok_or(FileError::NoEntry)?;
        if self.kind(node) == Kind::Directory {
            return Err(FileError::IsDirectory);
        }
        self.remove(at, now);
        self.drop_link(node, now);
        Ok(())
    }

    /// Removes an empty directory.
    pub(in crate::fs) fn remove_directory(&mut self, at: Place<'_>, now: Timestamp) -> Result<(), FileError> {
        let node = self.child(at.directory, at.name).ok_or(FileError::NoEntry)?;
        self.expect_empty_directory(node)?;
        self.remove(at, now);
        self.drop_link(node, now);
        Ok(())
    }

    /// Gives something another name, and replaces what had it.
    pub(in crate::fs) fn rename(
        &mut self,
        from: Place<'_>,
        to: Place<'_>,
        now: Timestamp,
    ) -> Result<(), FileError> {
        let node = self.child(from.directory, from.name).ok_or(FileError::NoEntry)?;
        let is_directory = self.kind(node) == Kind::Directory;
        let replaced = self.child(to.directory, to.name);
        if replaced.is_none() {
            self.expect_absent(to)?;
        }
        if is_directory && self.is_within(to.directory, node) {
            return Err(FileError::Invalid);
        }
        if let Some(replaced) = replaced {
            if replaced == node {
                // Two names of one file: POSIX wants both to stay.
                return Ok(());
            }
            if is_directory {
                self.expect_empty_directory(replaced)?;
            } else if self.kind(replaced) == Kind::Directory {
                return Err(FileError::IsDirectory);
            }
            self.remove(to, now);
            self.drop_link(replaced, now);
        }
        self.remove(from, now);
        self.insert(to, node, now);
        let inode = self.inode_mut(node);
        inode.times.changed = now;
        if let Body::Directory(directory) = &mut inode.body {
            directory.parent = to.directory;
        }
        Ok(())
    }

    fn create(&mut self, at: Place<'_>, body: Body, now: Timestamp) -> Result<NodeId, FileError> {
        self.expect_absent(at)?;
        self.store.charge()?;
        self.last_number += 1;
        let inode = Inode { number: self.last_number, links: 1, pins: 0, times: Times::all(now), body };
        let index = self.inodes.insert(inode);
        let node = NodeId(u32::try_from(index).expect("the limit allows fewer than 2^32 inodes"));
        self.insert(at, node, now);
        Ok(node)
    }

    /// Whether a name can be made.
    fn expect_absent(&self, at: Place<'_>) -> Result<(), FileError> {
        if self.child(at.directory, at.name).is_some() {
            return Err(FileError::Exist);
        }
        // A removed directory lives on while it is open, but nothing can be put into it.
        if self.inode(at.directory).links == 0 { Err(FileError::NoEntry) } else { Ok(()) }
    }

    fn expect_empty_directory(&self, node: NodeId) -> Result<(), FileError> {
        match self.inode(node).directory() {
            Some(directory) if directory.entries.is_empty() => Ok(()),
            Some(_) => Err(FileError::NotEmpty),
            None => Err(FileError::NotDirectory),
        }
    }

    /// Whether `directory`, which must have a name, is `ancestor` or below it.
    fn is_within(&self, directory: NodeId, ancestor: NodeId) -> bool {
        let mut here = directory;
        while here != ancestor {
            let parent = self.inode(here).directory().expect("names are in directories").parent;
            if parent == here {
                return false;
            }
            here = parent;
        }
        true
    }

    fn insert(&mut self, at: Place<'_>, node: NodeId, now: Timestamp) {
        self.change(at.directory, now).insert(at.name.into(), node);
    }

    fn remove(&mut self, at: Place<'_>, now: Timestamp) {
        self.change(at.directory, now).remove(at.name);
    }

    /// The entries of a directory that is about to change.
    fn change(&mut self, directory: NodeId, now: Timestamp) -> &mut BTreeMap<Box<str>, NodeId> {
        let inode = self.inode_mut(directory);
        touch(inode, now);
        match &mut inode.body {
            Body::Directory(directory) => &mut directory.entries,
            Body::File(_) | Body::SymbolicLink(_) => unreachable!("names are in directories"),
        }
    }

    /// One name less. Every name but the last gives its block back; the last one's goes with the node.
    fn drop_link(&mut self, node: NodeId, now: Timestamp) {
        let inode = self.inode_mut(node);
        inode.links -= 1;
        inode.times.changed = now;
        if inode.links > 0 {
            self.store.refund();
        } else {
            self.collect(node);
        }
    }
}
