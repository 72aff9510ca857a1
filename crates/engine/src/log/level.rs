//! What a function that logs in JSON writes down to which level.
//!
//! Source: Lambda developer guide, "Log-level filtering" and "System log level event mapping".

use hearth_model::logging::{ApplicationLogLevel, LogFormat, LogLevels, SystemLogLevel};
use serde::Deserialize;
use serde_json::Value;

use super::{line::Message, platform::PlatformLine};

/// Whether a log of this format has this line.
pub(super) fn is_wanted(format: LogFormat, message: &Message) -> bool {
    match (format, message) {
        (LogFormat::Text, Message::Platform(line)) => line.has_text(),
        (LogFormat::Text, Message::Output { .. }) | (_, Message::Event(_)) => true,
        (LogFormat::Json(LogLevels { application, .. }), Message::Output { text, .. }) => {
            application_level(text) >= application
        }
        (LogFormat::Json(levels), Message::Platform(line)) => match platform_level(line) {
            Some(Level::System(level)) => level >= levels.system,
            Some(Level::Application(level)) => level >= levels.application,
            None => false,
        },
    }
}

enum Level {
    System(SystemLogLevel),
    Application(ApplicationLogLevel),
}

/// None for lines that there are only in text.
fn platform_level(line: &PlatformLine) -> Option<Level> {
    let by_end = |well: bool, level: SystemLogLevel| {
        Some(Level::System(if well { level } else { SystemLogLevel::Warn }))
    };
    match line {
        // Hearth's runtimes have no versions; AWS gives it INFO where there is one.
        PlatformLine::InitStart { .. } => Some(Level::System(SystemLogLevel::Debug)),
        PlatformLine::InitRuntimeDone { status, .. } => by_end(status.is_success(), SystemLogLevel::Debug),
        PlatformLine::InitReport { initialization, status, .. } => {
            by_end(status.is_success(), initialization.report_level())
        }
        PlatformLine::Start { .. } => Some(Level::System(SystemLogLevel::Info)),
        PlatformLine::RuntimeDone { status, .. } => by_end(status.is_success(), SystemLogLevel::Debug),
        PlatformLine::End => None,
        PlatformLine::Report(report) => by_end(report.status.is_success(), SystemLogLevel::Info),
        PlatformLine::Text(_) => Some(Level::Application(ApplicationLogLevel::Error)),
    }
}

/// The level of a line that a guest wrote: what it says itself if it is a JSON object that names a level and a time, else
/// INFO.
fn application_level(text: &str) -> ApplicationLogLevel {
    #[derive(Deserialize)]
    struct Leveled {
        level: Value,
        #[serde(alias = "time", alias = "ts", alias = "@timestamp")]
        timestamp: Value,
    }
    // Most lines are none: not worth the parser's while.
    let leveled = if text.starts_with('{') { serde_json::from_str::<Leveled>(text).ok() } else { None };
    let level = leveled.and_then(|Leveled { level, timestamp }| {
        timestamp.as_str()?.parse::<jiff::Timestamp>().ok()?;
        let level = level.as_str()?.to_ascii_uppercase();
        match level.as_str() {
            // As the managed Python runtime names them.
            "WARNING" => Some(ApplicationLogLevel::Warn),
            "CRITICAL" => Some(ApplicationLogLevel::Fatal),
            other => ApplicationLogLevel::parse(other),
        }
    });
    level.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_names_level_and_time_has_that_level() {
        let check = |text: &str, expect| assert_eq!(application_level(text), expect, "{text}");
        let at = "\"timestamp\":\"2024-11-02T16:51:31.587199Z\"";
        check(&format!("{{\"level\":\"debug\",\"msg\":\"mine\",{at}}}"), ApplicationLogLevel::Debug);
        check(&format!("{{\"level\":\"ERROR\",{at}}}"), ApplicationLogLevel::Error);
        check(&format!("{{\"level\":\"WARNING\",{at}}}"), ApplicationLogLevel::Warn);
        check("{\"time\":\"2024-11-02T16:51:31Z\",\"level\":\"TRACE\"}", ApplicationLogLevel::Trace);
        for text in [
            "plain text",
            "{\"level\":\"debug\"}",
            "{\"level\":\"debug\",\"timestamp\":\"yesterday\"}",
            &format!("{{\"level\":\"loud\",{at}}}"),
            &format!("{{\"level\":10,{at}}}"),
            &format!("{{\"level\":\"debug\",{at}"),
        ] {
            check(text, ApplicationLogLevel::Info);
        }
    }
}
