//! The segments of one group.

use std::{
    collections::VecDeque,
    io, mem,
    path::PathBuf,
    sync::Arc,
    task::{Context, Poll},
};

use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};
use parking_lot::{Mutex, MutexGuard};

use super::{
    document::{BeginV1, Frame, LinesV1},
    folder::Folder,
    segment::{Segment, remove},
};
use crate::{
    kept::write,
    log::{LogGroup, LogLine},
    ring::Follower,
};

/// Keeps the lines of one group.
#[derive(Debug)]
pub(in crate::log) struct KeptGroup {
    folder: Arc<Folder>,
    owner: (Partition, LogGroupName),
    segment_bytes: u64,
    state: Mutex<State>,
}

/// What is there of a group. Held by whoever writes, and by whoever deletes something, from before it is gone in memory.
#[derive(Debug)]
pub(in crate::log) struct State {
    follower: Follower<LogLine>,
    /// In their order.
    segments: VecDeque<KeptSegment>,
    /// Streams that were deleted, of which that is not written.
    deleted: Vec<Arc<str>>,
    /// When the group was created whose lines are written.
    created_at: Timestamp,
}

/// A segment that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct KeptSegment {
    pub(super) number: u64,
    /// The number after that of its last line.
    pub(super) end: u64,
    pub(super) bytes: u64,
    /// Whether it is as it was written, so that something may be added.
    pub(super) whole: bool,
}

/// A frame has so many bytes, more or less: what is lost if it is cut short.
const FRAME_BYTES: usize = 32 * 1024;

impl KeptGroup {
    /// Nothing is there yet; `follower` tells of what there will be, of which memory has so many bytes.
    pub(super) fn new(
        folder: Arc<Folder>,
        owner: (Partition, LogGroupName),
        follower: Follower<LogLine>,
        capacity_bytes: usize,
    ) -> Self {
        let (segments, created_at) = (VecDeque::new(), Timestamp::UNIX_EPOCH);
        let state = State { follower, segments, deleted: Vec::new(), created_at };
        let segment_bytes = capacity_bytes as u64 / 4;
        Self { folder, owner, segment_bytes, state: Mutex::new(state) }
    }

    /// Keeps everybody from writing.
    pub(in crate::log) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Writes what is new of its group; false if there is nothing, and then `context` is told of the next line.
    pub(in crate::log) fn write(&self, group: &LogGroup, context: &Context<'_>) -> bool {
        let mut state = self.state.lock();
        let Poll::Ready(followed) = state.follower.poll_next(context) else { return false };
        if let Some(created_at) = group.created_at() {
            state.created_at = created_at;
        }
        let lines = followed.entries.iter().filter(|line| !line.stream.is_deleted());
        let written = self.write_lines(&mut state, lines);
        self.folder.note(written);
        self.remove_before(&mut state, group.dropped());
        true
    }

    /// Removes everything, and waits for the disk.
    pub(in crate::log) fn delete(&self, state: &mut State) {
        state.deleted.clear();
        let segments = mem::take(&mut state.segments);
        if segments.is_empty() {
            return;
        }
        let remove = |segment: KeptSegment| remove(&self.path(segment.number));
        let removed = segments.into_iter().try_for_each(remove).and_then(|()| self.folder.flush());
        self.folder.note(removed);
    }

    /// Sees to it that what there is of a stream does not come back, and waits for the disk.
    pub(in crate::log) fn delete_stream(&self, state: &mut State, name: &str) {
        if !state.segments.is_empty() {
            state.deleted.push(name.into());
            let written = self.write_deletions(state);
            self.folder.note(written);
        }
    }

    fn write_lines<'l>(&self, state: &mut State, lines: impl Iterator<Item = &'l LogLine>) -> io::Result<()> {
        self.write_deletions(state)?;
        let mut lines = lines.peekable();
        while lines.peek().is_some() {
            let (mut frame, mut bytes) = (LinesV1::default(), 0);
            while bytes < FRAME_BYTES
                && let Some(line) = lines.next()
            {
                bytes += frame.push(line);
            }
            if !frame.is_empty() {
                let end = frame.end();
                self.append(state, end, &Frame::LinesV1(frame))?;
            }
        }
        Ok(())
    }

    fn write_deletions(&self, state: &mut State) -> io::Result<()> {
        while let Some((name, segment)) = state.deleted.last().cloned().zip(state.segments.back().copied()) {
            self.append(state, segment.end, &Frame::DeletedV1(&name))?.flush()?;
            state.deleted.pop();
        }
        Ok(())
    }

    /// Adds a frame, to a new segment if need be, up to the line of a number.
    fn append(&self, state: &mut State, end: u64, frame: &Frame<'_>) -> io::Result<Segment> {
        let open = state.segments.back().filter(|last| last.whole && last.bytes < self.segment_bytes);
        let mut segment = match open {
            Some(last) => Segment::go_on(&self.path(last.number), last.bytes)?,
            None => {
                let number = self.folder.next_number();
                let begin = Frame::BeginV1(BeginV1::of(&self.owner, state.created_at));
                let segment = self.folder.create(number, &write(&begin))?;
                state.segments.push_back(KeptSegment { number, end, bytes: segment.bytes(), whole: true });
                segment
            }
        };
        segment.append(&write(frame))?;
        let last = state.segments.back_mut().expect("it is the one that is written");
        (last.bytes, last.end) = (segment.bytes(), end);
        Ok(segment)
    }

    /// Removes segments whose lines have all gone from memory.
    fn remove_before(&self, state: &mut State, dropped: u64) {
        while let Some(gone) = state.segments.pop_front_if(|segment| segment.end <= dropped) {
            self.folder.note(remove(&self.path(gone.number)));
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.segment(number)
    }
}

impl State {
    /// An earlier process has left these.
    pub(in crate::log) fn find(&mut self, segments: impl IntoIterator<Item = KeptSegment>) {
        self.segments.extend(segments);
    }

    /// What they have is in memory, where lines have other numbers now; what follows is new.
    pub(in crate::log) fn go_on(&mut self, follower: Follower<LogLine>, number_now: impl Fn(u64) -> u64) {
        self.follower = follower;
        for segment in &mut self.segments {
            segment.end = number_now(segment.end);
        }
    }
}
