//! What a segment has in it.

use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};

use super::{document::Frame, segment::frames};
use crate::{
    journal::Unreadable,
    kept::{read, unreadable},
};

/// A segment that was read.
#[derive(Debug)]
pub(super) struct Contents<'a> {
    /// The account and the region of its group, and the group's name.
    pub(super) owner: (Partition, LogGroupName),
    /// When the group was created.
    pub(super) created_at: Timestamp,
    /// What can be read, in order.
    pub(super) frames: Vec<Frame<'a>>,
    /// How many bytes there are up to the end of the last frame.
    pub(super) bytes: usize,
    /// How many frames cannot be read. One that is cut short is none: whoever dies while writing leaves it.
    pub(super) damaged: usize,
}

impl<'a> Contents<'a> {
    /// Reads bytes, whatever they are; `None` if nothing is in them, since whoever made them died at once.
    ///
    /// # Errors
    /// If nobody knows whose they are.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let found = frames(bytes);
        let Some((begin, rest)) = found.contents.split_first() else {
            return if found.damaged == 0 { Ok(None) } else { Err(unreadable("its beginning is damaged")) };
        };
        let Frame::BeginV1(begin) = read(begin)? else {
            return Err(unreadable("it does not say of which log group it is"));
        };
        let (owner, created_at) = begin.read()?;
        let frames: Vec<_> = rest.iter().filter_map(|frame| read(frame).ok()).collect();
        Ok(Some(Self {
            owner,
            created_at,
            bytes: found.bytes,
            damaged: found.damaged + rest.len() - frames.len(),
            frames,
        }))
    }
}
