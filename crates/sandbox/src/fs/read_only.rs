//! Code and layers: trees that never change, shared by all environments of a function version.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use bytes::Bytes;
use hearth_engine::package::{Package, PackagePath};
use hearth_model::time::Timestamp;

use super::{
    error::FileError,
    tree::{DIRECTORY_BYTES, Kind, NodeId, Status, Times, Tree},
};

/// The time of all files: packages carry none. 1980-01-01 is the earliest that a zip can hold, as reproducible
/// builds use it.
const PACKAGED_AT: Timestamp = Timestamp::from_unix_millis(315_532_800_000);

/// The files of packages as directories.
pub(crate) struct ReadOnlyTree {
    /// The first is the root.
    nodes: Vec<Node>,
}

enum Node {
    Directory(BTreeMap<Box<str>, NodeId>),
    File(Bytes),
}

impl ReadOnlyTree {
    /// Lays packages over each other in order. A later one's file hides whatever has its path, and whatever is a file
    /// where its path has a folder.
    pub(crate) fn from_packages(layers: &[Arc<Package>]) -> Arc<Self> {
        let mut tree = Self { nodes: vec![Node::Directory(BTreeMap::new())] };
        for package in layers {
            for (path, file) in package.files() {
                tree.insert(path, &file.content);
            }
        }
        Arc::new(tree)
    }

    fn insert(&mut self, path: &PackagePath, content: &Bytes) {
        let node = path.as_str().split('/').fold(NodeId::ROOT, |directory, name| self.entry(directory, name));
        self.nodes[node.index()] = Node::File(content.clone());
    }

    /// The entry of that name, made if need be. What was a file becomes a directory.
    fn entry(&mut self, directory: NodeId, name: &str) -> NodeId {
        let new = NodeId(u32::try_from(self.nodes.len()).expect("packages have fewer than 2^32 files"));
        if let Node::File(_) = self.nodes[directory.index()] {
            self.nodes[directory.index()] = Node::Directory(BTreeMap::new());
        }
        let Node::Directory(entries) = &mut self.nodes[directory.index()] else {
            unreachable!("it was made a directory");
        };
        if let Some(node) = entries.get(name) {
            return *node;
        }
        entries.insert(name.into(), new);
        self.nodes.push(Node::File(Bytes::new()));
        new
    }

    fn entries(&self, directory: NodeId) -> Option<&BTreeMap<Box<str>, NodeId>> {
        match &self.nodes[directory.index()] {
            Node::Directory(entries) => Some(entries),
            Node::File(_) => None,
        }
    }
}

impl Tree for ReadOnlyTree {
    fn status(&self, node: NodeId) -> Status {
        let size = match &self.nodes[node.index()] {
            Node::Directory(_) => DIRECTORY_BYTES,
            Node::File(content) => content.len() as u64,
        };
        let (kind, times) = (self.kind(node), Times::all(PACKAGED_AT));
        Status { kind, links: 1, size, times, number: u64::from(node.0) }
    }

    fn kind(&self, node: NodeId) -> Kind {
        match self.nodes[node.index()] {
            Node::Directory(_) => Kind::Directory,
            Node::File(_) => Kind::File,
        }
    }

    fn child(&self, directory: NodeId, name: &str) -> Option<NodeId> {
        self.entries(directory)?.get(name).copied()
    }

    fn entry_after(&self, directory: NodeId, name: Option<&str>) -> Option<(&str, NodeId)> {
        let from = name.map_or(Unbounded, Excluded);
        let (name, node) = self.entries(directory)?.range::<str, _>((from, Unbounded)).next()?;
        Some((name, *node))
    }

    fn link_target(&self, _node: NodeId) -> Option<&str> {
        None
    }

    fn read(&self, file: NodeId, offset: u64, buffer: &mut [u8]) -> Result<usize, FileError> {
        let Node::File(content) = &self.nodes[file.index()] else { return Err(FileError::IsDirectory) };
        let start = usize::try_from(offset).map_or(content.len(), |offset| offset.min(content.len()));
        let length = buffer.len().min(content.len() - start);
        buffer[..length].copy_from_slice(&content[start..start + length]);
        Ok(length)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use hearth_engine::package::PackageFile;

    use super::*;

    /// A package of these files.
    pub(in crate::fs) fn package(files: &[(&str, &str)]) -> Arc<Package> {
        let files = files.iter().map(|(path, content)| {
            let path = PackagePath::parse(path).expect("is a path");
            (path, PackageFile { content: Bytes::copy_from_slice(content.as_bytes()) })
        });
        Arc::new(Package::new(files.collect()).expect("is a package"))
    }

    fn read(tree: &ReadOnlyTree, path: &str) -> Option<String> {
        let node = path
            .split('/')
            .try_fold(NodeId::ROOT, |directory, name| tree.child(directory, name))
            .filter(|node| tree.kind(*node) == Kind::File)?;
        let mut buffer = vec![0; 64];
        let length = tree.read(node, 0, &mut buffer).expect("is a file");
        buffer.truncate(length);
        Some(String::from_utf8(buffer).expect("is text"))
    }

    #[test]
    fn later_layers_hide_earlier_ones() {
        let tree = ReadOnlyTree::from_packages(&[
            package(&[("a", "1"), ("lib/x", "1"), ("lib/y", "1"), ("was/folder/z", "1"), ("was-file", "1")]),
            package(&[("lib/x", "2"), ("was", "2"), ("was-file/w", "2")]),
            package(&[("lib/v/u", "3")]),
        ]);
        let expected = [
            ("a", Some("1")),
            ("lib/x", Some("2")),
            ("lib/y", Some("1")),
            ("lib/v/u", Some("3")),
            ("was", Some("2")),
            ("was/folder/z", None),
            ("was-file", None),
            ("was-file/w", Some("2")),
        ];
        for (path, content) in expected {
            assert_eq!(read(&tree, path).as_deref(), content, "{path}");
        }
        let mut names = Vec::new();
        while let Some((name, _)) = tree.entry_after(NodeId::ROOT, names.last().copied()) {
            names.push(name);
        }
        assert_eq!(names, ["a", "lib", "was", "was-file"]);
    }

    #[test]
    fn reads_stop_at_the_end() {
        let tree = ReadOnlyTree::from_packages(&[package(&[("a", "12345")])]);
        let file = tree.child(NodeId::ROOT, "a").expect("is there");
        for (offset, length, expected) in
            [(0, 3, "123"), (3, 9, "45"), (5, 1, ""), (u64::MAX, 1, ""), (1, 0, "")]
        {
            let mut buffer = vec![0; length];
            let read = tree.read(file, offset, &mut buffer).expect("is a file");
            assert_eq!(&buffer[..read], expected.as_bytes(), "{offset}");
        }
        assert_eq!(tree.read(NodeId::ROOT, 0, &mut [0]), Err(FileError::IsDirectory));
    }

    #[test]
    fn no_packages_make_an_empty_directory() {
        let tree = ReadOnlyTree::from_packages(&[]);
        assert_eq!(tree.kind(NodeId::ROOT), Kind::Directory);
        assert_eq!(tree.entry_after(NodeId::ROOT, None), None);
    }
}
