//! How far a clock that is steered has got: a later process does not begin before that.
//!
//! Moments are kept as the wall showed them. If it showed less after a restart, a message that is in flight for seconds would be so
//! for years. So what is recorded is the latest moment that was shown, and for a clock that runs how far it is ahead of the
//! machine's. One that was never steered needs no record.

use hearth_model::time::Timestamp;

use crate::{
    clock::Clock,
    engine::Engine,
    journal::{Journal, NotLoaded, Stream, Unreadable},
};

const CLOCK: Stream = Stream("engine.clock");

/// The form of the entry.
const V1: u8 = 1;

/// A clock that runs and is ahead by less than this is the machine's.
const SLACK_NANOS: i64 = 1_000_000_000;

/// The moment before which no clock may begin; `None` if any may.
///
/// # Errors
/// If it cannot be read.
pub fn shown_until(journal: &Journal) -> Result<Option<Timestamp>, NotLoaded> {
    let mut until = None;
    journal.load(CLOCK, |_, value| {
        let (wall, ahead) = read(value)
            .ok_or_else(|| Unreadable { reason: "its value is damaged, or of a later Hearth".to_owned() })?;
        let running = Clock::real().wall().as_unix_nanos().saturating_add(ahead);
        let nanos = if ahead > 0 { wall.max(running) } else { wall };
        until = Some(Timestamp::from_unix_nanos(nanos));
        Ok(())
    })?;
    Ok(until)
}

impl Engine {
    /// Records that the clock shows this moment, or will before anything else is recorded.
    pub fn note_shown(&self, moment: Timestamp) {
        let nanos = moment.as_unix_nanos();
        let ahead = if self.clock().is_frozen() {
            0
        } else {
            nanos.saturating_sub(Clock::real().wall().as_unix_nanos())
        };
        if ahead > SLACK_NANOS || self.clock().is_frozen() {
            self.journal().record(|change| change.put(CLOCK, Vec::new(), write(nanos, ahead)));
        }
    }
}

fn write(wall: i64, ahead: i64) -> Vec<u8> {
    [&[V1][..], &wall.to_le_bytes(), &ahead.to_le_bytes()].concat()
}

fn read(value: &[u8]) -> Option<(i64, i64)> {
    let (wall, ahead) = value.strip_prefix(&[V1])?.split_first_chunk()?;
    Some((i64::from_le_bytes(*wall), i64::from_le_bytes(ahead.try_into().ok()?)))
}
