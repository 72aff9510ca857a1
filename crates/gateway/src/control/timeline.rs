//! The timeline as one document, or as a server-sent stream (HTML Living Standard, section 9.2).

use std::{
    convert::Infallible,
    fmt::Write,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hearth_engine::{
    Engine, Followed,
    timeline::{Event, TimelineFollower},
    work::WorkTracker,
};
use http::{
    HeaderValue, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};
use serde::Serialize;

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
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

pub(super) fn answer(engine: &Engine, query: Option<&str>) -> Response<AnswerBody> {
    let limit = match limit(query) {
        Ok(limit) => limit,
        Err(error) => return rest_json::error(&error),
    };
    if matches!(percent::parameter(query, "follow").flatten().as_deref(), Some("1" | "true")) {
        return stream(engine, limit);
    }
    let events = engine.timeline().snapshot();
    rest_json::document(&Document { dropped: engine.timeline().dropped(), events: newest(&events, limit) })
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

fn stream(engine: &Engine, limit: usize) -> Response<AnswerBody> {
    let follower = engine.timeline().follow_from_start();
    let body = EventStream { next: next(follower, engine.work().clone()), before: Some(limit) };
    let mut response = Response::new(AnswerBody::Stream(UnsyncBoxBody::new(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Events as they happen, until the engine ends.
struct EventStream {
    next: Next,
    /// How many of the events before the request are wanted, until they are sent.
    before: Option<usize>,
}

/// Waiting for events; `None` once the engine has ended.
type Next = Pin<Box<dyn Future<Output = Option<(Followed<Event>, TimelineFollower, WorkTracker)>> + Send>>;

fn next(mut follower: TimelineFollower, work: WorkTracker) -> Next {
    Box::pin(async move {
        let followed = tokio::select! {
            followed = follower.next() => followed,
            () = work.aborted() => return None,
        };
        Some((followed, follower, work))
    })
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((followed, follower, work)) = ready!(self.next.as_mut().poll(context)) else {
            return Poll::Ready(None);
        };
        self.next = next(follower, work);
        let text = match self.before.take() {
            Some(limit) => messages(0, newest(&followed.entries, limit)),
            None => messages(followed.missed, &followed.entries),
        };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))))
    }
}

/// One message for each event, with its number as id, and one before them if the client was too slow for some.
fn messages(missed: u64, events: &[Event]) -> String {
    let mut text = String::new();
    let mut write = |line: std::fmt::Arguments<'_>| text.write_fmt(line).expect("a string takes everything");
    if missed > 0 {
        write(format_args!("event: missed\ndata: {{\"missed\":{missed}}}\n\n"));
    }
    for event in events {
        let document =
            serde_json::to_string(event).expect("an event has texts as keys and no other reason to fail");
        write(format_args!("id: {}\ndata: {document}\n\n", event.sequence));
    }
    text
}
