//! `/tmp` against a model of it: whatever a guest does, both answer the same, and every block is accounted for.

mod model;

use proptest::{prelude::*, sample::Index};

use self::model::{Model, ModelId};
use super::*;
use crate::fs::blocks::BLOCK_BYTES;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A directory: one that is open, or one that can be reached, by its number.
#[derive(Clone, Debug)]
struct Somewhere {
    open: bool,
    index: Index,
}

#[derive(Clone, Debug)]
struct Name {
    directory: Somewhere,
    name: &'static str,
}

#[derive(Clone, Debug)]
enum Operation {
    CreateFile(Name),
    CreateDirectory(Name),
    CreateLink(Name, &'static str),
    Link(Name, Name),
    Unlink(Name),
    RemoveDirectory(Name),
    Rename(Name, Name),
    Open(Name),
    Close(Index),
    Write { file: Index, offset: u64, length: usize, byte: u8 },
    Append { file: Index, length: usize, byte: u8 },
    SetSize { file: Index, size: u64 },
}

fn name() -> impl Strategy<Value = Name> {
    let name = prop_oneof![Just("a"), Just("b"), Just("ö")];
    (prop::bool::weighted(0.2), any::<Index>(), name)
        .prop_map(|(open, index, name)| Name { directory: Somewhere { open, index }, name })
}

/// Sizes are chosen by the unit: a byte too many or too few matters at the borders of blocks.
fn operation(unit: usize) -> impl Strategy<Value = Operation> {
    let length = move || (0..6_usize, 0..3_usize).prop_map(move |(units, odd)| units * unit + odd);
    let offset = move || (0..8_u64, 0..3_u64).prop_map(move |(units, odd)| units * unit as u64 + odd);
    prop_oneof![
        4 => name().prop_map(Operation::CreateFile),
        4 => name().prop_map(Operation::CreateDirectory),
        1 => (name(), prop_oneof![Just("a"), Just("../b/"), Just("/a"), Just("")])
            .prop_map(|(at, target)| Operation::CreateLink(at, target)),
        2 => (name(), name()).prop_map(|(from, to)| Operation::Link(from, to)),
        2 => name().prop_map(Operation::Unlink),
        2 => name().prop_map(Operation::RemoveDirectory),
        4 => (name(), name()).prop_map(|(from, to)| Operation::Rename(from, to)),
        5 => name().prop_map(Operation::Open),
        1 => any::<Index>().prop_map(Operation::Close),
        6 => (any::<Index>(), offset(), length(), 1_u8..)
            .prop_map(|(file, offset, length, byte)| Operation::Write { file, offset, length, byte }),
        2 => (any::<Index>(), length(), 1_u8..)
            .prop_map(|(file, length, byte)| Operation::Append { file, length, byte }),
        2 => (any::<Index>(), offset()).prop_map(|(file, size)| Operation::SetSize { file, size }),
    ]
}

/// Few blocks, so that the limit matters; or many, so that they go to disk.
fn scenario() -> impl Strategy<Value = (u64, Vec<Operation>)> {
    prop_oneof![(2_u64..40, Just(BLOCK_BYTES / 2)), (300_u64..900, Just(BLOCK_BYTES * 60))].prop_flat_map(
        |(limit_blocks, unit)| (Just(limit_blocks), prop::collection::vec(operation(unit), 1..80)),
    )
}

/// Both, and which nodes belong together.
struct Pair {
    tree: ScratchTree,
    model: Model,
    open: Vec<(NodeId, ModelId)>,
}

impl Pair {
    fn new(limit_blocks: u64) -> Self {
        let tree = ScratchTree::new(limit_blocks * BLOCK_BYTES as u64, NOW);
        Self { tree, model: Model::new(limit_blocks), open: Vec::new() }
    }

    /// All directories that can be reached.
    fn directories(&self) -> Vec<(NodeId, ModelId)> {
        let mut found = vec![(NodeId::ROOT, Model::ROOT)];
        let mut next = 0;
        while let Some((node, id)) = found.get(next).copied() {
            next += 1;
            for (name, child) in self.model.entries(id) {
                if self.model.is_directory(child) {
                    found.push((self.tree.child(node, name).expect("the tree has it"), child));
                }
            }
        }
        found
    }

    fn directory(&self, somewhere: &Somewhere) -> (NodeId, ModelId) {
        let open = self.open.iter().filter(|(_, id)| self.model.is_directory(*id));
        let open: Vec<_> = open.copied().collect();
        if somewhere.open && !open.is_empty() {
            *somewhere.index.get(&open)
        } else {
            *somewhere.index.get(&self.directories())
        }
    }

    fn place<'a>(&self, name: &'a Name) -> (Place<'a>, (ModelId, &'a str)) {
        let (directory, id) = self.directory(&name.directory);
        (Place { directory, name: name.name }, (id, name.name))
    }

    fn file(&self, index: Index) -> Option<(NodeId, ModelId)> {
        if self.open.is_empty() { None } else { Some(*index.get(&self.open)) }
    }

    fn apply(&mut self, operation: &Operation) {
        let (tree, model) = match operation {
            Operation::CreateFile(at) => {
                let (place, at) = self.place(at);
                (self.tree.create_file(place, NOW).map(|_| 0), self.model.create_file(at))
            }
            Operation::CreateDirectory(at) => {
                let (place, at) = self.place(at);
                (self.tree.create_directory(place, NOW).map(|_| 0), self.model.create_directory(at))
            }
            Operation::CreateLink(at, target) => {
                let (place, at) = self.place(at);
                (
                    self.tree.create_symbolic_link(place, target, NOW).map(|_| 0),
                    self.model.create_link(at, target),
                )
            }
            Operation::Link(from, to) => {
                let ((from_place, from), (to_place, to)) = (self.place(from), self.place(to));
                let node = self.tree.child(from_place.directory, from_place.name);
                (
                    node.ok_or(FileError::NoEntry)
                        .and_then(|node| self.tree.link(node, to_place, NOW))
                        .map(|()| 0),
                    self.model.link(from, to),
                )
            }
            Operation::Unlink(at) => {
                let (place, at) = self.place(at);
                (self.tree.unlink(place, NOW).map(|()| 0), self.model.unlink(at))
            }
            Operation::RemoveDirectory(at) => {
                let (place, at) = self.place(at);
                (self.tree.remove_directory(place, NOW).map(|()| 0), self.model.remove_directory(at))
            }
            Operation::Rename(from, to) => {
                let ((from_place, from), (to_place, to)) = (self.place(from), self.place(to));
                (self.tree.rename(from_place, to_place, NOW).map(|()| 0), self.model.rename(from, to))
            }
            Operation::Open(at) => {
                let (place, (directory, name)) = self.place(at);
                let node = self.tree.child(place.directory, place.name);
                let id = self.model.child(directory, name);
                if let (Some(node), Some(id)) = (node, id) {
                    self.tree.pin(node);
                    self.model.pin(id);
                    self.open.push((node, id));
                }
                assert_eq!(node.is_some(), id.is_some());
                return;
            }
            Operation::Close(index) => {
                if let Some((node, id)) = self.file(*index) {
                    let at = self.open.iter().position(|open| *open == (node, id));
                    self.open.remove(at.expect("it is open"));
                    self.tree.unpin(node);
                    self.model.unpin(id);
                }
                return;
            }
            Operation::Write { file, offset, length, byte } => {
                let Some((node, id)) = self.file(*file) else { return };
                let data = vec![*byte; *length];
                (self.tree.write(node, *offset, &data, NOW), self.model.write(id, *offset, &data))
            }
            Operation::Append { file, length, byte } => {
                let Some((node, id)) = self.file(*file) else { return };
                let data = vec![*byte; *length];
                (self.tree.append(node, &data, NOW), self.model.append(id, &data))
            }
            Operation::SetSize { file, size } => {
                let Some((node, id)) = self.file(*file) else { return };
                (self.tree.set_size(node, *size, NOW).map(|()| 0), self.model.set_size(id, *size))
            }
        };
        assert_eq!(tree, model, "{operation:?}");
    }

    fn check_space(&self) {
        let used = self.tree.used_bytes();
        assert_eq!(used, self.model.used_blocks() * BLOCK_BYTES as u64);
        assert!(used <= self.model.limit_blocks() * BLOCK_BYTES as u64);
    }

    fn check_node(&self, node: NodeId, id: ModelId) {
        let status = self.tree.status(node);
        assert_eq!(status.links, self.model.links(id));
        match status.kind {
            Kind::File => {
                let mut data = vec![0xff; usize::try_from(status.size).expect("is small")];
                assert_eq!(self.tree.read(node, 0, &mut data), Ok(data.len()));
                assert!(data == self.model.data(id), "the content differs");
            }
            Kind::SymbolicLink => assert_eq!(self.tree.link_target(node), Some(self.model.target(id))),
            Kind::Directory => {
                let mut names: Vec<&str> = Vec::new();
                while let Some((name, _)) = self.tree.entry_after(node, names.last().copied()) {
                    names.push(name);
                }
                let expected: Vec<&str> = self.model.entries(id).map(|(name, _)| name).collect();
                assert_eq!(names, expected);
            }
        }
    }

    fn check_everything(&self) {
        for (node, id) in self.open.iter().copied().chain(self.directories()) {
            self.check_node(node, id);
            for (name, child) in self.model.entries(id) {
                self.check_node(self.tree.child(node, name).expect("the tree has it"), child);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_tree_does_what_the_model_does((limit_blocks, operations) in scenario()) {
        let mut pair = Pair::new(limit_blocks);
        for operation in &operations {
            pair.apply(operation);
            pair.check_space();
        }
        pair.check_everything();

        for (node, id) in std::mem::take(&mut pair.open) {
            pair.tree.unpin(node);
            pair.model.unpin(id);
        }
        pair.check_space();
        pair.check_everything();
    }
}

#[test]
fn a_directory_as_deep_as_the_limit_allows_is_no_danger() {
    let mut tree = ScratchTree::new(512 << 20, NOW);
    let mut here = NodeId::ROOT;
    let error = loop {
        match tree.create_directory(Place { directory: here, name: "d" }, NOW) {
            Ok(node) => here = node,
            Err(error) => break error,
        }
    };
    assert_eq!(error, FileError::InsufficientSpace);
    let top = Place { directory: NodeId::ROOT, name: "d" };
    assert_eq!(tree.rename(top, Place { directory: here, name: "e" }, NOW), Err(FileError::Invalid));
    assert_eq!(tree.used_bytes(), 512 << 20);
}
