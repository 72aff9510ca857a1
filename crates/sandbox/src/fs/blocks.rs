//! The blocks of one environment's `/tmp`: a limit, a little memory, and then the host's disk.
//!
//! A slot's number says where its block is: the first 256 slots are memory, the others are parts of one file of the
//! host that has no name and so goes with the process. The lowest free slot is taken first, so what is small stays in
//! memory, and when the last block on disk is given back the file goes too. An environment that writes little has no
//! file descriptor, and one that writes much has one. The file is in the host's folder for temporary files; where that
//! is memory (tmpfs), `TMPDIR` can name another.

use std::{cmp::Reverse, collections::BinaryHeap, fs::File, io, os::unix::fs::FileExt};

use super::error::FileError;

/// The unit in which space is taken and counted.
pub(super) const BLOCK_BYTES: usize = 4_096;
/// How many blocks of an environment may be in memory: 1 MiB.
const MEMORY_BLOCKS: u32 = 256;

type Block = [u8; BLOCK_BYTES];

/// A block that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u32);

/// All blocks, and how many there may be.
pub(super) struct BlockStore {
    limit: u64,
    /// Data blocks and charges.
    used: u64,
    memory: Vec<Option<Box<Block>>>,
    disk: Option<File>,
    on_disk: u32,
    /// Slots below `next` that are not in use.
    free: BinaryHeap<Reverse<u32>>,
    next: u32,
}

impl BlockStore {
    /// Room for `limit_bytes`, rounded down to blocks.
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self {
            limit: limit_bytes / BLOCK_BYTES as u64,
            used: 0,
            memory: Vec::new(),
            disk: None,
            on_disk: 0,
            free: BinaryHeap::new(),
            next: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn used_bytes(&self) -> u64 {
        self.used * BLOCK_BYTES as u64
    }

    /// Blocks that can still be taken.
    pub(super) fn available(&self) -> u64 {
        self.limit - self.used
    }

    /// Counts a block that holds no data.
    pub(super) fn charge(&mut self) -> Result<(), FileError> {
        if self.available() == 0 {
            return Err(FileError::InsufficientSpace);
        }
        self.used += 1;
        Ok(())
    }

    /// Takes back a [`charge`](Self::charge).
    pub(super) fn refund(&mut self) {
        self.used -= 1;
    }

    /// Takes a block and fills it with `data` from `start` on, and zeros elsewhere.
    pub(super) fn allocate(&mut self, start: usize, data: &[u8]) -> Result<Slot, FileError> {
        if self.available() == 0 {
            return Err(FileError::InsufficientSpace);
        }
        let reused = self.free.peek().map(|Reverse(slot)| *slot);
        let slot = reused.unwrap_or(self.next);
        if slot < MEMORY_BLOCKS {
            let mut block = Box::new([0; BLOCK_BYTES]);
            block[start..start + data.len()].copy_from_slice(data);
            if reused.is_some() {
                self.memory[slot as usize] = Some(block);
            } else {
                self.memory.push(Some(block));
            }
        } else {
            let mut block = [0; BLOCK_BYTES];
            block[start..start + data.len()].copy_from_slice(data);
            self.write_to_disk(slot, &block)?;
        }
        if reused.is_some() {
            self.free.pop();
        } else {
            self.next += 1;
        }
        self.used += 1;
        Ok(Slot(slot))
    }

    /// Reads from `start` on; the range must lie within the block.
    pub(super) fn read(&self, slot: Slot, start: usize, buffer: &mut [u8]) -> Result<(), FileError> {
        if let Some(block) = self.memory.get(slot.0 as usize) {
            let block = block.as_ref().expect("a slot in use has its block");
            buffer.copy_from_slice(&block[start..start + buffer.len()]);
            return Ok(());
        }
        let disk = self.disk.as_ref().expect("a block on disk has its file");
        disk.read_exact_at(buffer, disk_offset(slot.0) + start as u64).map_err(|error| host_failure(&error))
    }

    /// Writes from `start` on; the range must lie within the block.
    pub(super) fn write(&mut self, slot: Slot, start: usize, data: &[u8]) -> Result<(), FileError> {
        if let Some(block) = self.memory.get_mut(slot.0 as usize) {
            let block = block.as_mut().expect("a slot in use has its block");
            block[start..start + data.len()].copy_from_slice(data);
            return Ok(());
        }
        let disk = self.disk.as_ref().expect("a block on disk has its file");
        disk.write_all_at(data, disk_offset(slot.0) + start as u64).map_err(|error| host_failure(&error))
    }

    /// Gives a block back.
    pub(super) fn free(&mut self, slot: Slot) {
        self.used -= 1;
        self.free.push(Reverse(slot.0));
        if let Some(block) = self.memory.get_mut(slot.0 as usize) {
            *block = None;
        } else {
            self.on_disk -= 1;
            if self.on_disk == 0 {
                self.disk = None;
            }
        }
        if self.free.len() == self.next as usize {
            self.memory = Vec::new();
            self.free = BinaryHeap::new();
            self.next = 0;
        }
    }

    fn write_to_disk(&mut self, slot: u32, block: &Block) -> Result<(), FileError> {
        let disk = match self.disk.take() {
            Some(disk) => disk,
            None => tempfile::tempfile().map_err(|error| host_failure(&error))?,
        };
        let written = disk.write_all_at(block, disk_offset(slot)).map_err(|error| host_failure(&error));
        self.on_disk += u32::from(written.is_ok());
        if self.on_disk > 0 {
            self.disk = Some(disk);
        }
        written
    }
}

fn disk_offset(slot: u32) -> u64 {
    u64::from(slot - MEMORY_BLOCKS) * BLOCK_BYTES as u64
}

/// A full host is a full `/tmp`; anything else is a fault that the operator should hear of.
fn host_failure(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            FileError::InsufficientSpace
        }
        _ => {
            tracing::warn!(%error, "cannot use the temporary file behind a guest's /tmp");
            FileError::Io
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block whose bytes tell which one it is.
    fn pattern(number: u32) -> Block {
        [number.to_le_bytes()[0]; BLOCK_BYTES]
    }

    fn content(store: &BlockStore, slot: Slot) -> Block {
        let mut block = [0xff; BLOCK_BYTES];
        store.read(slot, 0, &mut block).expect("is readable");
        block
    }

    fn filled(blocks: u32) -> (BlockStore, Vec<Slot>) {
        let mut store = BlockStore::new(1 << 30);
        let slots = (0..blocks).map(|number| store.allocate(0, &pattern(number)).expect("there is room"));
        let slots = slots.collect();
        (store, slots)
    }

    #[test]
    fn what_does_not_fit_into_memory_goes_to_disk_and_comes_back() {
        let (mut store, slots) = filled(MEMORY_BLOCKS);
        assert!(store.disk.is_none());
        let more = store.allocate(10, b"abc").expect("there is room");
        assert!(store.disk.is_some());

        let mut expected = [0; BLOCK_BYTES];
        expected[10..13].copy_from_slice(b"abc");
        assert_eq!(content(&store, more), expected);
        store.write(more, BLOCK_BYTES - 2, b"yz").expect("is writable");
        expected[BLOCK_BYTES - 2..].copy_from_slice(b"yz");
        assert_eq!(content(&store, more), expected);
        for (number, slot) in (0..).zip(&slots) {
            assert_eq!(content(&store, *slot), pattern(number));
        }

        store.free(more);
        assert!(store.disk.is_none(), "an empty file is given back");
        store.free(slots[7]);
        assert_eq!(store.allocate(0, &[]).expect("there is room"), slots[7], "memory first");
        assert!(store.disk.is_none());
        assert_eq!(content(&store, slots[7]), [0; BLOCK_BYTES]);
    }

    #[test]
    fn a_block_on_disk_starts_empty_when_it_is_used_again() {
        let (mut store, slots) = filled(MEMORY_BLOCKS + 2);
        let slot = slots[MEMORY_BLOCKS as usize];
        store.free(slot);
        assert_eq!(store.allocate(1, b"x").expect("there is room"), slot);
        let mut expected = [0; BLOCK_BYTES];
        expected[1] = b'x';
        assert_eq!(content(&store, slot), expected);
    }

    #[test]
    fn an_emptied_store_is_as_new() {
        let (mut store, slots) = filled(MEMORY_BLOCKS + 100);
        for slot in slots {
            store.free(slot);
        }
        assert_eq!((store.used, store.on_disk, store.next), (0, 0, 0));
        assert_eq!((store.memory.capacity(), store.free.capacity()), (0, 0));
        assert!(store.disk.is_none());
    }

    #[test]
    fn blocks_and_charges_share_the_limit() {
        let mut store = BlockStore::new(3 * BLOCK_BYTES as u64 - 1);
        store.charge().expect("there is room");
        let slot = store.allocate(0, &[]).expect("there is room");
        assert_eq!(store.available(), 0);
        assert_eq!(store.charge(), Err(FileError::InsufficientSpace));
        assert_eq!(store.allocate(0, &[]), Err(FileError::InsufficientSpace));
        assert_eq!(store.used_bytes(), 2 * BLOCK_BYTES as u64);
        store.refund();
        store.free(slot);
        assert_eq!(store.used_bytes(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_of_the_host_is_no_space_left() {
        let (mut store, slots) = filled(MEMORY_BLOCKS);
        let used = store.used_bytes();
        let full = || File::options().read(true).write(true).open("/dev/full").expect("Linux has it");
        store.disk = Some(full());
        assert_eq!(store.allocate(0, b"x"), Err(FileError::InsufficientSpace));
        assert_eq!(store.used_bytes(), used);
        assert!(store.disk.is_none(), "a file without blocks is given back");

        // The host has room again.
        let slot = store.allocate(0, b"x").expect("there is room");
        store.disk = Some(full());
        assert_eq!(store.write(slot, 0, b"y"), Err(FileError::InsufficientSpace));
        for (number, slot) in (0..).zip(slots) {
            assert_eq!(content(&store, slot), pattern(number));
        }
    }
}
