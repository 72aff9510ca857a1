//! One file of lines: frames, each with its length and a checksum, and nothing else.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// What was found in a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Frames<'a> {
    /// What the frames have in them, in order.
    pub(super) contents: Vec<&'a [u8]>,
    /// How many bytes there are up to the end of the last one.
    pub(super) bytes: usize,
    /// Frames whose checksum is not theirs.
    pub(super) damaged: usize,
}

/// A segment that is written.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    bytes: u64,
}

const HEADER_BYTES: usize = 8;

impl Segment {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        Ok(Self { file, bytes: 0 })
    }

    /// Goes on with one after so many bytes: what follows them was cut short.
    pub(super) fn go_on(path: &Path, bytes: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(bytes)?;
        Ok(Self { file, bytes })
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hands a frame over to the system, whole or not at all.
    pub(super) fn append(&mut self, content: &[u8]) -> io::Result<()> {
        let frame = frame(content);
        if let Err(error) = self.file.write_all(&frame) {
            // So that what comes later can be read. If it cannot be cut off either, it is a damaged frame.
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += frame.len() as u64;
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Removes a segment, which may be gone already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Finds frames, whatever the bytes are.
pub(super) fn frames(bytes: &[u8]) -> Frames<'_> {
    let mut frames = Frames::default();
    let mut rest = bytes;
    while let Some((length, sum, after)) = header(rest) {
        let Some((content, after)) = after.split_at_checked(length) else { break };
        rest = after;
        if sum == checksum(content) {
            frames.contents.push(content);
            frames.bytes = bytes.len() - rest.len();
        } else {
            frames.damaged += 1;
        }
    }
    frames
}

pub(super) fn frame(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("no frame is as large");
    let mut frame = Vec::with_capacity(HEADER_BYTES + content.len());
    frame.extend(length.to_le_bytes());
    frame.extend(checksum(content).to_le_bytes());
    frame.extend(content);
    frame
}

/// The length of a frame, its checksum, and what follows; `None` where there is none.
fn header(bytes: &[u8]) -> Option<(usize, u32, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    // Nothing is room that the machine did not come to fill when it lost its power.
    let length = u32::from_le_bytes(*length);
    (length > 0).then_some((usize::try_from(length).ok()?, u32::from_le_bytes(*sum), rest))
}

/// Of the length too, so that bytes that stand elsewhere are no frame.
fn checksum(content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::try_from(content.len()).unwrap_or(u32::MAX));
    hasher.update(content);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_up_to_where_they_are_cut_short() {
        let all = [frame(b"one"), frame(b"three"), frame(b"two")].concat();
        let whole = frames(&all);
        assert_eq!(whole.contents, [&b"one"[..], b"three", b"two"]);
        assert_eq!((whole.bytes, whole.damaged), (all.len(), 0));
        let ends = [0, 11, 24, 35];
        for length in 0..all.len() {
            let cut = frames(&all[..length]);
            let expected = ends.iter().rposition(|end| *end <= length).expect("the first is nothing");
            assert_eq!(
                (cut.contents.len(), cut.bytes, cut.damaged),
                (expected, ends[expected], 0),
                "{length}"
            );
        }
    }

    #[test]
    fn what_is_damaged_is_told_and_the_rest_is_there() {
        let all = [frame(b"one"), frame(b"two"), frame(b"three")].concat();
        let mut damaged = all.clone();
        damaged[11 + HEADER_BYTES] ^= 1;
        let found = frames(&damaged);
        assert_eq!((found.contents, found.bytes, found.damaged), (vec![&b"one"[..], b"three"], all.len(), 1));
        for index in 0..all.len() {
            let mut damaged = all.clone();
            damaged[index] ^= 0x10;
            let found = frames(&damaged);
            assert!(found.contents.iter().all(|content| [&b"one"[..], b"two", b"three"].contains(content)));
            assert!(found.contents.len() < 3, "{index}");
        }
        let with_room = [all.clone(), vec![0; 100]].concat();
        assert_eq!((frames(&with_room).contents.len(), frames(&with_room).bytes), (3, all.len()));
    }

    #[test]
    fn a_segment_goes_on_where_it_was_cut_short() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("segment");
        let mut segment = Segment::create(&path).expect("it is made");
        segment.append(b"one").expect("written");
        let bytes = segment.bytes();
        drop(segment);
        let mut content = fs::read(&path).expect("it is there");
        content.extend(&frame(b"two")[..9]);
        fs::write(&path, &content).expect("written");
        let mut segment = Segment::go_on(&path, bytes).expect("it is there");
        segment.append(b"three").expect("written");
        let content = fs::read(&path).expect("it is there");
        assert_eq!(frames(&content).contents, [&b"one"[..], b"three"]);
        assert_eq!(segment.bytes(), content.len() as u64);
        remove(&path).and_then(|()| remove(&path)).expect("it is gone");
    }
}
