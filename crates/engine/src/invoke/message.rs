//! HTTP requests, copied into one piece of memory and read again.
//!
//! One that is kept as it came would keep the buffer of its connection with it.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, uri::Scheme};

/// What a request takes, near enough.
pub(super) fn bytes(request: &Request<Bytes>) -> usize {
    let target = request.uri().authority().map_or(0, |authority| authority.as_str().len());
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 2);
    request.method().as_str().len() + target + path + headers.sum::<usize>() + request.body().len() + 4
}

/// Copies a request: a line of method, host and path, one for each header, an empty one, and the body. No header has a line
/// break in it.
pub(super) fn copy(request: &Request<Bytes>, to: &mut VecDeque<u8>) {
    let uri = request.uri();
    to.extend(request.method().as_str().as_bytes());
    to.push_back(b' ');
    to.extend(uri.authority().map_or(&[][..], |authority| authority.as_str().as_bytes()));
    to.push_back(b' ');
    to.extend(uri.path_and_query().map_or(&[][..], |path| path.as_str().as_bytes()));
    to.push_back(b'\n');
    for (name, value) in request.headers() {
        to.extend(name.as_str().as_bytes());
        to.push_back(b':');
        to.extend(value.as_bytes());
        to.push_back(b'\n');
    }
    to.push_back(b'\n');
    to.extend(&**request.body());
}

/// Reads what was [copied](copy).
pub(super) fn read(mut copy: Bytes) -> Request<Bytes> {
    const WHOLE: &str = "a copy is that of a request";
    let mut line = || {
        let end = copy.iter().position(|byte| *byte == b'\n').expect(WHOLE);
        let line = copy.split_to(end);
        let _line_break = copy.split_to(1);
        line
    };
    let first = line();
    let mut parts = first.split(|byte| *byte == b' ');
    let mut part = || parts.next().expect(WHOLE);
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::from_bytes(part()).expect(WHOLE);
    let uri = Uri::builder().scheme(Scheme::HTTP).authority(part()).path_and_query(part());
    *request.uri_mut() = uri.build().expect(WHOLE);
    loop {
        let mut name = line();
        let Some(colon) = name.iter().position(|byte| *byte == b':') else { break };
        let value = name.split_off(colon).slice(1..);
        let name = HeaderName::from_bytes(&name).expect(WHOLE);
        request.headers_mut().append(name, HeaderValue::from_maybe_shared(value).expect(WHOLE));
    }
    *request.body_mut() = copy;
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_is_read_again() {
        let mut request = Request::new(Bytes::from_static(b"a\n\nb: c\n\xff"));
        *request.method_mut() = Method::from_bytes(b"PURGE").expect("a method");
        *request.uri_mut() = Uri::from_static("http://example.localhost:4566/a%20b?c=d");
        for (name, value) in
            [("x-twice", &b"1"[..]), ("x-twice", b"2: 3"), ("x-name", b"J\xfcrgen"), ("x", b"")]
        {
            let value = HeaderValue::from_bytes(value).expect("a value");
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        let mut ring = VecDeque::from(*b"before");
        copy(&request, &mut ring);
        assert_eq!(ring.len() - b"before".len(), bytes(&request));
        let again = read(ring.range(6..).copied().collect());
        assert_eq!((again.method(), again.uri()), (request.method(), request.uri()));
        assert_eq!((again.headers(), again.body()), (request.headers(), request.body()));
    }
}
