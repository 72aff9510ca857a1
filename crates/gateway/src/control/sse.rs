//! Server-sent streams (HTML Living Standard, section 9.2): messages as they come about.

use std::{
    convert::Infallible,
    fmt::Write,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hearth_engine::{Engine, work::WorkTracker};
use http::{
    HeaderValue, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};
use serde::Serialize;

use crate::body::AnswerBody;

/// What ends a stream, or a socket: that the gateway stops, or the engine. They have no end of their own, and nobody shall wait
/// for them.
#[derive(Clone, Debug)]
pub(crate) struct StreamEnd {
    gateway: WorkTracker,
    engine: WorkTracker,
}

impl StreamEnd {
    /// Streams of a gateway to what runs on this engine.
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { gateway: WorkTracker::default(), engine: engine.work().clone() }
    }

    /// Ends all streams, those to come included.
    pub(crate) fn end(&self) {
        self.gateway.abort();
    }

    /// Waits for the end. Cancel safe.
    pub(crate) async fn reached(&self) {
        tokio::select! {
            () = self.gateway.aborted() => {}
            () = self.engine.aborted() => {}
        }
    }
}

/// What a stream tells.
pub(super) trait Source: Send + Unpin + 'static {
    /// Waits for something to tell; may have nothing to tell after all.
    fn next(&mut self) -> impl Future<Output = Messages> + Send;
}

/// Messages on their way to a client.
#[derive(Debug, Default)]
pub(super) struct Messages(String);

impl Messages {
    /// Tells how much the client was too slow for, if it was.
    pub(super) fn with_missed(missed: u64) -> Self {
        if missed == 0 {
            return Self::default();
        }
        Self(format!("event: missed\ndata: {{\"missed\":{missed}}}\n\n"))
    }

    /// Adds a document, with its number as id.
    pub(super) fn add(&mut self, id: u64, document: &impl Serialize) {
        let document = serde_json::to_string(document)
            .expect("a document has texts as keys, and no other reason to fail");
        write!(self.0, "id: {id}\ndata: {document}\n\n").expect("a string takes everything");
    }
}

/// Tells what there is to tell until the end, or the client goes away.
pub(super) fn answer<S: Source>(source: S, end: StreamEnd) -> Response<AnswerBody> {
    let body = EventStream { next: next(source, end) };
    let mut response = Response::new(AnswerBody::Stream(UnsyncBoxBody::new(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

struct EventStream<S> {
    next: Next<S>,
}

/// Waiting for messages; `None` at the end.
type Next<S> = Pin<Box<dyn Future<Output = Option<(Messages, S, StreamEnd)>> + Send>>;

fn next<S: Source>(mut source: S, end: StreamEnd) -> Next<S> {
    Box::pin(async move {
        let messages = tokio::select! {
            messages = source.next() => messages,
            () = end.reached() => return None,
        };
        Some((messages, source, end))
    })
}

impl<S: Source> Body for EventStream<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            let Some((Messages(text), source, end)) = ready!(self.next.as_mut().poll(context)) else {
                return Poll::Ready(None);
            };
            self.next = next(source, end);
            if !text.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))));
            }
        }
    }
}
