//! Bodies: reading a request's within a limit, writing an answer's.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header::EXPECT};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use thiserror::Error;

use crate::patience::{Busy, Turn};

/// How much of a body that is too large is read and thrown away, so that a client which sends first and listens
/// afterwards learns why it was refused. A client that sends more than that finds its connection closed.
const DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// Why a request's body could not be read.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    /// It is larger than allowed.
    #[error("a body of {bytes} bytes is too large")]
    TooLarge {
        /// Its size as far as it is known: what was announced, or what came.
        bytes: usize,
    },
    /// It ended early, or its framing is broken.
    #[error("the body could not be read: {reason}")]
    Broken {
        /// What the connection says.
        reason: String,
    },
}

/// The body of a request, as it comes.
#[derive(Debug)]
pub(crate) struct RequestBody {
    incoming: Incoming,
    turn: Arc<Turn>,
    /// What came since the peer was last said to have got somewhere.
    bytes: usize,
}

/// How much of a body is a [step](Turn::step): so much is to come in the time that a peer has.
const STEP_BYTES: usize = 64 * 1024;

impl RequestBody {
    pub(crate) fn new(incoming: Incoming, turn: Arc<Turn>) -> Self {
        Self { incoming, turn, bytes: 0 }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.incoming).poll_frame(context);
        self.turn.hear(frame.is_pending());
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.bytes += frame.data_ref().map_or(0, Bytes::len);
            if self.bytes >= STEP_BYTES {
                self.bytes = 0;
                self.turn.step();
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.turn.hear(false);
    }
}

/// Whether a client sends its body only when it is asked to.
pub(crate) fn awaits_permission(headers: &HeaderMap) -> bool {
    headers.contains_key(EXPECT)
}

/// Reads a body of at most `limit` bytes. No more than that is ever kept, and a body that arrives in one piece is not
/// copied.
///
/// If the client [awaits permission](awaits_permission), one that announces too much is refused before it sends a byte.
pub(crate) async fn read<B>(mut body: B, limit: usize, awaits_permission: bool) -> Result<Bytes, BodyError>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: ToString,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        if !awaits_permission {
            discard(body).await;
        }
        return Err(BodyError::TooLarge { bytes: announced });
    }
    let Some(first) = next_data(&mut body).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(announced.max(first.len()));
    let mut next = Some(first);
    while let Some(data) = next {
        let bytes = whole.len() + data.len();
        if bytes > limit {
            drop(whole);
            discard(body).await;
            return Err(BodyError::TooLarge { bytes });
        }
        whole.extend_from_slice(&data);
        next = next_data(&mut body).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are skipped, since nothing that Hearth serves has any.
async fn next_data<B>(body: &mut B) -> Result<Option<Bytes>, BodyError>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: ToString,
{
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Err(error) => return Err(BodyError::Broken { reason: error.to_string() }),
        }
    }
    Ok(None)
}

/// Reads a body that nobody wants, up to a bound.
pub(crate) async fn discard<B>(mut body: B)
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: ToString,
{
    let mut remaining = DISCARDED_BYTES;
    while let Ok(Some(data)) = next_data(&mut body).await {
        let Some(rest) = remaining.checked_sub(data.len()) else { return };
        remaining = rest;
    }
}

/// The body of an answer on its way. The request is under way until it is sent.
pub(crate) struct Underway {
    body: AnswerBody,
    _busy: Busy,
}

impl Underway {
    pub(crate) fn new(body: AnswerBody, busy: Busy) -> Self {
        Self { body, _busy: busy }
    }
}

impl HttpBody for Underway {
    type Data = Bytes;
    type Error = s3s::StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer.
pub(crate) enum AnswerBody {
    /// All of it, until it is taken.
    Whole(Option<Bytes>),
    /// Pieces as they come about, for as long as the client listens.
    Stream(UnsyncBoxBody<Bytes, Infallible>),
    /// What is sent as it is read: the content of an object, or an archive. If that fails, the connection breaks, so that nobody
    /// takes a part for the whole.
    Content(s3s::Body),
}

impl AnswerBody {
    pub(crate) const EMPTY: Self = Self::Whole(None);
}

impl From<Bytes> for AnswerBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole((!bytes.is_empty()).then_some(bytes))
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = s3s::StdError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(stream) => Pin::new(stream).poll_frame(context).map_err(|never| match never {}),
            Self::Content(content) => Pin::new(content).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Stream(stream) => stream.is_end_stream(),
            Self::Content(content) => content.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(stream) => stream.size_hint(),
            Self::Content(content) => content.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A body in pieces; `announced` is its content-length, if it has one.
    struct Pieces {
        announced: Option<u64>,
        pieces: VecDeque<Result<Bytes, String>>,
        taken: usize,
    }

    impl Pieces {
        fn new(announced: Option<u64>, pieces: &[&'static str]) -> Self {
            let pieces = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
            Self { announced, pieces, taken: 0 }
        }
    }

    impl HttpBody for &mut Pieces {
        type Data = Bytes;
        type Error = String;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, String>>> {
            self.taken += 1;
            Poll::Ready(self.pieces.pop_front().map(|piece| piece.map(Frame::data)))
        }

        fn is_end_stream(&self) -> bool {
            self.pieces.is_empty()
        }

        fn size_hint(&self) -> SizeHint {
            self.announced.map(SizeHint::with_exact).unwrap_or_default()
        }
    }

    #[tokio::test]
    async fn a_body_in_one_piece_is_not_copied() {
        let mut body = Pieces::new(Some(5), &["hello"]);
        let start = body.pieces[0].as_ref().expect("a piece").as_ptr();
        assert_eq!(read(&mut body, 5, false).await.expect("it fits").as_ptr(), start);
    }

    #[tokio::test]
    async fn pieces_are_joined_up_to_the_limit() {
        for (announced, pieces, expect) in [
            (None, &[][..], Some("")),
            (None, &["he", "", "llo"], Some("hello")),
            (Some(5), &["he", "llo"], Some("hello")),
            (None, &["he", "llo!"], None),
            (None, &["hello!"], None),
            (Some(6), &["hello!"], None),
        ] {
            let mut body = Pieces::new(announced, pieces);
            let read = read(&mut body, 5, false).await;
            assert_eq!(read.as_deref().ok(), expect.map(str::as_bytes), "{pieces:?}");
            assert!(body.pieces.is_empty(), "the client is heard out");
        }
    }

    #[tokio::test]
    async fn a_client_that_waits_for_permission_is_refused_unheard() {
        let mut body = Pieces::new(Some(6), &["hello!"]);
        assert!(matches!(read(&mut body, 5, true).await, Err(BodyError::TooLarge { bytes: 6 })));
        assert_eq!(body.taken, 0);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_an_error() {
        let mut body = Pieces::new(None, &["he"]);
        body.pieces.push_back(Err("unexpected end of file".to_owned()));
        let error = read(&mut body, 5, false).await.expect_err("it broke off");
        assert_eq!(error.to_string(), "the body could not be read: unexpected end of file");
    }
}
