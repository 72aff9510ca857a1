//! The log stream of one environment.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;
use hearth_model::{
    identity::{RequestId, Version},
    limits,
    time::Timestamp,
};
use jiff::tz::Offset;
use parking_lot::Mutex;

use super::{
    line::{LogLine, Message, Source},
    platform::PlatformLine,
    split::LineSplitter,
};
use crate::{clock::Clock, ring::Ring};

/// One log stream: what one environment's guest writes, and what the platform writes about it.
///
/// A guest's output becomes a line at each newline. A line without one is kept back until the invocation ends; a line
/// above 256 KiB, the most that a CloudWatch event holds, becomes several. What is not UTF-8 is replaced by U+FFFD.
#[derive(Debug)]
pub struct EnvironmentLog {
    clock: Clock,
    name: Arc<str>,
    lines: Arc<Ring<LogLine>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    request_id: Option<RequestId>,
    stdout: LineSplitter,
    stderr: LineSplitter,
    tail: Option<Tail>,
}

impl EnvironmentLog {
    pub(super) fn new(clock: Clock, lines: Arc<Ring<LogLine>>, version: Version, unique: u128) -> Self {
        let name = stream_name(clock.wall(), version, unique).into();
        Self { clock, name, lines, state: Mutex::default() }
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
        let State { request_id, stdout, stderr, tail } = &mut *guard;
        let splitter = match source {
            Source::Stdout => stdout,
            Source::Stderr => stderr,
        };
        splitter.push(bytes, |text| self.add_output(now, *request_id, tail.as_mut(), source, text));
    }

    /// Collects the last 4 KiB of what is written from now on, for [`take_tail`](Self::take_tail).
    pub(crate) fn collect_tail(&self) {
        self.state.lock().tail = Some(Tail::default());
    }

    /// Ends collecting; none if it had not begun.
    pub(crate) fn take_tail(&self) -> Option<Bytes> {
        self.state.lock().tail.take().map(Tail::into_bytes)
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
        state.request_id = Some(request_id);
        self.add_platform(&mut state, now, lines);
    }

    /// Writes platform lines after ending lines that have no end.
    pub(crate) fn write_platform<const N: usize>(&self, now: Timestamp, lines: [PlatformLine; N]) {
        let mut state = self.state.lock();
        self.flush(&mut state, now);
        self.add_platform(&mut state, now, lines);
    }

    /// As [`write_platform`](Self::write_platform); what follows belongs to no request.
    pub(crate) fn end<const N: usize>(&self, now: Timestamp, lines: [PlatformLine; N]) {
        let mut state = self.state.lock();
        self.flush(&mut state, now);
        self.add_platform(&mut state, now, lines);
        state.request_id = None;
    }

    fn flush(&self, state: &mut State, now: Timestamp) {
        let State { request_id, stdout, stderr, tail } = state;
        for (source, splitter) in [(Source::Stdout, stdout), (Source::Stderr, stderr)] {
            splitter.finish(|text| self.add_output(now, *request_id, tail.as_mut(), source, text));
        }
    }

    fn add_output(
        &self,
        now: Timestamp,
        request_id: Option<RequestId>,
        tail: Option<&mut Tail>,
        source: Source,
        text: &str,
    ) {
        let message = Message::Output { source, text: text.into() };
        if let Some(tail) = tail {
            tail.add(&message);
        }
        self.lines.extend([self.line(now, request_id, message)]);
    }

    fn add_platform<const N: usize>(&self, state: &mut State, now: Timestamp, lines: [PlatformLine; N]) {
        let messages = lines.map(Message::Platform);
        if let Some(tail) = &mut state.tail {
            for message in &messages {
                tail.add(message);
            }
        }
        self.lines.extend(messages.map(|message| self.line(now, state.request_id, message)));
    }

    fn line(&self, at: Timestamp, request_id: Option<RequestId>, message: Message) -> LogLine {
        LogLine { sequence: 0, at, stream: Arc::clone(&self.name), request_id, message }
    }
}

fn stream_name(at: Timestamp, version: Version, unique: u128) -> String {
    let date = jiff::Timestamp::from_second(at.as_unix_seconds())
        .map(|at| Offset::UTC.to_datetime(at).date())
        .unwrap_or_default();
    format!("{:04}/{:02}/{:02}/[{version}]{unique:032x}", date.year(), date.month(), date.day())
}

/// The last 4 KiB of an invocation's log, as `X-Amz-Log-Result` carries them.
#[derive(Debug, Default)]
struct Tail(String);

impl Tail {
    fn add(&mut self, message: &Message) {
        writeln!(self.0, "{message}").expect("a string takes everything");
        // Cut rarely rather than at every line.
        if self.0.len() > 2 * limits::LOG_TAIL_BYTES {
            self.cut();
        }
    }

    fn into_bytes(mut self) -> Bytes {
        self.cut();
        Bytes::from(self.0)
    }

    /// At a character's boundary, so that the tail stays text.
    fn cut(&mut self) {
        let excess = self.0.len().saturating_sub(limits::LOG_TAIL_BYTES);
        self.0.drain(..self.0.ceil_char_boundary(excess));
    }
}
