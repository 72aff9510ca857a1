//! Guests' paths: walked through a tree, name by name, and never out of the directory in which they start.

use super::{
    error::FileError,
    tree::{Kind, NodeId, Tree},
};

/// Bytes of a path, as Linux has it: 4,096 with the NUL at the end.
const MAX_PATH_BYTES: usize = 4_095;
/// Bytes of a name.
const MAX_NAME_BYTES: usize = 255;
/// Symbolic links on one walk.
const MAX_LINKS: usize = 40;

/// What to do with a symbolic link at the end of a path. Links before the end are always followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLink {
    /// Follow it.
    Follow,
    /// Stop at it, unless a slash follows, which asks for the directory behind it.
    Keep,
    /// Stop at it in any case: the operation is about the name.
    Name,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// To a directory that the path does not name: it ends in `.` or `..`.
    Unnamed(NodeId),
    /// To a name in a directory, which may or may not exist.
    Named(Entry),
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) directory: NodeId,
    pub(super) name: String,
    pub(super) node: Option<NodeId>,
    /// The path ends in a slash: only a directory will do.
    pub(super) slash: bool,
}

impl Resolved {
    /// What is there.
    pub(super) fn existing(&self, tree: &dyn Tree) -> Result<NodeId, FileError> {
        match self {
            Self::Unnamed(node) => Ok(*node),
            Self::Named(entry) => entry.existing(tree),
        }
    }

    /// The entry, for operations that make, remove or move a name; otherwise the `unnamed` error.
    pub(super) fn named(self, unnamed: FileError) -> Result<Entry, FileError> {
        match self {
            Self::Unnamed(_) => Err(unnamed),
            Self::Named(entry) => Ok(entry),
        }
    }
}

impl Entry {
    /// What has this name.
    pub(super) fn existing(&self, tree: &dyn Tree) -> Result<NodeId, FileError> {
        let node = self.node.ok_or(FileError::NoEntry)?;
        if self.slash && tree.kind(node) != Kind::Directory { Err(FileError::NotDirectory) } else { Ok(node) }
    }
}

/// Walks a path.
///
/// # Errors
/// [`FileError::NotPermitted`] if the path or a link on the way is absolute or climbs above `base`; otherwise what
/// POSIX says.
pub(super) fn resolve(
    tree: &dyn Tree,
    base: NodeId,
    path: &str,
    last_link: LastLink,
) -> Result<Resolved, FileError> {
    check(path)?;
    if tree.kind(base) != Kind::Directory {
        return Err(FileError::NotDirectory);
    }
    // The directories from `base` to here, and what is left to walk: the innermost link's target is on top.
    let mut above = Vec::new();
    let mut here = base;
    let mut rest = vec![path];
    let mut links = 0;
    while let Some(name) = take_name(&mut rest) {
        if name == "." {
            continue;
        }
        if name == ".." {
            here = above.pop().ok_or(FileError::NotPermitted)?;
            continue;
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(FileError::NameTooLong);
        }
        let slash = rest.iter().any(|text| text.starts_with('/'));
        let last = rest.iter().all(|text| text.bytes().all(|byte| byte == b'/'));
        let node = tree.child(here, name);
        let follow = match last_link {
            LastLink::Follow => true,
            LastLink::Keep => !last || slash,
            LastLink::Name => !last,
        };
        if let Some(target) = node.and_then(|node| tree.link_target(node))
            && follow
        {
            links += 1;
            if links > MAX_LINKS {
                return Err(FileError::Loop);
            }
            check(target)?;
            rest.push(target);
        } else if last {
            return Ok(Resolved::Named(Entry { directory: here, name: name.to_owned(), node, slash }));
        } else {
            let node = node.ok_or(FileError::NoEntry)?;
            if tree.kind(node) != Kind::Directory {
                return Err(FileError::NotDirectory);
            }
            above.push(std::mem::replace(&mut here, node));
        }
    }
    Ok(Resolved::Unnamed(here))
}

/// Takes the next name off what is left to walk.
fn take_name<'a>(rest: &mut Vec<&'a str>) -> Option<&'a str> {
    loop {
        let text = rest.last_mut()?;
        *text = text.trim_start_matches('/');
        if text.is_empty() {
            rest.pop();
            continue;
        }
        let (name, tail) = text.split_at(text.find('/').unwrap_or(text.len()));
        *text = tail;
        return Some(name);
    }
}

/// Whether a text can be a path, or the target of a symbolic link.
pub(super) fn check(path: &str) -> Result<(), FileError> {
    if path.is_empty() {
        Err(FileError::NoEntry)
    } else if path.len() > MAX_PATH_BYTES {
        Err(FileError::NameTooLong)
    } else if path.contains('\0') {
        Err(FileError::Invalid)
    } else if path.starts_with('/') {
        Err(FileError::NotPermitted)
    } else {
        Ok(())
    }
}
