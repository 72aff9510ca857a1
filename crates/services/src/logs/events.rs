//! Reading the events of one stream.

use std::iter::Peekable;

use hearth_engine::log::{LogLine, Message, PlatformLine};
use hearth_model::{identity::Partition, time::Timestamp, validation::Violation};

use super::{
    GroupSelector, Logs, PageRequest, Refusal,
    key::{EventKey, Token},
    names::check_stream_name,
};

/// Most events in an answer.
pub(super) const MOST: usize = 10_000;

/// Most bytes of events in an answer.
const MOST_BYTES: usize = 1024 * 1024;

/// What `GetLogEvents` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsRequest {
    /// The group.
    pub group: GroupSelector,
    /// The stream.
    pub stream: String,
    /// Events from this time on, in milliseconds since 1970.
    pub start: Option<i64>,
    /// Events before this time, in milliseconds since 1970.
    pub end: Option<i64>,
    /// Whether the first page has the oldest events rather than the newest.
    pub from_head: bool,
    /// Which part of the events.
    pub page: PageRequest,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique in its group.
    pub id: String,
    /// The name of its stream.
    pub stream: String,
    /// When it was.
    pub at: Timestamp,
    /// When it came.
    pub ingested_at: Timestamp,
    /// What it says.
    pub message: String,
}

/// Events of a stream, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events.
    pub events: Vec<Event>,
    /// Leads to newer ones; the same as in the request if there are none.
    pub forward: String,
    /// Leads to older ones; the same as in the request if there are none.
    pub backward: String,
}

impl Logs {
    /// `GetLogEvents`.
    ///
    /// # Errors
    /// If there is no such group or stream, or a parameter is not allowed.
    pub fn events(&self, partition: &Partition, request: &EventsRequest) -> Result<EventPage, Refusal> {
        check_stream_name("logStreamName", &request.stream)?;
        check_times(request.start, request.end)?;
        let limit = request.page.limit(MOST)?;
        let token = request.page.token.as_deref().map(Token::parse).transpose()?;
        let group = self.select(partition, &request.group)?;
        let stream = group.stream(&request.stream).ok_or_else(Refusal::stream_not_found)?;
        let mut lines = self.lines(partition, &group);
        lines.retain(|line| {
            let at = line.at.as_unix_millis();
            line.stream.name() == stream.name()
                && request.start.is_none_or(|start| at >= start)
                && request.end.is_none_or(|end| at < end)
        });
        let (lines, forward) = match token {
            None => (&lines[..], request.from_head),
            Some(Token::Forward(key)) => {
                (&lines[lines.partition_point(|line| EventKey::of(line) <= key)..], true)
            }
            Some(Token::Backward(key)) => {
                (&lines[..lines.partition_point(|line| EventKey::of(line) < key)], false)
            }
        };
        let events: Vec<_> = if forward {
            page(&mut lines.iter().peekable(), limit)
        } else {
            let mut events = page(&mut lines.iter().rev().peekable(), limit);
            events.reverse();
            events
        };
        let (forward, backward) = match (&*events, token) {
            ([first, .., last], _) => (last.0, first.0),
            ([only], _) => (only.0, only.0),
            ([], Some(Token::Forward(key))) => (key, key.after()),
            ([], Some(Token::Backward(key))) => (key.before(), key),
            ([], None) => (EventKey::default(), EventKey::default()),
        };
        Ok(EventPage {
            events: events.into_iter().map(|(_, event)| event).collect(),
            forward: Token::Forward(forward).to_string(),
            backward: Token::Backward(backward).to_string(),
        })
    }
}

/// As many of the next lines as an answer can have, as events with their keys.
pub(super) fn page<'l>(
    lines: &mut Peekable<impl Iterator<Item = &'l LogLine>>,
    limit: usize,
) -> Vec<(EventKey, Event)> {
    let mut page: Vec<(EventKey, Event)> = Vec::new();
    let mut bytes = 0;
    while page.len() < limit
        && let Some(line) = lines.peek()
    {
        let event = Event::of(line);
        bytes += event.message.len();
        // At least one, however large it is.
        if bytes > MOST_BYTES && !page.is_empty() {
            break;
        }
        page.push((EventKey::of(line), event));
        lines.next();
    }
    page
}

/// Checks a range of times in milliseconds since 1970.
pub(super) fn check_times(start: Option<i64>, end: Option<i64>) -> Result<(), Refusal> {
    for (member, time) in [("startTime", start), ("endTime", end)] {
        if let Some(time) = time.filter(|time| *time < 0) {
            return Err(Violation::value_at_least(member, time, 0).into());
        }
    }
    Ok(())
}

impl Event {
    fn of(line: &LogLine) -> Self {
        let mut message = line.text().into_owned();
        // Lines keep the newline that ended them, but for those that Lambda's runtimes pass to the log as a whole.
        match line.message {
            Message::Event(_) | Message::Platform(PlatformLine::Text(_)) => {}
            Message::Output { .. } | Message::Platform(_) => message.push('\n'),
        }
        Self {
            id: EventKey::of(line).to_string(),
            stream: line.stream.name().to_owned(),
            at: line.at,
            ingested_at: line.ingested_at,
            message,
        }
    }
}
