//! The timeline as one document, or as a server-sent stream.

use hearth_engine::timeline::{Chain, Event, Kind, TimelineFollower};
use hearth_model::{identity::RequestId, time::Timestamp, work_id::WorkId};
use http::Response;
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value::Error as UnknownKind},
};

use super::{
    query::{invalid, is_set, parameter, since},
    sse::{self, Messages, Source},
};
use crate::{body::AnswerBody, error::ApiError, gateway::Gateway, rest_json};

/// Events in an answer to a request that names no limit.
const DEFAULT_LIMIT: usize = 1_000;

#[derive(Serialize)]
struct Document<'a> {
    /// Events that happened and are not kept any more.
    dropped: u64,
    events: &'a [&'a Event],
}

pub(super) fn answer(gateway: &Gateway, query: Option<&str>) -> Result<Response<AnswerBody>, ApiError> {
    let timeline = gateway.engine().timeline();
    let limit = limit(query)?;
    let mut wanted = Wanted::read(query, gateway.engine().clock().wall())?;
    if is_set(query, "follow")? {
        let follower = timeline.follow_from_start();
        let followed = Followed { follower, wanted, before: Some(limit) };
        return Ok(sse::answer(followed, gateway.stream_end().clone()));
    }
    let (dropped, events) = (timeline.dropped(), timeline.snapshot());
    let events = wanted.newest(&events, limit);
    Ok(rest_json::document(&Document { dropped, events: &events }))
}

fn limit(query: Option<&str>) -> Result<usize, ApiError> {
    let Some(text) = parameter(query, "limit")? else { return Ok(DEFAULT_LIMIT) };
    text.parse().map_err(|_| invalid(format!("`limit` must be a number, not `{text}`")))
}

/// Which events are wanted: those of which all that is said is true.
struct Wanted {
    request_id: Option<RequestId>,
    function: Option<String>,
    kinds: Option<Vec<Kind>>,
    since: Option<Timestamp>,
    chain_of: Option<WorkId>,
    /// Known from the first events on.
    chain: Option<Chain>,
}

impl Wanted {
    fn read(query: Option<&str>, now: Timestamp) -> Result<Self, ApiError> {
        let request_id = parameter(query, "request_id")?.map(|text| {
            let id = RequestId::parse(&text);
            id.ok_or_else(|| invalid(format!("`request_id` must be the id of a request, not `{text}`")))
        });
        let kinds = parameter(query, "kind")?.map(|text| text.split(',').map(kind).collect());
        let chain_of = parameter(query, "chain")?.map(|text| {
            let id = RequestId::parse(&text).map(WorkId::from).or_else(|| WorkId::parse(&text));
            id.ok_or_else(|| {
                invalid(format!(
                    "`chain` must be the id of a request, a message or an event, or a cause, not `{text}`"
                ))
            })
        });
        Ok(Self {
            request_id: request_id.transpose()?,
            function: parameter(query, "function")?,
            kinds: kinds.transpose()?,
            since: since(query, now)?,
            chain_of: chain_of.transpose()?,
            chain: None,
        })
    }

    /// The newest of the wanted ones among the events that are kept.
    fn newest<'a>(&mut self, events: &'a [Event], limit: usize) -> Vec<&'a Event> {
        self.chain = self.chain_of.map(|work| Chain::of(work, events));
        let mut wanted: Vec<_> = events.iter().filter(|event| self.has(event)).collect();
        wanted.drain(..wanted.len().saturating_sub(limit));
        wanted
    }

    /// To be asked about one event after the other.
    fn has(&mut self, event: &Event) -> bool {
        // In any case: what comes later may belong to the chain because of this one.
        let in_chain = self.chain.as_mut().is_none_or(|chain| chain.has(event));
        in_chain
            && self.request_id.is_none_or(|id| event.request_id() == Some(id))
            && self
                .function
                .as_deref()
                .is_none_or(|name| event.function().is_some_and(|known| **known == *name))
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.kind.kind()))
            && self.since.is_none_or(|since| event.wall >= since)
    }
}

fn kind(text: &str) -> Result<Kind, ApiError> {
    Kind::deserialize(text.into_deserializer())
        .map_err(|error: UnknownKind| invalid(format!("`kind`: {error}")))
}

/// The newest events before the request, and then events as they happen.
struct Followed {
    follower: TimelineFollower,
    wanted: Wanted,
    /// How many of the events before the request are wanted, until they are told.
    before: Option<usize>,
}

impl Source for Followed {
    async fn next(&mut self) -> Messages {
        let followed = self.follower.next().await;
        let (missed, events) = match self.before.take() {
            Some(limit) => (0, self.wanted.newest(&followed.entries, limit)),
            None => {
                (followed.missed, followed.entries.iter().filter(|event| self.wanted.has(event)).collect())
            }
        };
        let mut messages = Messages::with_missed(missed);
        for event in events {
            messages.add(event.sequence, event);
        }
        messages
    }
}
