//! What takes a path: operations of directories on what is in them.

use std::sync::Arc;

use hearth_model::time::Timestamp;

use super::{
    descriptor::{Access, Descriptor, Identity, NewTimes},
    error::FileError,
    file_system::{Mount, OpenFile},
    object::Object,
    path::{Entry, LastLink, Resolved, resolve},
    scratch::{Place, ScratchTree},
    tree::{Kind, NodeId, Status, Tree},
};

/// How to open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OpenOptions {
    /// Follow a link at the end of the path.
    pub(super) follow: bool,
    /// Make a file if nothing is there.
    pub(super) create: bool,
    /// With `create`: fail if something is there.
    pub(super) exclusive: bool,
    /// Fail if it is no directory.
    pub(super) directory: bool,
    /// Empty the file.
    pub(super) truncate: bool,
    pub(super) access: Access,
}

impl Descriptor {
    pub(super) fn status_at(&self, path: &str, last_link: LastLink) -> Result<Status, FileError> {
        self.object.look(|tree| Ok(tree.status(self.existing(tree, path, last_link)?)))
    }

    pub(super) fn identity_at(&self, path: &str, last_link: LastLink) -> Result<Identity, FileError> {
        Ok(Identity::of(self.object.mount(), &self.status_at(path, last_link)?))
    }

    pub(super) fn set_times_at(
        &self,
        path: &str,
        last_link: LastLink,
        times: NewTimes,
    ) -> Result<(), FileError> {
        self.object.change(|tree, now| {
            let node = self.existing(tree, path, last_link)?;
            tree.set_times(node, times.accessed, times.modified, now);
            Ok(())
        })
    }

    /// What a symbolic link says.
    pub(super) fn link_target_at(&self, path: &str) -> Result<String, FileError> {
        self.object.look(|tree| {
            let node = self.existing(tree, path, LastLink::Keep)?;
            tree.link_target(node).map(str::to_owned).ok_or(FileError::Invalid)
        })
    }

    pub(super) fn open_at(&self, path: &str, options: OpenOptions) -> Result<Self, FileError> {
        if options.directory && (options.create || options.exclusive || options.truncate) {
            return Err(FileError::Invalid);
        }
        let mount = self.object.mount();
        let open_file = OpenFile::admit(self.object.mounts())?;
        let node = match mount {
            Mount::Task | Mount::Opt | Mount::Library | Mount::Bytecode => {
                self.object.look(|tree| self.find_to_read(tree, path, options))?
            }
            Mount::Tmp => self.object.change(|tree, now| self.find_or_create(tree, path, options, now))?,
        };
        let object = Object::open(Arc::clone(self.object.mounts()), mount, node);
        Ok(Self::new(object, options.access, open_file))
    }

    pub(super) fn create_directory_at(&self, path: &str) -> Result<(), FileError> {
        self.create(path, |tree, entry, now| tree.create_directory(entry.place(), now).map(drop))
    }

    pub(super) fn create_symbolic_link_at(&self, target: &str, path: &str) -> Result<(), FileError> {
        self.create(path, |tree, entry, now| {
            entry.expect_no_directory_wanted()?;
            tree.create_symbolic_link(entry.place(), target, now).map(drop)
        })
    }

    /// Gives what is at `path` another name, in this directory or another one.
    pub(super) fn link_at(
        &self,
        path: &str,
        last_link: LastLink,
        other: &Self,
        other_path: &str,
    ) -> Result<(), FileError> {
        self.expect_same_mount(other)?;
        other.create(other_path, |tree, entry, now| {
            let node = self.existing(tree, path, last_link)?;
            entry.expect_no_directory_wanted()?;
            tree.link(node, entry.place(), now)
        })
    }

    pub(super) fn unlink_at(&self, path: &str) -> Result<(), FileError> {
        self.object.change(|tree, now| {
            let entry = self.walk(tree, path, LastLink::Name)?.named(FileError::IsDirectory)?;
            entry.existing(tree)?;
            tree.unlink(entry.place(), now)
        })
    }

    pub(super) fn remove_directory_at(&self, path: &str) -> Result<(), FileError> {
        self.object.change(|tree, now| {
            let entry = self.walk(tree, path, LastLink::Name)?.named(FileError::Invalid)?;
            tree.remove_directory(entry.place(), now)
        })
    }

    /// Gives what is at `path` another name in its place, in this directory or another one.
    pub(super) fn rename_at(&self, path: &str, other: &Self, other_path: &str) -> Result<(), FileError> {
        self.expect_same_mount(other)?;
        self.object.change(|tree, now| {
            let from = self.walk(tree, path, LastLink::Name)?.named(FileError::Busy)?;
            let to = other.walk(tree, other_path, LastLink::Name)?.named(FileError::Busy)?;
            let node = from.existing(tree)?;
            if to.slash && tree.kind(node) != Kind::Directory {
                return Err(FileError::NotDirectory);
            }
            tree.rename(from.place(), to.place(), now)
        })
    }

    fn walk(&self, tree: &dyn Tree, path: &str, last_link: LastLink) -> Result<Resolved, FileError> {
        resolve(tree, self.object.node(), path, last_link)
    }

    fn existing(&self, tree: &dyn Tree, path: &str, last_link: LastLink) -> Result<NodeId, FileError> {
        self.walk(tree, path, last_link)?.existing(tree)
    }

    /// Makes a new name.
    fn create(
        &self,
        path: &str,
        make: impl FnOnce(&mut ScratchTree, &Entry, Timestamp) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        if self.object.mount() != Mount::Tmp {
            // As on Linux: `mkdir -p` of a directory that is there must not stumble over a read-only file system.
            return Err(match self.status_at(path, LastLink::Name) {
                Ok(_) => FileError::Exist,
                Err(FileError::NoEntry) => FileError::ReadOnly,
                Err(error) => error,
            });
        }
        self.object.change(|tree, now| {
            let entry = self.walk(tree, path, LastLink::Name)?.named(FileError::Exist)?;
            make(tree, &entry, now)
        })
    }

    fn find_to_read(&self, tree: &dyn Tree, path: &str, options: OpenOptions) -> Result<NodeId, FileError> {
        let resolved = self.walk(tree, path, options.last_link())?;
        match options.choose(tree, &resolved)? {
            Some(node) if !options.access.write && !options.truncate => Ok(node),
            Some(_) | None => Err(FileError::ReadOnly),
        }
    }

    fn find_or_create(
        &self,
        tree: &mut ScratchTree,
        path: &str,
        options: OpenOptions,
        now: Timestamp,
    ) -> Result<NodeId, FileError> {
        let resolved = self.walk(tree, path, options.last_link())?;
        if let Some(node) = options.choose(tree, &resolved)? {
            if options.truncate {
                tree.set_size(node, 0, now)?;
            }
            return Ok(node);
        }
        let entry = resolved.named(FileError::IsDirectory)?;
        if entry.slash { Err(FileError::IsDirectory) } else { tree.create_file(entry.place(), now) }
    }

    fn expect_same_mount(&self, other: &Self) -> Result<(), FileError> {
        if self.object.mount() == other.object.mount() { Ok(()) } else { Err(FileError::CrossDevice) }
    }
}

impl OpenOptions {
    fn last_link(&self) -> LastLink {
        if self.follow && !(self.create && self.exclusive) { LastLink::Follow } else { LastLink::Keep }
    }

    /// The node to open, or `None` if it has yet to be made.
    fn choose(&self, tree: &dyn Tree, resolved: &Resolved) -> Result<Option<NodeId>, FileError> {
        let node = match resolved.existing(tree) {
            Ok(_) if self.create && self.exclusive => return Err(FileError::Exist),
            Ok(node) => node,
            Err(FileError::NoEntry) if self.create => return Ok(None),
            Err(error) => return Err(error),
        };
        match tree.kind(node) {
            Kind::Directory if self.create || self.truncate || self.access.write => {
                Err(FileError::IsDirectory)
            }
            Kind::File | Kind::SymbolicLink if self.directory => Err(FileError::NotDirectory),
            Kind::SymbolicLink => Err(FileError::Loop),
            Kind::Directory | Kind::File => Ok(Some(node)),
        }
    }
}

impl Entry {
    fn place(&self) -> Place<'_> {
        Place { directory: self.directory, name: &self.name }
    }

    /// What is to be made is no directory, so its path must not end in a slash.
    fn expect_no_directory_wanted(&self) -> Result<(), FileError> {
        if self.slash && self.node.is_none() { Err(FileError::NoEntry) } else { Ok(()) }
    }
}
