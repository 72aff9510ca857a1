//! A node of a mount that somebody has open.

use std::sync::Arc;

use hearth_model::time::Timestamp;

use super::{
    error::FileError,
    file_system::{Mount, Mounts},
    scratch::ScratchTree,
    tree::{Kind, NodeId, Status, Tree},
};

/// Keeps a node alive, whether or not it still has a name.
pub(super) struct Object {
    mounts: Arc<Mounts>,
    mount: Mount,
    node: NodeId,
}

impl Object {
    /// Opens a node that exists.
    pub(super) fn open(mounts: Arc<Mounts>, mount: Mount, node: NodeId) -> Self {
        if mount == Mount::Tmp {
            mounts.tmp.lock().pin(node);
        }
        Self { mounts, mount, node }
    }

    pub(super) fn mounts(&self) -> &Arc<Mounts> {
        &self.mounts
    }

    pub(super) fn mount(&self) -> Mount {
        self.mount
    }

    pub(super) fn node(&self) -> NodeId {
        self.node
    }

    pub(super) fn now(&self) -> Timestamp {
        self.mounts.clock.wall()
    }

    /// Looks at the tree that the node is in.
    pub(super) fn look<R>(&self, look: impl FnOnce(&dyn Tree) -> R) -> R {
        match self.mount {
            Mount::Task => look(&*self.mounts.task),
            Mount::Opt => look(&*self.mounts.opt),
            Mount::Tmp => look(&*self.mounts.tmp.lock()),
            Mount::Library => look(&*self.mounts.managed().library),
            Mount::Bytecode => look(&*self.mounts.managed().bytecode),
        }
    }

    /// Changes the tree that the node is in.
    ///
    /// # Errors
    /// [`FileError::ReadOnly`] if it is code or a layer.
    pub(super) fn change<R>(
        &self,
        change: impl FnOnce(&mut ScratchTree, Timestamp) -> Result<R, FileError>,
    ) -> Result<R, FileError> {
        match self.mount {
            Mount::Task | Mount::Opt | Mount::Library | Mount::Bytecode => Err(FileError::ReadOnly),
            Mount::Tmp => change(&mut self.mounts.tmp.lock(), self.now()),
        }
    }

    pub(super) fn status(&self) -> Status {
        self.look(|tree| tree.status(self.node))
    }

    pub(super) fn kind(&self) -> Kind {
        self.look(|tree| tree.kind(self.node))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.mounts, &other.mounts) && self.mount == other.mount && self.node == other.node
    }

    /// Reads at most `length` bytes; fewer only at the end.
    pub(super) fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, FileError> {
        self.look(|tree| {
            let left = tree.status(self.node).size.saturating_sub(offset);
            let mut buffer = vec![0; usize::try_from(left).map_or(length, |left| left.min(length))];
            let read = tree.read(self.node, offset, &mut buffer)?;
            buffer.truncate(read);
            Ok(buffer)
        })
    }
}

impl Clone for Object {
    fn clone(&self) -> Self {
        Self::open(Arc::clone(&self.mounts), self.mount, self.node)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if self.mount == Mount::Tmp {
            self.mounts.tmp.lock().unpin(self.node);
        }
    }
}
