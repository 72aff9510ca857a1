//! What `/tmp` should do, said as plainly as possible: nodes in a list that only grows, data in vectors, and space
//! counted anew whenever somebody asks.

use std::collections::{BTreeMap, BTreeSet};

use crate::fs::{blocks::BLOCK_BYTES, error::FileError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ModelId(usize);

pub(super) struct Model {
    limit_blocks: u64,
    nodes: Vec<ModelNode>,
}

struct ModelNode {
    pins: u32,
    body: ModelBody,
}

enum ModelBody {
    File { data: Vec<u8>, blocks: BTreeSet<usize> },
    Directory(BTreeMap<String, ModelId>),
    Link(String),
}

type At<'a> = (ModelId, &'a str);
type Outcome = Result<usize, FileError>;

impl Model {
    pub(super) const ROOT: ModelId = ModelId(0);

    pub(super) fn new(limit_blocks: u64) -> Self {
        let root = ModelNode { pins: 0, body: ModelBody::Directory(BTreeMap::new()) };
        Self { limit_blocks, nodes: vec![root] }
    }

    pub(super) fn limit_blocks(&self) -> u64 {
        self.limit_blocks
    }

    pub(super) fn used_blocks(&self) -> u64 {
        let mut used = 0;
        for (index, node) in self.nodes.iter().enumerate().skip(1) {
            let links = u64::from(self.links(ModelId(index)));
            if links > 0 || node.pins > 0 {
                used += links.max(1);
                if let ModelBody::File { blocks, .. } = &node.body {
                    used += blocks.len() as u64;
                }
            }
        }
        used
    }

    /// How often a node is an entry of a directory.
    pub(super) fn links(&self, id: ModelId) -> u32 {
        let names = self.nodes.iter().map(|node| match &node.body {
            ModelBody::Directory(entries) => entries.values().filter(|child| **child == id).count(),
            ModelBody::File { .. } | ModelBody::Link(_) => 0,
        });
        let names: usize = names.sum();
        u32::from(id == Self::ROOT) + u32::try_from(names).expect("is small")
    }

    pub(super) fn is_directory(&self, id: ModelId) -> bool {
        matches!(self.nodes[id.0].body, ModelBody::Directory(_))
    }

    pub(super) fn entries(&self, id: ModelId) -> impl Iterator<Item = (&str, ModelId)> {
        let entries = match &self.nodes[id.0].body {
            ModelBody::Directory(entries) => Some(entries),
            ModelBody::File { .. } | ModelBody::Link(_) => None,
        };
        entries.into_iter().flatten().map(|(name, child)| (name.as_str(), *child))
    }

    pub(super) fn child(&self, directory: ModelId, name: &str) -> Option<ModelId> {
        self.entries(directory).find(|(entry, _)| *entry == name).map(|(_, child)| child)
    }

    pub(super) fn data(&self, id: ModelId) -> &[u8] {
        match &self.nodes[id.0].body {
            ModelBody::File { data, .. } => data,
            ModelBody::Directory(_) | ModelBody::Link(_) => panic!("the tree has a file"),
        }
    }

    pub(super) fn target(&self, id: ModelId) -> &str {
        match &self.nodes[id.0].body {
            ModelBody::Link(target) => target,
            ModelBody::Directory(_) | ModelBody::File { .. } => panic!("the tree has a link"),
        }
    }

    pub(super) fn pin(&mut self, id: ModelId) {
        self.nodes[id.0].pins += 1;
    }

    pub(super) fn unpin(&mut self, id: ModelId) {
        self.nodes[id.0].pins -= 1;
    }

    pub(super) fn create_file(&mut self, at: At<'_>) -> Outcome {
        self.create(at, ModelBody::File { data: Vec::new(), blocks: BTreeSet::new() })
    }

    pub(super) fn create_directory(&mut self, at: At<'_>) -> Outcome {
        self.create(at, ModelBody::Directory(BTreeMap::new()))
    }

    pub(super) fn create_link(&mut self, at: At<'_>, target: &str) -> Outcome {
        if target.is_empty() {
            return Err(FileError::NoEntry);
        }
        if target.starts_with('/') {
            return Err(FileError::NotPermitted);
        }
        self.create(at, ModelBody::Link(target.to_owned()))
    }

    pub(super) fn link(&mut self, from: At<'_>, to: At<'_>) -> Outcome {
        let id = self.child(from.0, from.1).ok_or(FileError::NoEntry)?;
        self.check_new(to)?;
        if self.is_directory(id) {
            return Err(FileError::NotPermitted);
        }
        self.check_room()?;
        self.directory(to.0).insert(to.1.to_owned(), id);
        Ok(0)
    }

    pub(super) fn unlink(&mut self, at: At<'_>) -> Outcome {
        let id = self.child(at.0, at.1).ok_or(FileError::NoEntry)?;
        if self.is_directory(id) {
            return Err(FileError::IsDirectory);
        }
        self.directory(at.0).remove(at.1);
        Ok(0)
    }

    pub(super) fn remove_directory(&mut self, at: At<'_>) -> Outcome {
        let id = self.child(at.0, at.1).ok_or(FileError::NoEntry)?;
        self.check_empty(id)?;
        self.directory(at.0).remove(at.1);
        Ok(0)
    }

    pub(super) fn rename(&mut self, from: At<'_>, to: At<'_>) -> Outcome {
        let id = self.child(from.0, from.1).ok_or(FileError::NoEntry)?;
        let replaced = self.child(to.0, to.1);
        if replaced.is_none() {
            self.check_new(to)?;
        }
        if self.is_below(to.0, id) {
            return Err(FileError::Invalid);
        }
        if replaced == Some(id) {
            return Ok(0);
        }
        if let Some(replaced) = replaced {
            if self.is_directory(id) {
                self.check_empty(replaced)?;
            } else if self.is_directory(replaced) {
                return Err(FileError::IsDirectory);
            }
        }
        self.directory(from.0).remove(from.1);
        self.directory(to.0).insert(to.1.to_owned(), id);
        Ok(0)
    }

    pub(super) fn write(&mut self, id: ModelId, offset: u64, bytes: &[u8]) -> Outcome {
        let mut room = self.limit_blocks - self.used_blocks();
        let offset = usize::try_from(offset).expect("is small");
        let ModelBody::File { data, blocks } = &mut self.nodes[id.0].body else {
            return Err(FileError::IsDirectory);
        };
        let mut written = 0;
        while written < bytes.len() {
            let block = (offset + written) / BLOCK_BYTES;
            if !blocks.contains(&block) {
                if room == 0 {
                    break;
                }
                room -= 1;
                blocks.insert(block);
            }
            written = bytes.len().min((block + 1) * BLOCK_BYTES - offset);
        }
        if written == 0 && !bytes.is_empty() {
            return Err(FileError::InsufficientSpace);
        }
        if written > 0 {
            data.resize(data.len().max(offset + written), 0);
            data[offset..offset + written].copy_from_slice(&bytes[..written]);
        }
        Ok(written)
    }

    pub(super) fn append(&mut self, id: ModelId, bytes: &[u8]) -> Outcome {
        let end = match &self.nodes[id.0].body {
            ModelBody::File { data, .. } => data.len() as u64,
            ModelBody::Directory(_) | ModelBody::Link(_) => 0,
        };
        self.write(id, end, bytes)
    }

    pub(super) fn set_size(&mut self, id: ModelId, size: u64) -> Outcome {
        let size = usize::try_from(size).expect("is small");
        let ModelBody::File { data, blocks } = &mut self.nodes[id.0].body else {
            return Err(FileError::IsDirectory);
        };
        data.resize(size, 0);
        blocks.retain(|block| block * BLOCK_BYTES < size);
        Ok(0)
    }

    fn create(&mut self, at: At<'_>, body: ModelBody) -> Outcome {
        self.check_new(at)?;
        self.check_room()?;
        let id = ModelId(self.nodes.len());
        self.nodes.push(ModelNode { pins: 0, body });
        self.directory(at.0).insert(at.1.to_owned(), id);
        Ok(0)
    }

    fn check_new(&self, at: At<'_>) -> Result<(), FileError> {
        if self.child(at.0, at.1).is_some() {
            Err(FileError::Exist)
        } else if self.links(at.0) == 0 {
            Err(FileError::NoEntry)
        } else {
            Ok(())
        }
    }

    fn check_room(&self) -> Result<(), FileError> {
        if self.used_blocks() < self.limit_blocks { Ok(()) } else { Err(FileError::InsufficientSpace) }
    }

    fn check_empty(&self, id: ModelId) -> Result<(), FileError> {
        if !self.is_directory(id) {
            Err(FileError::NotDirectory)
        } else if self.entries(id).next().is_some() {
            Err(FileError::NotEmpty)
        } else {
            Ok(())
        }
    }

    fn is_below(&self, id: ModelId, top: ModelId) -> bool {
        id == top || self.entries(top).any(|(_, child)| self.is_below(id, child))
    }

    fn directory(&mut self, id: ModelId) -> &mut BTreeMap<String, ModelId> {
        match &mut self.nodes[id.0].body {
            ModelBody::Directory(entries) => entries,
            ModelBody::File { .. } | ModelBody::Link(_) => panic!("operations start from directories"),
        }
    }
}
