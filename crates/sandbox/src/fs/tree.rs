//! What the trees behind the mounts have in common.

use hearth_model::time::Timestamp;

use super::error::FileError;

/// A file, directory or link of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) u32);

impl NodeId {
    /// Every tree's root.
    pub(super) const ROOT: Self = Self(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    SymbolicLink,
}

/// When something last happened to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// Set when the node is made and by the guest; reading leaves it alone, as on a disk mounted with `noatime`.
    pub(super) accessed: Timestamp,
    /// The content changed.
    pub(super) modified: Timestamp,
    /// Content, names or times changed.
    pub(super) changed: Timestamp,
}

impl Times {
    pub(super) const fn all(at: Timestamp) -> Self {
        Self { accessed: at, modified: at, changed: at }
    }
}

/// What `stat` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: Kind,
    /// Names that the node has. A directory has one, as on btrfs.
    pub(super) links: u32,
    pub(super) size: u64,
    pub(super) times: Times,
    /// Never used for another node of the same tree.
    pub(super) number: u64,
}

/// The size that a directory shows.
pub(super) const DIRECTORY_BYTES: u64 = 4096;

/// A tree to look things up in. Node ids must be of nodes that exist.
pub(super) trait Tree {
    fn status(&self, node: NodeId) -> Status;

    fn kind(&self, node: NodeId) -> Kind;

    /// The entry of that name. Nothing but directories has entries.
    fn child(&self, directory: NodeId, name: &str) -> Option<NodeId>;

    /// The first entry whose name sorts after `name`, or the first of all.
    fn entry_after(&self, directory: NodeId, name: Option<&str>) -> Option<(&str, NodeId)>;

    /// What a symbolic link says.
    fn link_target(&self, node: NodeId) -> Option<&str>;

    /// Reads from a file into the whole buffer, or up to the file's end; returns how much that was.
    fn read(&self, file: NodeId, offset: u64, buffer: &mut [u8]) -> Result<usize, FileError>;
}
