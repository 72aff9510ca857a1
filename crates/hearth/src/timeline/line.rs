//! An event in one line.

use std::fmt::Write;

use hearth_engine::timeline::Kind;
use hearth_model::pool::{ColdReason, RetireReason, ThrottleReason};
use jiff::Timestamp;

use super::Entry;
use crate::terminal::{DIM, NAME};

/// Events one below the other.
pub(crate) fn lines(events: &[Entry]) -> String {
    let mut text = String::new();
    for event in events {
        writeln!(text, "{}  {}", clock(event.wall_us), headed(event)).expect("a string takes everything");
    }
    text
}

/// What happened, to what, and as part of which work.
pub(super) fn headed(event: &Entry) -> String {
    let mut text = format!("{NAME}{}{NAME:#} {}", event.name(), description(event));
    if let Some(id) = event.id() {
        write!(text, "  {DIM}{id}{DIM:#}").expect("a string takes everything");
    }
    text
}

/// What happened.
pub(super) fn description(event: &Entry) -> String {
    let time = |field: &str| duration(event.number(field));
    let bytes = |field: &str| match event.number(field) {
        1 => "1 byte".to_owned(),
        bytes => format!("{bytes} bytes"),
    };
    let environment = || format!("environment {}", event.number("environment"));
    let made = || {
        let mut text =
            format!("{} made in {}, init {}", environment(), time("provision_us"), time("init_us"));
        match event.sum("modelled") {
            0 => {}
            modelled => {
                write!(text, ", modelled {}", duration(modelled)).expect("a string takes everything");
            }
        }
        text
    };
    match event.kind {
        Kind::Deployed => format!("deployed, code loaded in {}", time("load_us")),
        Kind::Published => format!("published version {}", event.number("version")),
        Kind::VersionDeleted => format!("deleted version {}", event.number("version")),
        Kind::Deleted => "deleted".to_owned(),
        Kind::Accepted => format!("accepted an event of {}", bytes("event_bytes")),
        Kind::Attempt => match event.number("age_us") {
            0 => format!("attempt {}", event.number("number")),
            age => format!("attempt {}, {} later", event.number("number"), duration(age)),
        },
        Kind::Retrying => format!("will be tried again in {}", time("delay_us")),
        Kind::Delivered => format!("told {} ({})", event.text("destination"), event.text("condition")),
        Kind::DeliveryFailed => {
            format!("could not tell {}: {}", event.text("destination"), event.text("reason"))
        }
        Kind::Dropped => format!("gave up, and tells nobody ({})", event.text("condition")),
        Kind::Sent => format!("took a message of {}", bytes("body_bytes")),
        Kind::Polled => {
            let messages = match event.count("messages") {
                1 => "a message".to_owned(),
                count => format!("a batch of {count} messages"),
            };
            format!("gets {messages} of {}", event.text("queue"))
        }
        Kind::DeadLettered => format!("took a dead letter of {}", event.text("source")),
        Kind::Redriven => "took back a dead letter".to_owned(),
        Kind::Changed => format!("{} of {}", event.text("change"), event.text("key")),
        Kind::Put => format!("took `{}` of {}", event.text("detail_type"), event.text("source")),
        Kind::Fired => "fired".to_owned(),
        Kind::Undelivered => {
            let (target, reason) = (event.text("target"), event.text("reason"));
            if event.has("retry_us") {
                format!("could not reach {target}, tries again in {}: {reason}", time("retry_us"))
            } else {
                format!("could not reach {target}, and gives up: {reason}")
            }
        }
        Kind::Received => {
            let way = match event.text("via") {
                "function-url" => " through its URL",
                "http-api" => " through an HTTP API",
                "rest-api" => " through a REST API",
                "authorizer" => " as an authorizer",
                "replay" => " once more",
                _ => "",
            };
            let version = match event.text("version") {
                "" => String::new(),
                version => format!(", version {version}"),
            };
            format!("invoked{way} with {}{version}", bytes("event_bytes"))
        }
        Kind::Injected => {
            format!("fault injected: {} (rule {})", event.text("fault"), event.number("rule"))
        }
        Kind::Throttled => format!("throttled: {}", event.words::<ThrottleReason>("reason")),
        Kind::LoopStopped => "refused: it is invoked in a loop".to_owned(),
        Kind::ColdStart => format!("cold start ({}): {}", event.words::<ColdReason>("reason"), made()),
        Kind::Provisioned => format!("{}, ahead of requests", made()),
        Kind::Initialised => format!("{} initialised again in {}", environment(), time("init_us")),
        Kind::InitFailed => {
            format!("init failed after {}: {}", time("init_us"), event.text("error_type"))
        }
        Kind::Ended => {
            let (outcome, duration) = (event.text("outcome").replace('-', " "), time("duration_us"));
            format!("{outcome} after {duration}, billed {}", time("billed_us"))
        }
        Kind::Reset => {
            format!("{} reset after: {}", environment(), event.text("reason").replace('-', " "))
        }
        Kind::Retired => format!("{} ended: {}", environment(), event.words::<RetireReason>("reason")),
    }
}

/// As short as it is useful: `0.4ms`, `12ms`, `3.4s`, `1m`, `2h03m`.
pub(super) fn duration(microseconds: u64) -> String {
    let (milliseconds, seconds) = (microseconds / 1_000, microseconds / 1_000_000);
    let pair = |whole: u64, unit: &str, rest: u64, small: &str| match rest {
        0 => format!("{whole}{unit}"),
        rest => format!("{whole}{unit}{rest:02}{small}"),
    };
    match seconds {
        0 if microseconds.is_multiple_of(1_000) || milliseconds >= 10 => format!("{milliseconds}ms"),
        0 => format!("{milliseconds}.{}ms", microseconds % 1_000 / 100),
        1..60 if milliseconds % 1_000 < 100 => format!("{seconds}s"),
        1..60 => format!("{seconds}.{}s", milliseconds % 1_000 / 100),
        60..3_600 => pair(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds / 60 % 60, "m"),
        _ => pair(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// The time of day, UTC.
pub(super) fn clock(unix_us: i64) -> String {
    let time = Timestamp::from_microsecond(unix_us).unwrap_or_default();
    time.strftime("%H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (microseconds, expect) in [
            (0, "0ms"),
            (420, "0.4ms"),
            (1_000, "1ms"),
            (9_990, "9.9ms"),
            (12_345, "12ms"),
            (1_000_000, "1s"),
            (1_950_000, "1.9s"),
            (60_000_000, "1m"),
            (306_000_000, "5m06s"),
            (7_380_000_000, "2h03m"),
            (100_800_000_000, "1d04h"),
        ] {
            assert_eq!(duration(microseconds), expect);
        }
    }
}
