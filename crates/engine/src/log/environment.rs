//! The log stream of one environment.

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::{
    identity::{RequestId, Version},
    logging::LogFormat,
    time::Timestamp,
};
use jiff::tz::Offset;
use parking_lot::Mutex;

use super::{
    group::LogGroup,
    level,
    line::{LogLine, Message, Source},
    platform::PlatformLine,
    split::LineSplitter,
    stream::{LogStream, LogWriter},
    tail::Tail,
};
use crate::clock::Clock;

/// One log stream: what one environment's guest writes, and what the platform writes about it, as far as the function's
/// log format wants it.
///
/// A guest's output becomes a line at each newline. A line without one is kept back until the invocation ends; a line
/// above 256 KiB, the most that a CloudWatch event holds, becomes several. What is not UTF-8 is replaced by U+FFFD.
#[derive(Debug)]
pub struct EnvironmentLog {
    clock: Clock,
    name: Arc<str>,
    group: Arc<LogGroup>,
    writer: LogWriter,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stdout: LineSplitter,
    stderr: LineSplitter,
    writing: Writing,
}

#[derive(Debug, Default)]
struct Writing {
    /// None before the first line.
    stream: Option<Arc<LogStream>>,
    request_id: Option<RequestId>,
    tail: Option<Tail>,
}

impl EnvironmentLog {
    pub(super) fn new(clock: Clock, group: Arc<LogGroup>, writer: LogWriter, unique: u128) -> Self {
        let name = stream_name(clock.wall(), writer.version, unique).into();
        Self { clock, name, group, writer, state: Mutex::default() }
    }

    /// The stream's name, `YYYY/MM/DD/[VERSION]` and 32 hexadecimal digits.
    #[must_use]
    pub fn stream_name(&self) -> &str {
        &self.name
    }

    /// Takes what the guest wrote.
    pub fn write(&self, source: Source, bytes: &[u8]) {
        let now = self.clock.wall();
        let mut guard = self.state.lock();
        let State { stdout, stderr, writing } = &mut *guard;
        let splitter = match source {
            Source::Stdout => stdout,
            Source::Stderr => stderr,
        };
        splitter.push(bytes, |text| self.add(writing, now, [Message::Output { source, text: text.into() }]));
    }

    /// In which format lines are written.
    pub(crate) fn format(&self) -> LogFormat {
        self.writer.format
    }

    /// Collects the last 4 KiB of what is written from now on, for [`take_tail`](Self::take_tail).
    pub(crate) fn collect_tail(&self) {
        self.state.lock().writing.tail = Some(Tail::default());
    }

    /// Ends collecting; none if it had not begun.
    pub(crate) fn take_tail(&self) -> Option<Bytes> {
        self.state.lock().writing.tail.take().map(Tail::into_bytes)
    }

    /// Writes platform lines after ending lines that have no end. All of it, and what follows, belongs to `request_id`.
    pub(crate) fn begin<const N: usize>(
        &self,
        now: Timestamp,
        request_id: RequestId,
        lines: [PlatformLine; N],
    ) {
        let mut state = self.state.lock();
        self.flush(&mut state, now);
        state.writing.request_id = Some(request_id);
        self.add(&mut state.writing, now, lines.map(Message::Platform));
    }

    /// Writes platform lines after ending lines that have no end.
    pub(crate) fn write_platform<const N: usize>(&self, now: Timestamp, lines: [PlatformLine; N]) {
        let mut state = self.state.lock();
        self.flush(&mut state, now);
        self.add(&mut state.writing, now, lines.map(Message::Platform));
    }

    /// As [`write_platform`](Self::write_platform); what follows belongs to no request.
    pub(crate) fn end<const N: usize>(&self, now: Timestamp, lines: [PlatformLine; N]) {
        let mut state = self.state.lock();
        self.flush(&mut state, now);
        self.add(&mut state.writing, now, lines.map(Message::Platform));
        state.writing.request_id = None;
    }

    fn flush(&self, state: &mut State, now: Timestamp) {
        let State { stdout, stderr, writing } = state;
        for (source, splitter) in [(Source::Stdout, stdout), (Source::Stderr, stderr)] {
            splitter.finish(|text| self.add(writing, now, [Message::Output { source, text: text.into() }]));
        }
    }

    /// Adds those lines that the log's format wants; no others come between them.
    fn add<const N: usize>(&self, writing: &mut Writing, now: Timestamp, messages: [Message; N]) {
        let Writing { stream, request_id, tail } = writing;
        let is_wanted = |message: &Message| level::is_wanted(self.writer.format, message);
        let mut wanted = messages.into_iter().filter(is_wanted).peekable();
        if wanted.peek().is_none() {
            return;
        }
        let (stream, request_id) = (self.stream(stream), *request_id);
        let lines = wanted.map(|message| LogLine {
            sequence: 0,
            at: now,
            ingested_at: now,
            stream: Arc::clone(stream),
            request_id,
            message,
        });
        let Some(tail) = tail else { return self.group.extend(lines) };
        // Made text here, not while the group is locked.
        let lines: Vec<_> = lines.inspect(|line| tail.add(line)).collect();
        self.group.extend(lines);
    }

    /// The stream, which is begun anew if somebody deleted it.
    fn stream<'a>(&self, stream: &'a mut Option<Arc<LogStream>>) -> &'a Arc<LogStream> {
        if stream.as_ref().is_some_and(|stream| stream.is_deleted()) {
            *stream = None;
        }
        stream.get_or_insert_with(|| self.group.open(&self.name, &self.writer))
    }
}

fn stream_name(at: Timestamp, version: Version, unique: u128) -> String {
    let date = jiff::Timestamp::from_second(at.as_unix_seconds())
        .map(|at| Offset::UTC.to_datetime(at).date())
        .unwrap_or_default();
    format!("{:04}/{:02}/{:02}/[{version}]{unique:032x}", date.year(), date.month(), date.day())
}
