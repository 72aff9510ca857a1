//! The end of an invocation's log.

use std::fmt::Write as _;

use bytes::Bytes;
use hearth_model::limits;

use super::line::LogLine;

/// The last 4 KiB of an invocation's log, as `X-Amz-Log-Result` carries them.
#[derive(Debug, Default)]
pub(super) struct Tail(String);

impl Tail {
    pub(super) fn add(&mut self, line: &LogLine) {
        writeln!(self.0, "{line}").expect("a string takes everything");
        // Cut rarely rather than at every line.
        if self.0.len() > 2 * limits::LOG_TAIL_BYTES {
            self.cut();
        }
    }

    pub(super) fn into_bytes(mut self) -> Bytes {
        self.cut();
        Bytes::from(self.0)
    }

    /// At a character's boundary, so that the tail stays text.
    fn cut(&mut self) {
        let excess = self.0.len().saturating_sub(limits::LOG_TAIL_BYTES);
        self.0.drain(..self.0.ceil_char_boundary(excess));
    }
}
