//! Bodies of requests, and what their senders say of them.

use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, ready},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_services::s3::{Checksum, ChecksumAlgorithm, Expected, Refusal};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING},
};
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;

use super::{
    call::{Call, SizeRange},
    chunked,
    failure::Failure,
    form,
};
use crate::body::{self, RequestBody};

/// A body that whoever answers may leave unread; clones are the same body.
#[derive(Clone, Debug)]
pub(super) struct Source(Arc<Mutex<RequestBody>>);

/// How content is wrapped.
#[derive(Debug)]
pub(super) enum Wrapping {
    /// Not at all.
    Plain,
    /// In signed chunks.
    Chunks(chunked::Decoder),
    /// In a form, whose fields have been read.
    Form(form::Decoder),
}

/// Content, unwrapped as it comes.
#[derive(Debug)]
pub(super) struct Content {
    source: Source,
    wrapping: Wrapping,
    /// What came and was not unwrapped.
    pending: Bytes,
    /// How much there is, if the sender says so.
    bytes: Option<u64>,
    call: Call,
}

type BoxError = Box<dyn Error + Send + Sync>;

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");
const COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
const TRAILER: HeaderName = HeaderName::from_static("x-amz-trailer");

impl Source {
    pub(super) fn new(body: RequestBody) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads what nobody wants, so that a client which sends first and listens afterwards learns why it was refused.
    pub(super) async fn discard(self) {
        body::discard(self).await;
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.lock().is_end_stream()
    }
}

impl Body for Source {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.is_at_end()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}

impl Wrapping {
    /// How the content of a request is wrapped. Headers that are about that become what they would be without it.
    pub(super) fn take_off(headers: &mut HeaderMap) -> Self {
        let signed =
            headers.get(CONTENT_SHA256).is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
        let encodings =
            headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut others: Vec<&str> = encodings.split(',').map(str::trim).collect();
        let all = others.len();
        others.retain(|encoding| *encoding != "aws-chunked");
        if others.len() < all {
            match HeaderValue::from_str(&others.join(",")) {
                Ok(rest) if !rest.is_empty() => headers.insert(CONTENT_ENCODING, rest),
                _ => headers.remove(CONTENT_ENCODING),
            };
        } else if !signed {
            return Self::Plain;
        }
        match headers.remove(DECODED_LENGTH) {
            Some(length) => headers.insert(CONTENT_LENGTH, length),
            None => headers.remove(CONTENT_LENGTH),
        };
        Self::Chunks(chunked::Decoder::new())
    }
}

impl Content {
    pub(super) fn new(source: Source, wrapping: Wrapping, pending: Bytes, call: Call) -> Self {
        let bytes = match &wrapping {
            Wrapping::Form(_) => None,
            Wrapping::Plain | Wrapping::Chunks(_) => announced(&call.headers),
        };
        Self { source, wrapping, pending, bytes, call }
    }

    /// The next data in what came.
    fn unwrap_pending(&mut self) -> Result<Option<Bytes>, BoxError> {
        Ok(match &mut self.wrapping {
            Wrapping::Plain => (!self.pending.is_empty()).then(|| std::mem::take(&mut self.pending)),
            Wrapping::Chunks(decoder) => decoder.decode(&mut self.pending)?,
            Wrapping::Form(decoder) => decoder.content(&mut self.pending)?,
        })
    }

    fn finish(&mut self) -> Result<(), BoxError> {
        match &mut self.wrapping {
            Wrapping::Plain => {}
            Wrapping::Chunks(decoder) => {
                let trailers = decoder.finish()?;
                // A body ends once.
                let _ended_before = self.call.trailers.set(trailers);
            }
            Wrapping::Form(decoder) => decoder.finish()?,
        }
        Ok(())
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            match self.unwrap_pending() {
                Ok(Some(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
            match ready!(Pin::new(&mut self.source).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.pending = data;
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(self.finish().err().map(Err)),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// Whether a request's body is the content of an object or part, rather than a document.
pub(super) fn is_content(method: &Method, uri: &Uri) -> bool {
    const DOCUMENTS: [&str; 4] = ["acl", "legal-hold", "retention", "tagging"];
    let of_object =
        uri.path().trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let mut parameters = uri.query().unwrap_or_default().split('&');
    method == Method::PUT
        && of_object
        && !parameters.any(|parameter| DOCUMENTS.contains(&parameter.split('=').next().unwrap_or_default()))
}

/// Content comes with its size, as on AWS; a copy has none.
pub(super) fn check_length_is_known(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.contains_key(CONTENT_LENGTH) || headers.contains_key(COPY_SOURCE) {
        return Ok(());
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        let message = "A header you provided implies functionality that is not implemented";
        let failure = Failure::from(Refusal::NotImplemented(message.into()));
        return Err(failure.with("Header", "Transfer-Encoding"));
    }
    let message = "You must provide the Content-Length HTTP header.";
    Err(Failure::new("MissingContentLength", StatusCode::LENGTH_REQUIRED, message))
}

/// How many bytes of content are announced.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Which checksum comes with content, in its head or behind it.
pub(super) fn checksum_algorithm(headers: &HeaderMap) -> Result<Option<ChecksumAlgorithm>, Failure> {
    let comes = |algorithm: &ChecksumAlgorithm| {
        let name = header_name(*algorithm);
        headers.contains_key(&name)
            || announced_trailers(headers).any(|given| given.eq_ignore_ascii_case(name.as_str()))
    };
    let mut coming = ChecksumAlgorithm::ALL.into_iter().filter(comes);
    let first = coming.next();
    if coming.next().is_some() {
        let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Refusal::InvalidRequest(message.into()).into());
    }
    if first.is_none() && headers.contains_key("x-amz-sdk-checksum-algorithm") {
        let message = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                       headers were found.";
        return Err(Refusal::InvalidRequest(message.into()).into());
    }
    Ok(first)
}

/// The names of headers that come behind content.
pub(super) fn announced_trailers(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let trailer = headers.get(TRAILER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    trailer.split(',').map(str::trim)
}

/// What a sender says that content must be; complete once that has come.
pub(super) fn expected(call: &Call) -> Result<Expected, Failure> {
    let headers = &call.headers;
    let md5 = match headers.get("content-md5") {
        None => None,
        Some(given) => {
            let given = given.to_str().unwrap_or_default();
            let decoded = BASE64_STANDARD.decode(given).ok().and_then(|bytes| bytes.try_into().ok());
            let decoded = decoded.ok_or_else(|| Refusal::InvalidDigest { given: given.to_owned() })?;
            Some(decoded)
        }
    };
    let checksum = match checksum_algorithm(headers)? {
        None => None,
        Some(algorithm) => {
            let name = header_name(algorithm);
            let behind = call.trailers.get().and_then(|trailers| trailers.get(&name));
            match headers.get(&name).or(behind) {
                Some(given) => Some(read_checksum(algorithm, given)?),
                // Announced, but not there.
                None if call.trailers.get().is_some() => {
                    let message = "The request contained trailing data that was not well-formed or did not conform to our \
                                   published schema.";
                    return Err(Failure::new("MalformedTrailerError", StatusCode::BAD_REQUEST, message));
                }
                None => None,
            }
        }
    };
    let bytes = if call.form.is_some() { None } else { announced(headers) };
    Ok(Expected { bytes, md5, checksum, sha256: sha256(headers) })
}

/// The hash that a signature covers, if it covers content.
pub(super) fn sha256(headers: &HeaderMap) -> Option<[u8; 32]> {
    let text =
        headers.get(CONTENT_SHA256)?.to_str().ok().filter(|text| text.len() == 64 && text.is_ascii())?;
    let bytes = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16));
    bytes.collect::<Result<Vec<_>, _>>().ok()?.try_into().ok()
}

/// More or less than a form's policy allows.
pub(super) fn check_size(bytes: u64, range: SizeRange) -> Result<(), Refusal> {
    if bytes > range.most {
        return Err(Refusal::EntityTooLarge { proposed: bytes, most: range.most });
    }
    if bytes < range.least {
        return Err(Refusal::EntityTooSmall { proposed: bytes, least: range.least, part: None });
    }
    Ok(())
}

/// A checksum in a header or trailer.
fn read_checksum(algorithm: ChecksumAlgorithm, given: &HeaderValue) -> Result<Checksum, Failure> {
    let checksum = given.to_str().ok().and_then(|text| Checksum::parse(algorithm, text));
    checksum.ok_or_else(|| {
        let message = format!("Value for {} header is invalid.", header_name(algorithm));
        Refusal::InvalidRequest(message.into()).into()
    })
}

/// The header that a checksum comes in.
pub(super) fn header_name(algorithm: ChecksumAlgorithm) -> HeaderName {
    HeaderName::from_static(match algorithm {
        ChecksumAlgorithm::Crc32 => "x-amz-checksum-crc32",
        ChecksumAlgorithm::Crc32c => "x-amz-checksum-crc32c",
        ChecksumAlgorithm::Crc64Nvme => "x-amz-checksum-crc64nvme",
        ChecksumAlgorithm::Sha1 => "x-amz-checksum-sha1",
        ChecksumAlgorithm::Sha256 => "x-amz-checksum-sha256",
    })
}
