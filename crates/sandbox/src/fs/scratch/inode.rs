//! What `/tmp` keeps of each file, directory and link.

use std::collections::BTreeMap;

use crate::fs::{
    content::Content,
    tree::{DIRECTORY_BYTES, Kind, NodeId, Status, Times},
};

/// A file, directory or link. It lives as long as it has a name or somebody has it open.
pub(super) struct Inode {
    pub(super) number: u64,
    /// Names that it has.
    pub(super) links: u32,
    /// Who has it open.
    pub(super) pins: u32,
    pub(super) times: Times,
    pub(super) body: Body,
}

pub(super) enum Body {
    File(Content),
    Directory(Directory),
    SymbolicLink(Box<str>),
}

/// Entries by name, and where the directory itself is. The root is its own parent.
pub(super) struct Directory {
    pub(super) parent: NodeId,
    pub(super) entries: BTreeMap<Box<str>, NodeId>,
}

impl Directory {
    pub(super) fn within(parent: NodeId) -> Self {
        Self { parent, entries: BTreeMap::new() }
    }
}

impl Inode {
    pub(super) fn kind(&self) -> Kind {
        match self.body {
            Body::File(_) => Kind::File,
            Body::Directory(_) => Kind::Directory,
            Body::SymbolicLink(_) => Kind::SymbolicLink,
        }
    }

    pub(super) fn directory(&self) -> Option<&Directory> {
        match &self.body {
            Body::Directory(directory) => Some(directory),
            Body::File(_) | Body::SymbolicLink(_) => None,
        }
    }

    pub(super) fn status(&self) -> Status {
        let size = match &self.body {
            Body::File(content) => content.length(),
            Body::Directory(_) => DIRECTORY_BYTES,
            Body::SymbolicLink(target) => target.len() as u64,
        };
        Status { kind: self.kind(), links: self.links, size, times: self.times, number: self.number }
    }
}
