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
    Followed,
    log::{LogFollower, LogGroup, LogGroups, NewLogGroups},
};
use hearth_gateway::control::{LogEntry, LogSource};

use crate::terminal::{DIM, NAME};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Time, function and text, for people.
    Text,
    /// One JSON document per line: `time`, `function`, `stream`, `request_id`, `source`, `message`.
    Json,
}

/// Writes the logs of all functions to stderr, whoever deploys them. It holds no function alive.
#[derive(Debug)]
pub struct LogPrinter {
    groups: NewLogGroups,
    followed: FollowedLogs,
}

#[derive(Debug)]
struct FollowedLogs {
    format: LogFormat,
    logs: Vec<FollowedLog>,
}

#[derive(Debug)]
struct FollowedLog {
    group: Arc<LogGroup>,
    follower: LogFollower,
}

impl LogPrinter {
    /// Follows all log groups of an engine, those that are still to come too, each from its beginning.
    #[must_use]
    pub fn new(groups: &Arc<LogGroups>, format: LogFormat) -> Self {
        Self { groups: groups.follow(), followed: FollowedLogs { format, logs: Vec::new() } }
    }

    /// Writes lines as they come; never completes. Cancel safe. Writing blocks: run it where nothing else waits.
    pub async fn run(&mut self) -> Infallible {
        loop {
            let groups = tokio::select! {
                groups = self.groups.next() => groups,
                never = self.followed.write() => match never {},
            };
            self.followed.extend(groups);
        }
    }

    /// Writes what there is, and follows other log groups from now on.
    pub fn turn_to(&mut self, groups: &Arc<LogGroups>) {
        self.flush();
        *self = Self::new(groups, self.followed.format);
    }

    /// Writes what there is.
    pub fn flush(&mut self) {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(groups) = pin!(self.groups.next()).poll(context) {
            self.followed.extend(groups);
        }
        while self.followed.write_ready(context) {}
    }
}

impl FollowedLogs {
    fn extend(&mut self, groups: Vec<Arc<LogGroup>>) {
        self.logs.extend(groups.into_iter().map(|group| {
            let follower = group.follow_own();
            FollowedLog { group, follower }
        }));
    }

    async fn write(&mut self) -> Infallible {
        poll_fn(|context| {
            while self.write_ready(context) {}
            Poll::Pending
        })
        .await
    }

    /// Writes what there is of every log; false if there was nothing.
    fn write_ready(&mut self, context: &mut Context<'_>) -> bool {
        let mut text = String::new();
        for FollowedLog { group, follower } in &mut self.logs {
            if let Poll::Ready(followed) = pin!(follower.next()).poll(context) {
                let Followed { missed, entries } = followed;
                if missed > 0 {
                    self.format.write_missed(&mut text, group.name().as_str(), missed);
                }
                for line in &entries {
                    self.format.write(&mut text, &LogEntry::of(line, group));
                }
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

    /// Writes a line.
    pub(crate) fn write(self, text: &mut String, entry: &LogEntry) {
        match self {
            Self::Text => write_text(text, entry),
            Self::Json => write_json(text, entry),
        }
    }

    /// Says that lines were missed.
    pub(crate) fn write_missed(self, text: &mut String, whose: &str, missed: u64) {
        let written = match self {
            Self::Text => {
                writeln!(text, "{DIM}… {missed} lines of {whose} came too fast to be shown{DIM:#}")
            }
            Self::Json => writeln!(text, "{}", serde_json::json!({ "function": whose, "missed": missed })),
        };
        written.expect("a string takes everything");
    }
}

fn write_text(text: &mut String, entry: &LogEntry) {
    let LogEntry { time, function, message, .. } = entry;
    // The day is in the name of the log stream, and today.
    let clock = time.get(11..23).unwrap_or(time);
    let message = visible(message);
    // Of what has several lines, such as an error with its trace, the others are set off.
    let message = message.trim_end().replace('\n', "\n    ");
    let written = match entry.source {
        LogSource::Stdout | LogSource::Stderr | LogSource::Client => {
            writeln!(text, "{DIM}{clock}{DIM:#} {NAME}{function}{NAME:#} {message}")
        }
        LogSource::Platform => {
            writeln!(text, "{DIM}{clock}{DIM:#} {NAME}{function}{NAME:#} {DIM}{message}{DIM:#}")
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

fn write_json(text: &mut String, entry: &LogEntry) {
    let document = serde_json::to_string(entry).expect("texts always serialise");
    writeln!(text, "{document}").expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: LogFormat, source: LogSource, message: &str) -> String {
        let entry = LogEntry {
            time: "2025-11-24T23:13:29.123Z".to_owned(),
            function: "hello".to_owned(),
            stream: "stream".to_owned(),
            request_id: None,
            source,
            message: message.to_owned(),
        };
        let mut text = String::new();
        format.write(&mut text, &entry);
        strip_str(&text).to_string()
    }

    #[test]
    fn lines_have_time_and_function() {
        let check = |format, source, message, expect: &str| {
            assert_eq!(written(format, source, message), expect);
        };
        check(LogFormat::Text, LogSource::Stderr, "it works", "23:13:29.123 hello it works\n");
        check(LogFormat::Text, LogSource::Platform, "why\nwhere\n", "23:13:29.123 hello why\n    where\n");
        check(
            LogFormat::Json,
            LogSource::Stderr,
            "a \"quoted\" word",
            "{\"time\":\"2025-11-24T23:13:29.123Z\",\"function\":\"hello\",\"stream\":\"stream\",\
             \"source\":\"stderr\",\"message\":\"a \\\"quoted\\\" word\"}\n",
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
        LogFormat::Json.write_missed(&mut text, "hello", 7);
        assert_eq!(text, "{\"function\":\"hello\",\"missed\":7}\n");
    }
}
