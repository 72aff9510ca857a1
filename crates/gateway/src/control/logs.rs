//! A function's log as one document, or as a server-sent stream.

use std::sync::Arc;

use hearth_engine::log::{LogFollower, LogGroup, LogLine, Message, Source as Output};
use hearth_model::{filter_pattern::FilterPattern, identity::RequestId, time::Timestamp};
use http::{Response, request::Parts};
use serde::{Deserialize, Serialize};

use super::{
    query::{invalid, is_set, parameter, since},
    sse::{self, Messages, Source},
    text::rfc_3339,
};
use crate::{body::AnswerBody, credential, error::ApiError, gateway::Gateway, percent, rest_json};

/// The lines of a function's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// Lines of its log group that were written and are not kept any more.
    pub dropped: u64,
    /// The lines, oldest first.
    pub lines: Vec<LogEntry>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it was written: `2025-11-24T23:13:29.123Z`.
    pub time: String,
    /// The name of the function that wrote it; the name of the log group if a client did.
    pub function: String,
    /// The log stream.
    pub stream: String,
    /// The request that was served then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// Who wrote it.
    pub source: LogSource,
    /// What it says, without newline at the end.
    pub message: String,
}

/// Who writes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSource {
    /// The guest, to standard output.
    Stdout,
    /// The guest, to standard error.
    Stderr,
    /// Hearth, about the guest.
    Platform,
    /// A client, through `PutLogEvents`.
    Client,
}

impl LogEntry {
    /// A line of a group.
    #[must_use]
    pub fn of(line: &LogLine, group: &LogGroup) -> Self {
        let function = line.stream.function();
        Self {
            time: rfc_3339(line.at),
            function: function.map_or_else(|| group.name().to_string(), |function| function.to_string()),
            stream: line.stream.name().to_owned(),
            request_id: line.request_id,
            source: match &line.message {
                Message::Output { source: Output::Stdout, .. } => LogSource::Stdout,
                Message::Output { source: Output::Stderr, .. } => LogSource::Stderr,
                Message::Platform(_) => LogSource::Platform,
                Message::Event(_) => LogSource::Client,
            },
            message: line.to_string(),
        }
    }
}

/// Answers a request for the log of a function, whose name or ARN is still percent-encoded.
pub(super) fn answer(
    gateway: &Gateway,
    function: &str,
    head: &Parts,
) -> Result<Response<AnswerBody>, ApiError> {
    let name = percent::decode(function).ok_or_else(|| invalid("the function's name is not text"))?;
    let partition = credential::partition(&head.headers, gateway.default_partition());
    let function = gateway.functions().resolve(&partition, &name, None)?;
    let query = head.uri.query();
    let filter = parameter(query, "filter")?.unwrap_or_default();
    let filter = FilterPattern::parse(&filter).map_err(|error| invalid(error.to_string()))?;
    let wanted = Wanted {
        group: function.log(),
        function: Arc::clone(function.name()),
        since: since(query, gateway.engine().clock().wall())?,
        filter,
    };
    if is_set(query, "follow")? {
        let follower = wanted.group.follow_from_start();
        return Ok(sse::answer(Followed { follower, wanted, begun: false }, gateway.stream_end().clone()));
    }
    let lines = wanted.group.snapshot();
    let lines = lines.iter().filter(|line| wanted.has(line)).map(|line| LogEntry::of(line, &wanted.group));
    Ok(rest_json::document(&LogLines { dropped: wanted.group.dropped(), lines: lines.collect() }))
}

/// Which lines of a group are wanted.
struct Wanted {
    group: Arc<LogGroup>,
    function: Arc<str>,
    since: Option<Timestamp>,
    filter: FilterPattern,
}

impl Wanted {
    fn has(&self, line: &LogLine) -> bool {
        line.stream.function() == Some(&self.function)
            && self.since.is_none_or(|since| line.at >= since)
            && self.filter.matches(&line.text())
    }
}

/// The lines that are kept, and then lines as they are written.
struct Followed {
    follower: LogFollower,
    wanted: Wanted,
    begun: bool,
}

impl Source for Followed {
    async fn next(&mut self) -> Messages {
        let followed = self.follower.next().await;
        // What had gone before the request was not missed.
        let missed = if self.begun { followed.missed } else { 0 };
        self.begun = true;
        let mut messages = Messages::with_missed(missed);
        for line in followed.entries.iter().filter(|line| self.wanted.has(line)) {
            messages.add(line.sequence, &LogEntry::of(line, &self.wanted.group));
        }
        messages
    }
}
