//! Bodies that guests write: in memory, where a response is read when its guest has returned.
//!
//! `wasmtime-wasi-http` gives every body a channel, with a task at its other end. A handler's response has no use for that, as
//! nobody gets it before it is whole, so that the functions that are about bodies of guests are Hearth's own here, and bodies
//! of requests that guests send still have their channels.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use hearth_model::limits;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use parking_lot::Mutex;
use wasmtime::{
    Result, StoreContextMut,
    component::{Linker, Resource, ResourceType},
};
use wasmtime_wasi_http::{
    Error, FieldMap,
    p2::{
        bindings::http::types::ErrorCode,
        body::{HostOutgoingBody, StreamContext},
        types::{HostOutgoingRequest, HostOutgoingResponse},
    },
};
use wasmtime_wasi_io::{
    poll::Pollable,
    streams::{DynOutputStream, OutputStream, StreamError, StreamResult},
};

use super::State;

/// How much of a body a guest may write at once.
const WRITE_PERMIT_BYTES: usize = 1 << 20;

/// A body that a guest writes.
enum OutgoingBody {
    /// That of a request.
    Sent(HostOutgoingBody),
    /// That of a response.
    Answered(ResponseBody),
}

type Store<'a> = StoreContextMut<'a, State>;

/// Puts Hearth's own functions in the place of the library's.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance("wasi:http/types@0.2.12")?;
    types.resource("outgoing-body", ResourceType::host::<OutgoingBody>(), |mut store: Store<'_>, body| {
        match store.data_mut().table.delete(Resource::<OutgoingBody>::new_own(body))? {
            OutgoingBody::Sent(body) => body.abort(),
            OutgoingBody::Answered(body) => body.abort(),
        }
        Ok(())
    })?;
    types.func_wrap(
        "[method]outgoing-request.body",
        |mut store: Store<'_>, (request,): (Resource<HostOutgoingRequest>,)| {
            let table = &mut store.data_mut().table;
            let request = table.get_mut(&request)?;
            if request.body.is_some() {
                return Ok((Err(()),));
            }
            let length = content_length(&request.headers);
            let (body, receiver) =
                HostOutgoingBody::new(StreamContext::Request, length, 1, WRITE_PERMIT_BYTES);
            request.body = Some(receiver);
            Ok((Ok(table.push(OutgoingBody::Sent(body))?),))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-response.body",
        |mut store: Store<'_>, (response,): (Resource<HostOutgoingResponse>,)| {
            let table = &mut store.data_mut().table;
            let response = table.get_mut(&response)?;
            if response.body.is_some() {
                return Ok((Err(()),));
            }
            let body = ResponseBody::new(content_length(&response.headers));
            response.body = Some(body.clone().boxed_unsync());
            Ok((Ok(table.push(OutgoingBody::Answered(body))?),))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-body.write",
        |mut store: Store<'_>, (body,): (Resource<OutgoingBody>,)| {
            let table = &mut store.data_mut().table;
            let stream = match table.get_mut(&body)? {
                OutgoingBody::Sent(body) => body.take_output_stream(),
                OutgoingBody::Answered(body) => body.take_stream(),
            };
            let Some(stream) = stream else { return Ok((Err(()),)) };
            Ok((Ok(table.push_child(stream, &body)?),))
        },
    )?;
    types.func_wrap(
        "[static]outgoing-body.finish",
        |mut store: Store<'_>, (body, trailers): (Resource<OutgoingBody>, Option<Resource<FieldMap>>)| {
            let table = &mut store.data_mut().table;
            let body = table.delete(body)?;
            let trailers = trailers.map(|trailers| table.delete(trailers)).transpose()?;
            let finished: Result<(), ErrorCode> = match body {
                OutgoingBody::Sent(body) => body.finish(trailers),
                // Nothing that Hearth answers has any trailers.
                OutgoingBody::Answered(body) => body.finish(),
            };
            Ok((finished,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What a guest says of the length of a body; `FieldMap` lets no more than one number pass.
fn content_length(headers: &FieldMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The body of a response: written by the guest, and read once the guest has returned.
#[derive(Clone)]
struct ResponseBody(Arc<Mutex<Written>>);

struct Written {
    /// No more than Lambda lets through; what exceeds it is counted and dropped.
    kept: BytesMut,
    total: usize,
    /// What the guest said that it would write.
    expected: Option<u64>,
    has_stream: bool,
    end: End,
}

/// How a body has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has not.
    Unfinished,
    /// It is whole.
    Finished,
    /// It was given up, or has another length than the guest said.
    Aborted,
    /// It was read.
    Taken,
}

impl ResponseBody {
    fn new(expected: Option<u64>) -> Self {
        let (kept, end) = (BytesMut::new(), End::Unfinished);
        Self(Arc::new(Mutex::new(Written { kept, total: 0, expected, has_stream: false, end })))
    }

    fn take_stream(&self) -> Option<DynOutputStream> {
        let had_stream = mem::replace(&mut self.0.lock().has_stream, true);
        (!had_stream).then(|| Box::new(self.clone()) as DynOutputStream)
    }

    fn finish(&self) -> Result<(), ErrorCode> {
        let mut written = self.0.lock();
        let is_whole = written.expected.is_none_or(|expected| expected == written.total as u64);
        written.end = if is_whole { End::Finished } else { End::Aborted };
        if is_whole { Ok(()) } else { Err(ErrorCode::HttpResponseBodySize(Some(written.total as u64))) }
    }

    fn abort(&self) {
        self.0.lock().end = End::Aborted;
    }
}

impl OutputStream for ResponseBody {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut written = self.0.lock();
        written.total += bytes.len();
        let room = limits::RESPONSE_BYTES - written.kept.len();
        written.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let total = written.total as u64;
        if written.expected.is_some_and(|expected| total > expected) {
            let error = ErrorCode::HttpResponseBodySize(Some(total));
            return Err(StreamError::LastOperationFailed(error.into()));
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for ResponseBody {
    async fn ready(&mut self) {}
}

/// To be read when the guest has returned.
impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut written = self.0.lock();
        Poll::Ready(match mem::replace(&mut written.end, End::Taken) {
            End::Finished if written.total > limits::RESPONSE_BYTES => {
                Some(Err(Error::HttpResponseBodySize(Some(written.total as u64))))
            }
            End::Finished => Some(Ok(Frame::data(mem::take(&mut written.kept).freeze()))),
            End::Unfinished | End::Aborted => Some(Err(Error::HttpResponseIncomplete)),
            End::Taken => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a body, once.
    async fn read(mut body: ResponseBody) -> Result<Bytes, Error> {
        let frame = body.frame().await.expect("a body is there until it is read")?;
        assert!(body.frame().await.is_none(), "and only until then");
        Ok(frame.into_data().expect("there are no trailers"))
    }

    fn write(body: &ResponseBody, text: &'static str) -> StreamResult<()> {
        body.clone().write(Bytes::from_static(text.as_bytes()))
    }

    #[tokio::test]
    async fn a_body_is_what_was_written() {
        let body = ResponseBody::new(None);
        assert!(body.take_stream().is_some() && body.take_stream().is_none(), "there is one stream");
        write(&body, "one ").expect("there is room");
        write(&body, "two").expect("there is room");
        body.finish().expect("any length will do");
        assert_eq!(read(body).await.expect("it is whole"), "one two");
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_was_said() {
        let exact = ResponseBody::new(Some(3));
        write(&exact, "abc").expect("it fits");
        exact.finish().expect("it is as long");
        assert_eq!(read(exact).await.expect("it is whole"), "abc");
        let short = ResponseBody::new(Some(4));
        write(&short, "abc").expect("it fits");
        assert!(matches!(short.finish(), Err(ErrorCode::HttpResponseBodySize(Some(3)))));
        assert!(matches!(read(short).await, Err(Error::HttpResponseIncomplete)));
        assert!(matches!(
            write(&ResponseBody::new(Some(2)), "abc"),
            Err(StreamError::LastOperationFailed(_))
        ));
    }

    #[tokio::test]
    async fn a_body_that_was_given_up_or_forgotten_is_no_answer() {
        let aborted = ResponseBody::new(None);
        aborted.abort();
        assert!(matches!(read(aborted).await, Err(Error::HttpResponseIncomplete)));
        assert!(matches!(read(ResponseBody::new(None)).await, Err(Error::HttpResponseIncomplete)));
    }

    #[tokio::test]
    async fn what_is_too_large_is_counted_and_dropped() {
        let body = ResponseBody::new(None);
        let piece = Bytes::from(vec![0; limits::RESPONSE_BYTES]);
        for _ in 0..3 {
            body.clone().write(piece.clone()).expect("it is taken");
        }
        assert_eq!(body.0.lock().kept.len(), limits::RESPONSE_BYTES);
        body.finish().expect("any length will do");
        let bytes = 3 * limits::RESPONSE_BYTES as u64;
        assert!(matches!(read(body).await, Err(Error::HttpResponseBodySize(Some(found))) if found == bytes));
    }
}
