//! Times and durations as people write them.

use std::time::Duration;

use hearth_model::time::Timestamp;
use jiff::{Span, SpanRelativeTo};

/// A time as RFC 3339 has it.
pub(super) fn read_moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok().map(Timestamp::from_unix_nanos)
}

/// How long something takes: `90s`, `1h 30m`, `30d`.
pub(super) fn read_duration(text: &str) -> Option<Duration> {
    let span = text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    span.ok().filter(|duration| !duration.is_negative()).map(|duration| duration.unsigned_abs())
}

/// `2025-11-24T23:13:29.123Z`.
pub(super) fn rfc_3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_unix_millis()).map(|at| format!("{at:.3}")).unwrap_or_default()
}
