//! Shows the logs of functions on stderr as they grow.

use std::{
    convert::Infallible,
    fmt::Write as _,
    future::poll_fn,
    io::Write as _,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use anstream::adapter::strip_str;
use hearth_engine::{
    Followed, Function,
    log::{LogFollower, LogLine, Message, Source},
};
use hearth_model::time::Timestamp;
use serde::Serialize;

use crate::terminal::{DIM, NAME};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Time, function and text, for people.
    Text,
    /// One JSON document per line: `time`, `function`, `stream`, `request_id`, `source`, `message`.
    Json,
}

/// Writes the logs of functions to stderr. It holds no function alive.
#[derive(Debug)]
pub struct LogPrinter {
    format: LogFormat,
    followed: Vec<FollowedLog>,
}

#[derive(Debug)]
struct FollowedLog {
    function: Arc<str>,
    follower: LogFollower,
}

#[derive(Serialize)]
struct LineDocument<'a> {
    time: String,
    function: &'a str,
    stream: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    source: &'static str,
    message: String,
}

impl LogPrinter {
    /// Follows nothing yet.
    #[must_use]
    pub fn new(format: LogFormat) -> Self {
        Self { format, followed: Vec::new() }
    }

    /// Follows a function too, from the beginning of its log.
    pub fn follow(&mut self, function: &Function) {
        let follower = function.log().follow_from_start();
        self.followed.push(FollowedLog { function: Arc::clone(function.name()), follower });
    }

    /// Writes lines as they come; never completes. Cancel safe. Writing blocks: run it where nothing else waits.
    pub async fn run(&mut self) -> Infallible {
        poll_fn(|context| {
            while self.write_ready(context) {}
            Poll::Pending
        })
        .await
    }

    /// Writes what there is.
    pub fn flush(&mut self) {
        while self.write_ready(&mut Context::from_waker(Waker::noop())) {}
    }

    /// Writes what there is of every log; false if there was nothing.
    fn write_ready(&mut self, context: &mut Context<'_>) -> bool {
        let mut text = String::new();
        for FollowedLog { function, follower } in &mut self.followed {
            if let Poll::Ready(followed) = pin!(follower.next()).poll(context) {
                self.format.write(&mut text, function, &followed);
            }
        }
        // At once, so that lines of others do not come between. Nobody is left to be told that stderr is gone.
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
        !text.is_empty()
    }
}

impl LogFormat {
    /// Text, or JSON if that is wanted.
    #[must_use]
    pub const fn json(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    fn write(self, text: &mut String, function: &str, followed: &Followed<LogLine>) {
        if followed.missed > 0 {
            self.write_missed(text, function, followed.missed);
        }
        for line in &followed.entries {
            match self {
                Self::Text => write_text(text, function, line),
                Self::Json => write_json(text, function, line),
            }
        }
    }

    fn write_missed(self, text: &mut String, function: &str, missed: u64) {
        let written = match self {
            Self::Text => {
                writeln!(text, "{DIM}… {missed} lines of {function} came too fast to be shown{DIM:#}")
            }
            Self::Json => writeln!(text, "{}", serde_json::json!({ "function": function, "missed": missed })),
        };
        written.expect("a string takes everything");
    }
}

fn write_text(text: &mut String, function: &str, line: &LogLine) {
    let time = rfc3339(line.at);
    // The day is in the name of the log stream, and today.
    let clock = time.get(11..23).unwrap_or(&time);
    let written = match &line.message {
        Message::Output { text: output, .. } => {
            writeln!(text, "{DIM}{clock}{DIM:#} {NAME}{function}{NAME:#} {}", visible(output))
        }
        Message::Platform(platform) => {
            let platform = visible(&platform.to_string());
            // Of what has several lines, such as an error with its trace, the others are set off.
            let platform = platform.trim_end().replace('\n', "\n    ");
            writeln!(text, "{DIM}{clock}{DIM:#} {NAME}{function}{NAME:#} {DIM}{platform}{DIM:#}")
        }
    };
    written.expect("a string takes everything");
}

/// What a guest wrote must not move the cursor or change the terminal: without escape sequences and control characters.
fn visible(output: &str) -> String {
    let hide =
        |c: char| if c.is_control() && !matches!(c, '\t' | '\n') { char::REPLACEMENT_CHARACTER } else { c };
    strip_str(output).flat_map(str::chars).map(hide).collect()
}

fn write_json(text: &mut String, function: &str, line: &LogLine) {
    let source = match &line.message {
        Message::Output { source: Source::Stdout, .. } => "stdout",
        Message::Output { source: Source::Stderr, .. } => "stderr",
        Message::Platform(_) => "platform",
    };
    let document = LineDocument {
        time: rfc3339(line.at),
        function,
        stream: &line.stream,
        request_id: line.request_id.map(|request_id| request_id.to_string()),
        source,
        message: line.message.to_string(),
    };
    let document = serde_json::to_string(&document).expect("texts under texts always serialise");
    writeln!(text, "{document}").expect("a string takes everything");
}

/// `2025-11-24T23:13:29.123Z`.
fn rfc3339(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.as_unix_millis()) {
        Ok(timestamp) => format!("{timestamp:.3}"),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use hearth_engine::log::PlatformLine;

    use super::*;

    fn written(format: LogFormat, message: Message) -> String {
        let at = Timestamp::from_unix_millis(1_764_026_009_123);
        let line = LogLine { sequence: 0, at, stream: "stream".into(), request_id: None, message };
        let mut text = String::new();
        format.write(&mut text, "hello", &Followed { missed: 0, entries: vec![line] });
        strip_str(&text).to_string()
    }

    fn output(text: &str) -> Message {
        Message::Output { source: Source::Stderr, text: text.into() }
    }

    #[test]
    fn lines_have_time_and_function() {
        assert_eq!(written(LogFormat::Text, output("it works")), "23:13:29.123 hello it works\n");
        let trace = Message::Platform(PlatformLine::text("why\nwhere\n".to_owned()));
        assert_eq!(written(LogFormat::Text, trace), "23:13:29.123 hello why\n    where\n");
        assert_eq!(
            written(LogFormat::Json, output("a \"quoted\" word")),
            "{\"time\":\"2025-11-24T23:13:29.123Z\",\"function\":\"hello\",\"stream\":\"stream\",\
             \"source\":\"stderr\",\"message\":\"a \\\"quoted\\\" word\"}\n"
        );
    }

    #[test]
    fn guests_cannot_change_the_terminal() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m\ttab"), "red\ttab");
        assert_eq!(visible("over\rwritten"), "over\u{fffd}written");
        assert!(!visible("\u{1b}]0;title\u{7}\u{9b}2J").contains(['\u{1b}', '\u{9b}']));
    }

    #[test]
    fn missed_lines_are_counted() {
        let mut text = String::new();
        LogFormat::Json.write(&mut text, "hello", &Followed { missed: 7, entries: Vec::new() });
        assert_eq!(text, "{\"function\":\"hello\",\"missed\":7}\n");
    }
}
