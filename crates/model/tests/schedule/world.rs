//! What all these tests use.

use hearth_model::{
    schedule::{Expression, Schedule},
    time::Timestamp,
};
use jiff::tz::TimeZone;

/// A schedule that begins in 1970.
pub(crate) fn schedule(expression: &str, zone: TimeZone) -> Schedule {
    let expression = Expression::for_scheduler(expression).expect(expression);
    Schedule { expression, zone, start: Timestamp::UNIX_EPOCH, end: None }
}

/// New York's time, as it has been since 2007.
pub(crate) fn new_york() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a time zone")
}

/// Berlin's time, as it has been since 1996.
pub(crate) fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone")
}

/// Lord Howe Island's time: clocks are changed by half an hour.
pub(crate) fn lord_howe() -> TimeZone {
    TimeZone::posix("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").expect("a time zone")
}

pub(crate) fn timestamp(text: &str) -> Timestamp {
    let timestamp: jiff::Timestamp = text.parse().expect(text);
    Timestamp::from_unix_millis(timestamp.as_millisecond())
}

pub(crate) fn text(timestamp: Timestamp) -> String {
    moment(timestamp).to_string()
}

pub(crate) fn moment(timestamp: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(timestamp.as_unix_millis()).expect("a moment")
}
