//! One log group: streams and their lines.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    task::Context,
};

use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};
use parking_lot::Mutex;

use super::{
    environment::EnvironmentLog,
    kept::{KeptGroup, KeptLogs, KeptSegment},
    line::{LogLine, Message},
    stream::{LogStream, LogWriter},
};
use crate::{
    clock::Clock,
    ring::{Followed, Follower, Ring},
};

/// One log group: the newest lines of all its streams, up to a bound.
///
/// A group can be written to whether it exists or not: the first line creates it, also after it was deleted, as Lambda
/// does on AWS.
#[derive(Debug)]
pub struct LogGroup {
    name: LogGroupName,
    clock: Clock,
    lines: Arc<Ring<LogLine>>,
    /// None if its lines end with the process.
    kept: Option<KeptGroup>,
    state: Mutex<State>,
}

/// Which numbers lines have now that had others in an earlier process.
#[derive(Debug)]
pub struct Renumbering {
    /// Those that they had, in order.
    before: Vec<u64>,
    /// What the first of them is now.
    first: u64,
}

#[derive(Debug)]
struct State {
    /// None as long as the group does not exist.
    created_at: Option<Timestamp>,
    streams: BTreeMap<Arc<str>, Arc<LogStream>>,
    /// How many lines are of an earlier process.
    restored: u64,
    /// How many streams there may be before those that have nothing any more are looked for.
    enough_streams: usize,
}

impl LogGroup {
    /// How many bytes of lines a group keeps unless told otherwise: some ten thousand invocations.
    pub const DEFAULT_CAPACITY_BYTES: usize = 4 * 1024 * 1024;

    const FEW_STREAMS: usize = 128;

    /// A group that does not exist yet, and will keep up to `capacity_bytes` of lines, counted as they lie in memory.
    #[must_use]
    pub fn new(name: LogGroupName, clock: Clock, capacity_bytes: usize) -> Self {
        let state = State {
            created_at: None,
            streams: BTreeMap::new(),
            restored: 0,
            enough_streams: Self::FEW_STREAMS,
        };
        let lines = Arc::new(Ring::new(capacity_bytes));
        Self { name, clock, lines, kept: None, state: Mutex::new(state) }
    }

    /// The same, and its lines survive the process.
    pub(super) fn kept_by(self, kept: &KeptLogs, partition: &Partition) -> Self {
        let owner = (partition.clone(), self.name.clone());
        let kept = kept.group(owner, self.lines.follow_from_start(), self.lines.capacity());
        Self { kept: Some(kept), ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &LogGroupName {
        &self.name
    }

    /// When it was created; none as long as it does not exist.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.state.lock().created_at
    }

    /// Creates it; false if it exists.
    pub fn create(&self) -> bool {
        let now = self.clock.wall();
        let mut state = self.state.lock();
        let created = state.created_at.is_none();
        state.created_at.get_or_insert(now);
        created
    }

    /// Says since when it exists, with what an earlier process has left.
    pub fn restore(&self, created_at: Timestamp) {
        self.state.lock().created_at = Some(created_at);
    }

    /// Adds a stream that clients created in an earlier process, unless there is one of this name.
    pub fn restore_stream(&self, name: &str, created_at: Timestamp) {
        let name: Arc<str> = name.into();
        let stream = || Arc::new(LogStream::new(Arc::clone(&name), created_at, None));
        self.state.lock().streams.entry(Arc::clone(&name)).or_insert_with(stream);
    }

    /// Says which streams of environments, and segments, an earlier process has left.
    pub(super) fn restore_kept(
        &self,
        streams: impl Iterator<Item = Arc<LogStream>>,
        segments: Vec<KeptSegment>,
    ) {
        let mut state = self.state.lock();
        for stream in streams {
            state.streams.entry(stream.shared_name()).or_insert(stream);
        }
        drop(state);
        if let Some(kept) = &self.kept {
            kept.lock().find(segments);
        }
    }

    /// Adds lines of an earlier process, before anything else is written. They come in the order of the numbers that they had, and
    /// so that no later line has one of those.
    pub fn restore_lines(&self, mut lines: Vec<LogLine>) -> Renumbering {
        lines.sort_by_key(|line| line.sequence);
        let before: Vec<_> = lines.iter().map(|line| line.sequence).collect();
        // The numbers of lines that are no longer there are given to those before them.
        let end = before.last().map_or(0, |last| last.saturating_add(1)).max(before.len() as u64);
        let renumbering = Renumbering { first: end - before.len() as u64, before };
        // Whoever keeps lines has these.
        let kept = self.kept.as_ref().map(KeptGroup::lock);
        self.lines.begin_at(renumbering.first);
        self.lines.extend(lines);
        self.state.lock().restored = end;
        if let Some(mut kept) = kept {
            kept.go_on(self.lines.follow(), |number| renumbering.number_now(number));
        }
        renumbering
    }

    /// Writes what is to be kept and is not; see [`KeptGroup::write`].
    pub(super) fn write_kept(&self, context: &Context<'_>) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.write(self, context))
    }

    /// Deletes it with all its streams; false if it does not exist.
    pub fn delete(&self) -> bool {
        let kept = self.kept.as_ref().map(|kept| (kept, kept.lock()));
        let existed = {
            let mut state = self.state.lock();
            for stream in state.streams.values() {
                stream.delete();
            }
            state.streams.clear();
            self.lines.clear();
            state.created_at.take().is_some()
        };
        if let Some((kept, mut segments)) = kept {
            kept.delete(&mut segments);
        }
        existed
    }

    /// Its streams, in the order of their names.
    #[must_use]
    pub fn streams(&self) -> Vec<Arc<LogStream>> {
        self.state.lock().streams.values().cloned().collect()
    }

    /// The stream of a name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<Arc<LogStream>> {
        self.state.lock().streams.get(name).cloned()
    }

    /// Creates a stream for clients; false if there is one of this name.
    pub fn create_stream(&self, name: &str) -> bool {
        let now = self.clock.wall();
        match self.state.lock().streams.entry(name.into()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                let name = Arc::clone(free.key());
                free.insert(Arc::new(LogStream::new(name, now, None)));
                true
            }
        }
    }

    /// Deletes a stream with its lines; false if there is none of this name.
    pub fn delete_stream(&self, name: &str) -> bool {
        let kept = self.kept.as_ref().map(|kept| (kept, kept.lock()));
        let Some(stream) = self.state.lock().streams.remove(name) else { return false };
        stream.delete();
        if let Some((kept, mut segments)) = kept {
            kept.delete_stream(&mut segments, name);
        }
        true
    }

    /// Adds what a client wrote, in order: each event with its own time. Returns the number of the next line.
    pub fn put(
        &self,
        stream: &Arc<LogStream>,
        events: impl IntoIterator<Item = (Timestamp, Arc<str>)>,
    ) -> u64 {
        let ingested_at = self.clock.wall();
        self.lines.extend(events.into_iter().map(|(at, text)| LogLine {
            sequence: 0,
            at,
            ingested_at,
            stream: Arc::clone(stream),
            request_id: None,
            message: Message::Event(text),
        }))
    }

    /// Makes the log of a new environment. Its stream is named `YYYY/MM/DD/[VERSION]` and `unique` as 32 hexadecimal
    /// digits, and exists once something is written to it.
    #[must_use]
    pub fn environment(self: &Arc<Self>, writer: LogWriter, unique: u128) -> EnvironmentLog {
        EnvironmentLog::new(self.clock.clone(), Arc::clone(self), writer, unique)
    }

    /// All lines that are kept, in the order in which they came.
    #[must_use]
    pub fn snapshot(&self) -> Vec<LogLine> {
        let mut lines = self.lines.snapshot();
        lines.retain(|line| !line.stream.is_deleted());
        lines
    }

    /// How many bytes its lines take in memory.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.lines.weight()
    }

    /// How many lines have gone to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lines.dropped()
    }

    /// Follows the group: only what is written from now on.
    #[must_use]
    pub fn follow(&self) -> LogFollower {
        LogFollower(self.lines.follow())
    }

    /// Follows the group, beginning with the lines that are kept.
    #[must_use]
    pub fn follow_from_start(&self) -> LogFollower {
        LogFollower(self.lines.follow_from_start())
    }

    /// Follows the group, beginning with the lines that are kept and that this process wrote.
    #[must_use]
    pub fn follow_own(&self) -> LogFollower {
        LogFollower(self.lines.follow_from_number(self.state.lock().restored))
    }

    pub(super) fn extend(&self, lines: impl IntoIterator<Item = LogLine>) {
        self.lines.extend(lines);
    }

    /// The stream of an environment that is about to write; creates it, and the group, if need be.
    pub(super) fn open(&self, name: &Arc<str>, writer: &LogWriter) -> Arc<LogStream> {
        let now = self.clock.wall();
        let mut state = self.state.lock();
        state.created_at.get_or_insert(now);
        if let Some(stream) = state.streams.get(name) {
            return Arc::clone(stream);
        }
        state.forget_empty_streams();
        let stream = Arc::new(LogStream::new(Arc::clone(name), now, Some(writer.clone())));
        state.streams.insert(Arc::clone(name), Arc::clone(&stream));
        stream
    }
}

impl Renumbering {
    /// The number of the line that had this one, or of the next one after it.
    #[must_use]
    pub fn number_now(&self, before: u64) -> u64 {
        self.first + self.before.partition_point(|number| *number < before) as u64
    }
}

impl State {
    /// Forgets streams of environments that are gone and whose lines all have gone too, once there are many.
    fn forget_empty_streams(&mut self) {
        if self.streams.len() < self.enough_streams {
            return;
        }
        // Each line holds its stream, and so does the environment.
        self.streams.retain(|_, stream| stream.is_clients() || Arc::strong_count(stream) > 1);
        self.enough_streams = LogGroup::FEW_STREAMS.max(2 * self.streams.len());
    }
}

/// Reads a log as it grows.
#[derive(Debug)]
pub struct LogFollower(Follower<LogLine>);

impl LogFollower {
    /// Waits for lines. Cancel safe. A follower that is slower than the writers misses lines and learns how many.
    pub async fn next(&mut self) -> Followed<LogLine> {
        self.0.next().await
    }
}
