//! The event stream encoding: messages with a prelude, headers, a payload, and checksums over all of it.
//!
//! Source: "Event stream encoding" in the Amazon Transcribe developer guide, and the Smithy specification of
//! `application/vnd.amazon.eventstream`.

use bytes::{BufMut, BytesMut};

/// The sizes of what frames a message: two lengths and their checksum before, the message's checksum behind.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
/// The type of a header whose value is a text.
const TEXT: u8 = 7;

/// Writes a message that is one event.
pub(super) fn write_event(stream: &mut BytesMut, event_type: &str, content_type: &str, payload: &[u8]) {
    let headers = [(":message-type", "event"), (":event-type", event_type), (":content-type", content_type)];
    let headers_bytes: usize = headers.iter().map(|(name, value)| 4 + name.len() + value.len()).sum();
    let bytes = PRELUDE_BYTES + headers_bytes + payload.len() + CHECKSUM_BYTES;
    stream.reserve(bytes);
    let begin = stream.len();
    stream.put_u32(u32::try_from(bytes).expect("payloads are bounded"));
    stream.put_u32(u32::try_from(headers_bytes).expect("headers are few and short"));
    stream.put_u32(crc32fast::hash(&stream[begin..]));
    for (name, value) in headers {
        stream.put_u8(u8::try_from(name.len()).expect("a header's name is short"));
        stream.put_slice(name.as_bytes());
        stream.put_u8(TEXT);
        stream.put_u16(u16::try_from(value.len()).expect("a header's value is short"));
        stream.put_slice(value.as_bytes());
    }
    stream.put_slice(payload);
    stream.put_u32(crc32fast::hash(&stream[begin..]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed_as_specified() {
        let mut stream = BytesMut::from("before");
        write_event(&mut stream, "Sum", "text/plain", b"1+1");
        let mut expected = b"before\0\0\0\x56\0\0\0\x43".to_vec();
        expected.put_u32(crc32fast::hash(&expected[6..]));
        expected.extend(b"\x0d:message-type\x07\0\x05event");
        expected.extend(b"\x0b:event-type\x07\0\x03Sum");
        expected.extend(b"\x0d:content-type\x07\0\x0atext/plain");
        expected.extend(b"1+1");
        expected.put_u32(crc32fast::hash(&expected[6..]));
        assert_eq!(stream.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}
