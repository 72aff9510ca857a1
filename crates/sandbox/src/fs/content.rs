//! The content of one file in `/tmp`: blocks where something was written, and holes.

use std::{collections::BTreeMap, ops::Range};

use super::{
    blocks::{BLOCK_BYTES, BlockStore, Slot},
    error::FileError,
};

/// The longest that a file can be, holes included: 16 TiB, as on ext4.
pub(super) const MAX_FILE_BYTES: u64 = (1 << 32) * BLOCK_BYTES as u64;

/// What a file holds. Its blocks are in a [`BlockStore`], always the same one.
///
/// A hole reads as zeros and takes no space. The bytes of a block beyond the file's end are zero.
#[derive(Default)]
pub(super) struct Content {
    length: u64,
    blocks: BTreeMap<u32, Slot>,
}

impl Content {
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Reads into the whole buffer, or up to the end; returns how much that was.
    pub(super) fn read(
        &self,
        store: &BlockStore,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<usize, FileError> {
        let length = clamp(self.length.saturating_sub(offset), buffer.len());
        for span in spans(offset, length) {
            let part = &mut buffer[span.bytes];
            match self.blocks.get(&span.block) {
                Some(slot) => store.read(*slot, span.start, part)?,
                None => part.fill(0),
            }
        }
        Ok(length)
    }

    /// Writes as much as there is room for; returns how much that was.
    ///
    /// # Errors
    /// If not a byte could be written.
    pub(super) fn write(
        &mut self,
        store: &mut BlockStore,
        offset: u64,
        data: &[u8],
    ) -> Result<usize, FileError> {
        let length = writable_length(offset, data.len())?;
        let mut written = 0;
        for span in spans(offset, length) {
            let end = span.bytes.end;
            if let Err(error) = self.write_span(store, &span, &data[span.bytes.clone()]) {
                if written == 0 {
                    return Err(error);
                }
                break;
            }
            written = end;
            self.length = self.length.max(offset + end as u64);
        }
        Ok(written)
    }

    /// How much of `wanted` bytes there is room for at an offset. Zero only if none are wanted.
    ///
    /// # Errors
    /// If there is room for none.
    pub(super) fn room(&self, store: &BlockStore, offset: u64, wanted: usize) -> Result<usize, FileError> {
        let length = writable_length(offset, wanted)?;
        let mut available = store.available();
        let mut room = 0;
        for span in spans(offset, length) {
            if !self.blocks.contains_key(&span.block) {
                if available == 0 {
                    break;
                }
                available -= 1;
            }
            room = span.bytes.end;
        }
        if room == 0 && wanted > 0 { Err(FileError::InsufficientSpace) } else { Ok(room) }
    }

    /// Cuts the file off, or lets a hole grow at its end.
    pub(super) fn set_length(&mut self, store: &mut BlockStore, length: u64) -> Result<(), FileError> {
        if length > MAX_FILE_BYTES {
            return Err(FileError::FileTooLarge);
        }
        if length < self.length {
            let (block, start) = position(length);
            let block = u32::try_from(block).expect("it lies within the file");
            if start > 0
                && let Some(slot) = self.blocks.get(&block)
            {
                store.write(*slot, start, &[0; BLOCK_BYTES][start..])?;
            }
            let mut cut = self.blocks.split_off(&block);
            if start > 0
                && let Some(slot) = cut.remove(&block)
            {
                self.blocks.insert(block, slot);
            }
            for slot in cut.into_values() {
                store.free(slot);
            }
        }
        self.length = length;
        Ok(())
    }

    /// Empties the file. Unlike [`set_length`](Self::set_length) this cannot fail.
    pub(super) fn clear(&mut self, store: &mut BlockStore) {
        for slot in std::mem::take(&mut self.blocks).into_values() {
            store.free(slot);
        }
        self.length = 0;
    }

    fn write_span(&mut self, store: &mut BlockStore, span: &Span, data: &[u8]) -> Result<(), FileError> {
        if let Some(slot) = self.blocks.get(&span.block) {
            return store.write(*slot, span.start, data);
        }
        let slot = store.allocate(span.start, data)?;
        self.blocks.insert(span.block, slot);
        Ok(())
    }
}

/// The part of a range of bytes that lies in one block.
struct Span {
    block: u32,
    /// Where in the block it starts.
    start: usize,
    /// Which bytes of the range it is.
    bytes: Range<usize>,
}

/// Cuts a range at the borders of blocks. It must end within [`MAX_FILE_BYTES`].
fn spans(offset: u64, length: usize) -> impl Iterator<Item = Span> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == length {
            return None;
        }
        let (block, start) = position(offset + done as u64);
        let block = u32::try_from(block).expect("the range ends within the longest file");
        let bytes = done..length.min(done + BLOCK_BYTES - start);
        done = bytes.end;
        Some(Span { block, start, bytes })
    })
}

/// The block of an offset, and the place in it.
fn position(offset: u64) -> (u64, usize) {
    let block_bytes = BLOCK_BYTES as u64;
    (offset / block_bytes, clamp(offset % block_bytes, BLOCK_BYTES))
}

fn writable_length(offset: u64, wanted: usize) -> Result<usize, FileError> {
    match clamp(MAX_FILE_BYTES.saturating_sub(offset), wanted) {
        0 if wanted > 0 => Err(FileError::FileTooLarge),
        length => Ok(length),
    }
}

/// `value`, or `most` if that is less.
fn clamp(value: u64, most: usize) -> usize {
    usize::try_from(value).map_or(most, |value| value.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(content: &Content, store: &BlockStore) -> Vec<u8> {
        let mut bytes = vec![0xff; usize::try_from(content.length()).expect("is small")];
        assert_eq!(content.read(store, 0, &mut bytes).expect("is readable"), bytes.len());
        bytes
    }

    #[test]
    fn holes_read_as_zeros_and_take_no_space() {
        let mut store = BlockStore::new(1 << 20);
        let mut content = Content::default();
        content.write(&mut store, 3 * 4096 + 1, b"abc").expect("there is room");
        assert_eq!((content.length(), store.used_bytes()), (3 * 4096 + 4, 4096));
        let bytes = all(&content, &store);
        assert!(bytes[..3 * 4096 + 1].iter().all(|byte| *byte == 0));
        assert_eq!(&bytes[3 * 4096 + 1..], b"abc");

        content.set_length(&mut store, MAX_FILE_BYTES).expect("holes are free");
        assert_eq!(store.used_bytes(), 4096);
        let mut end = [1; 10];
        assert_eq!(content.read(&store, MAX_FILE_BYTES - 4, &mut end), Ok(4));
        assert_eq!(content.read(&store, u64::MAX, &mut end), Ok(0));
    }

    #[test]
    fn a_longer_file_does_not_show_what_was_cut_off() {
        let mut store = BlockStore::new(1 << 20);
        let mut content = Content::default();
        content.write(&mut store, 0, &[7; 10_000]).expect("there is room");
        for cut in [9_000, 8_192, 5_000, 4_096, 1] {
            content.set_length(&mut store, cut).expect("cuts");
            assert_eq!(store.used_bytes(), cut.div_ceil(4096) * 4096);
            content.set_length(&mut store, 10_000).expect("grows");
            let bytes = all(&content, &store);
            let kept = usize::try_from(cut).expect("is small");
            assert!(
                bytes[..kept].iter().all(|byte| *byte == 7) && bytes[kept..].iter().all(|byte| *byte == 0)
            );
        }
    }

    #[test]
    fn a_write_takes_what_fits() {
        let mut store = BlockStore::new(2 * 4096);
        let mut content = Content::default();
        assert_eq!(content.room(&store, 4000, 10_000), Ok(4192));
        assert_eq!(content.write(&mut store, 4000, &[1; 10_000]), Ok(4192));
        assert_eq!(content.length(), 8192);
        assert_eq!(content.write(&mut store, 8192, &[1]), Err(FileError::InsufficientSpace));
        assert_eq!(content.room(&store, 8192, 1), Err(FileError::InsufficientSpace));
        assert_eq!(content.room(&store, 8000, 1000), Ok(192), "what has a block can be overwritten");
        assert_eq!(content.room(&store, 8192, 0), Ok(0));

        content.clear(&mut store);
        assert_eq!((content.length(), store.used_bytes()), (0, 0));
        assert_eq!(content.write(&mut store, 0, &[1; 4096]), Ok(4096));
    }

    #[test]
    fn offsets_end_where_the_longest_file_does() {
        let mut store = BlockStore::new(1 << 20);
        let mut content = Content::default();
        assert_eq!(content.write(&mut store, MAX_FILE_BYTES - 2, b"abc"), Ok(2));
        assert_eq!(content.write(&mut store, MAX_FILE_BYTES, b"abc"), Err(FileError::FileTooLarge));
        assert_eq!(content.write(&mut store, u64::MAX, b"abc"), Err(FileError::FileTooLarge));
        assert_eq!(content.write(&mut store, u64::MAX, b""), Ok(0));
        assert_eq!(content.set_length(&mut store, MAX_FILE_BYTES + 1), Err(FileError::FileTooLarge));
        assert_eq!(content.length(), MAX_FILE_BYTES);
        content.set_length(&mut store, MAX_FILE_BYTES - 1).expect("cuts");
        assert_eq!(store.used_bytes(), 4096);
    }
}
