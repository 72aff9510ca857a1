//! The timeline as one document, or as a server-sent stream.

use hearth_engine::timeline::{Event, TimelineFollower};
use http::Response;
use serde::Serialize;

use super::sse::{self, Messages, Source};
use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// Events in an answer to a request that names no limit.
const DEFAULT_LIMIT: usize = 1_000;

#[derive(Serialize)]
struct Document<'a> {
    /// Events that happened and are not kept any more.
    dropped: u64,
    events: &'a [Event],
}

pub(super) fn answer(gateway: &Gateway, query: Option<&str>) -> Response<AnswerBody> {
    let timeline = gateway.engine().timeline();
    let limit = match limit(query) {
        Ok(limit) => limit,
        Err(error) => return rest_json::error(&error),
    };
    if matches!(percent::parameter(query, "follow").flatten().as_deref(), Some("1" | "true")) {
        let follower = timeline.follow_from_start();
        return sse::answer(Followed { follower, before: Some(limit) }, gateway.stream_end().clone());
    }
    let events = timeline.snapshot();
    rest_json::document(&Document { dropped: timeline.dropped(), events: newest(&events, limit) })
}

fn limit(query: Option<&str>) -> Result<usize, ApiError> {
    match percent::parameter(query, "limit") {
        Some(None) => Ok(DEFAULT_LIMIT),
        Some(Some(text)) => text.parse().map_err(|_| {
            ApiError::new(ErrorCode::InvalidParameterValue, format!("`limit` must be a number, not `{text}`"))
        }),
        None => Err(ApiError::new(ErrorCode::InvalidParameterValue, "`limit` is not percent-encoded text")),
    }
}

fn newest(events: &[Event], limit: usize) -> &[Event] {
    &events[events.len().saturating_sub(limit)..]
}

/// The newest events before the request, and then events as they happen.
struct Followed {
    follower: TimelineFollower,
    /// How many of the events before the request are wanted, until they are told.
    before: Option<usize>,
}

impl Source for Followed {
    async fn next(&mut self) -> Messages {
        let followed = self.follower.next().await;
        let (missed, events) = match self.before.take() {
            Some(limit) => (0, newest(&followed.entries, limit)),
            None => (followed.missed, &followed.entries[..]),
        };
        let mut messages = Messages::with_missed(missed);
        for event in events {
            messages.add(event.sequence, event);
        }
        messages
    }
}
