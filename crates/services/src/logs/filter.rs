//! Searching a group for events.

use hearth_engine::log::LogLine;
use hearth_model::{filter_pattern::FilterPattern, identity::Partition, validation::Violation};

use super::{
    Event, GroupSelector, Logs, PageRequest, Refusal,
    events::{MOST, check_times, page},
    key::{EventKey, Token},
    names::check_stream_name,
};

/// Most streams that can be named.
const MOST_STREAMS: usize = 100;

/// What `FilterLogEvents` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterRequest {
    /// The group.
    pub group: GroupSelector,
    /// Events of these streams.
    pub streams: Option<Vec<String>>,
    /// Events of streams whose names begin so.
    pub stream_prefix: Option<String>,
    /// Events from this time on, in milliseconds since 1970.
    pub start: Option<i64>,
    /// Events until this time, in milliseconds since 1970.
    pub end: Option<i64>,
    /// Events that match; see [`FilterPattern`].
    pub pattern: Option<String>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// Which part of the events.
    pub page: PageRequest,
}

/// Events of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterPage {
    /// The events, in the order that was asked for.
    pub events: Vec<Event>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

impl Logs {
    /// `FilterLogEvents`.
    ///
    /// # Errors
    /// If there is no such group or stream, or a parameter is not allowed.
    pub fn filter(&self, partition: &Partition, request: &FilterRequest) -> Result<FilterPage, Refusal> {
        let limit = request.page.limit(MOST)?;
        let token = request.page.token.as_deref().map(Token::parse).transpose()?;
        let pattern = pattern(request.pattern.as_deref().unwrap_or_default())?;
        request.check()?;
        let group = self.select(partition, &request.group)?;
        let streams = request.streams.as_deref().unwrap_or_default();
        if streams.iter().any(|name| group.stream(name).is_none()) {
            return Err(Refusal::stream_not_found());
        }
        let mut lines = self.lines(partition, &group);
        let newest_first = match token {
            None => request.newest_first,
            Some(Token::Forward(_)) => false,
            Some(Token::Backward(_)) => true,
        };
        if newest_first {
            lines.reverse();
        }
        let is_ahead = |line: &&LogLine| match token {
            None => true,
            Some(Token::Forward(key)) => EventKey::of(line) > key,
            Some(Token::Backward(key)) => EventKey::of(line) < key,
        };
        let matches = |line: &&LogLine| request.covers(line) && pattern.matches(&line.text());
        let mut matching = lines.iter().filter(is_ahead).filter(matches).peekable();
        let events = page(&mut matching, limit);
        let last = events.last().map(|(key, _)| *key).filter(|_| matching.peek().is_some());
        let next_token = last.map(|last| {
            let token = if newest_first { Token::Backward(last) } else { Token::Forward(last) };
            token.to_string()
        });
        Ok(FilterPage { events: events.into_iter().map(|(_, event)| event).collect(), next_token })
    }
}

impl FilterRequest {
    fn check(&self) -> Result<(), Refusal> {
        check_times(self.start, self.end)?;
        if let Some(prefix) = &self.stream_prefix {
            check_stream_name("logStreamNamePrefix", prefix)?;
        }
        let Some(streams) = &self.streams else { return Ok(()) };
        if self.stream_prefix.is_some() {
            return Err(Refusal::invalid(
                "LogStream names and LogStream name prefix are mutually exclusive parameters.",
            ));
        }
        let given = format!("[{}]", streams.join(", "));
        if streams.is_empty() {
            return Err(Violation::length_at_least("logStreamNames", &given, 1).into());
        }
        if streams.len() > MOST_STREAMS {
            return Err(Violation::length_at_most("logStreamNames", &given, MOST_STREAMS).into());
        }
        Ok(())
    }

    /// Whether a line is of a stream and a time that are asked for.
    fn covers(&self, line: &LogLine) -> bool {
        let (at, stream) = (line.at.as_unix_millis(), line.stream.name());
        self.start.is_none_or(|start| at >= start)
            && self.end.is_none_or(|end| at <= end)
            && self.streams.as_ref().is_none_or(|streams| streams.iter().any(|name| name == stream))
            && self.stream_prefix.as_deref().is_none_or(|prefix| stream.starts_with(prefix))
    }
}

fn pattern(text: &str) -> Result<FilterPattern, Refusal> {
    if text.chars().count() > FilterPattern::MOST_CHARACTERS {
        return Err(Violation::length_at_most("filterPattern", text, FilterPattern::MOST_CHARACTERS).into());
    }
    Ok(FilterPattern::parse(text)?)
}
