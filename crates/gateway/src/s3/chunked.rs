//! Bodies in signed chunks: `aws-chunked`.
//!
//! The signatures of the chunks are read over, as there is no secret to check them with.
//!
//! Source: "Signature calculations for the authorization header: transferring payload in multiple chunks" in the S3 API
//! reference.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;

/// Why chunks are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the body is not in chunks as its headers say")]
pub(super) struct Malformed;

/// Takes chunks apart.
#[derive(Debug)]
pub(super) struct Decoder {
    state: State,
    /// A line that has begun.
    line: Vec<u8>,
    trailers: HeaderMap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A line with the size of a chunk.
    Size,
    /// So much of a chunk.
    Data(u64),
    /// The end of the line behind a chunk.
    DataEnd,
    /// Lines with trailers, up to an empty one.
    Trailers,
    /// Nothing more.
    End,
}

/// More is no size and no trailer.
const LINE_BYTES: usize = 8 * 1024;

impl Decoder {
    pub(super) fn new() -> Self {
        Self { state: State::Size, line: Vec::new(), trailers: HeaderMap::new() }
    }

    /// Takes the next data out of what came in; `None` if there is none in it any more.
    pub(super) fn decode(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, Malformed> {
        while !input.is_empty() {
            match self.state {
                State::Data(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let data = input.split_to(length);
                    let left = left - length as u64;
                    self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
                    return Ok(Some(data));
                }
                State::End => input.clear(),
                State::Size | State::DataEnd | State::Trailers => {
                    if let Some(line) = self.line(input)? {
                        self.state = self.behind(&line)?;
                    }
                }
            }
        }
        Ok(None)
    }

    /// The body is at its end; the trailers, if it is whole.
    pub(super) fn finish(&mut self) -> Result<HeaderMap, Malformed> {
        // Some leave out the last line's end.
        if self.state == State::Trailers && !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.behind(&line)?;
        }
        match self.state {
            State::Trailers | State::End => Ok(std::mem::take(&mut self.trailers)),
            State::Size | State::Data(_) | State::DataEnd => Err(Malformed),
        }
    }

    /// A line without its end, once that has come.
    fn line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, Malformed> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let piece = input.split_to(end.map_or(input.len(), |end| end + 1));
        if self.line.len() + piece.len() > LINE_BYTES {
            return Err(Malformed);
        }
        self.line.extend_from_slice(&piece);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.line);
        line.pop();
        line.pop_if(|last| *last == b'\r');
        Ok(Some(line))
    }

    fn behind(&mut self, line: &[u8]) -> Result<State, Malformed> {
        let text = std::str::from_utf8(line).map_err(|_| Malformed)?;
        match self.state {
            State::Size => {
                let size = text.split(';').next().unwrap_or_default();
                match u64::from_str_radix(size, 16).map_err(|_| Malformed)? {
                    0 => Ok(State::Trailers),
                    size => Ok(State::Data(size)),
                }
            }
            State::DataEnd if text.is_empty() => Ok(State::Size),
            State::Trailers if text.is_empty() => Ok(State::End),
            State::Trailers => {
                let (name, value) = text.split_once(':').ok_or(Malformed)?;
                let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| Malformed)?;
                let value = HeaderValue::from_str(value.trim()).map_err(|_| Malformed)?;
                self.trailers.insert(name, value);
                Ok(State::Trailers)
            }
            State::DataEnd | State::Data(_) | State::End => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Data and trailers of a body that comes in pieces of `piece` bytes.
    fn decode(body: &str, piece: usize) -> Result<(String, Vec<String>), Malformed> {
        let (mut decoder, mut decoded) = (Decoder::new(), Vec::new());
        for piece in body.as_bytes().chunks(piece) {
            let mut input = Bytes::copy_from_slice(piece);
            while let Some(data) = decoder.decode(&mut input)? {
                decoded.extend_from_slice(&data);
            }
        }
        let trailers = decoder.finish()?;
        let trailers =
            trailers.iter().map(|(name, value)| format!("{name}={}", value.to_str().expect("text")));
        Ok((String::from_utf8(decoded).expect("text"), trailers.collect()))
    }

    #[test]
    fn chunks_are_joined() {
        for piece in [1, 2, 3, 7, 1_000] {
            let check = |body: &str, expected: &str, trailers: &[&str]| {
                let (data, found) = decode(body, piece).expect("chunks");
                assert_eq!(
                    (data.as_str(), found),
                    (expected, trailers.iter().map(|t| (*t).to_owned()).collect())
                );
            };
            check("0\r\n\r\n", "", &[]);
            check("5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n", "hello", &[]);
            check("5\r\nhello\r\nA\r\n, world!\r\n\r\n0\r\n", "hello, world!\r\n", &[]);
            check("2\r\nhi\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n", "hi", &["x-amz-checksum-crc32=AAAA"]);
            check(
                "2\r\nhi\r\n0\r\nx-amz-checksum-crc32: AAAA\r\nx-amz-trailer-signature:ef",
                "hi",
                &["x-amz-checksum-crc32=AAAA", "x-amz-trailer-signature=ef"],
            );
        }
    }

    #[test]
    fn what_is_not_whole_is_noticed() {
        let endless = "a".repeat(LINE_BYTES + 1);
        for body in
            ["", "5", "5\r\nhell", "5\r\nhello", "5\r\nhello!\r\n0\r\n\r\n", "x\r\n", "-1\r\n", &endless]
        {
            assert_eq!(decode(body, 1_000), Err(Malformed), "{}", &body[..body.len().min(20)]);
        }
    }
}
