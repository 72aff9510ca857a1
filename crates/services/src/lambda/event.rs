//! Checks what a caller sends as an event: its size, and that it is JSON.

use bytes::Bytes;
use hearth_model::limits;
use serde::de::IgnoredAny;
use thiserror::Error;

/// Payload of an asynchronous request: "1 MB". Source: Lambda developer guide, "Lambda quotas".
const ASYNCHRONOUS_REQUEST_BYTES: usize = 1024 * 1024;

/// Why an event is refused. The messages are those of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidEvent {
    /// More than the request may carry.
    #[error("Request must be smaller than {most} bytes for the InvokeFunction operation")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What it may carry.
        most: usize,
    },
    /// Not JSON.
    #[error(
        "Could not parse request body into json: Could not parse payload into json: {reason}\n at [Source: REDACTED \
         (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    )]
    NotJson {
        /// What is wrong.
        reason: String,
        /// Where, counted from 1.
        line: usize,
        /// Where, counted from 1.
        column: usize,
    },
}

/// Checks the payload of a synchronous invocation. An empty one means `{}`.
///
/// # Errors
/// If it exceeds [6 MB](limits::SYNCHRONOUS_REQUEST_BYTES) or is not JSON.
pub fn check_event(payload: Bytes) -> Result<Bytes, InvalidEvent> {
    check(payload, limits::SYNCHRONOUS_REQUEST_BYTES)
}

/// Checks the payload of an asynchronous invocation. An empty one means `{}`.
///
/// # Errors
/// If it exceeds 1 MiB or is not JSON.
pub fn check_asynchronous_event(payload: Bytes) -> Result<Bytes, InvalidEvent> {
    check(payload, ASYNCHRONOUS_REQUEST_BYTES)
}

fn check(payload: Bytes, most: usize) -> Result<Bytes, InvalidEvent> {
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    if payload.len() > most {
        return Err(InvalidEvent::TooLarge { bytes: payload.len(), most });
    }
    let text = std::str::from_utf8(&payload).map_err(|error| not_unicode(&payload, error.valid_up_to()))?;
    // Skips over values without building any, to whatever depth.
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(IgnoredAny) => Ok(payload),
        Err(error) => Err(not_json(&error)),
    }
}

fn not_json(error: &serde_json::Error) -> InvalidEvent {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
    InvalidEvent::NotJson { reason, line, column }
}

/// The words of AWS's own parser, as recorded.
fn not_unicode(payload: &[u8], at: usize) -> InvalidEvent {
    let (before, byte) = (&payload[..at], payload[at]);
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let characters = before[line_start..].iter().filter(|byte| !is_continuation(**byte)).count();
    if before.iter().all(u8::is_ascii_whitespace) {
        let reason = format!(
            "Unexpected character ((CTRL-CHAR, code {byte})): expected a valid value (JSON String, Number, Array, \
             Object or token 'null', 'true' or 'false')"
        );
        return InvalidEvent::NotJson { reason, line, column: characters + 1 };
    }
    // Inside a token that parser has already taken the byte when it complains.
    InvalidEvent::NotJson {
        reason: format!("Invalid UTF-8 start byte {byte:#x}"),
        line,
        column: characters + 2,
    }
}

/// Whether a byte of valid UTF-8 continues a character.
const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(payload: &[u8]) -> String {
        check_event(Bytes::copy_from_slice(payload)).expect_err("refused").to_string()
    }

    #[test]
    fn json_passes_as_it_is() {
        for payload in ["{}", "null", "\"\u{e4}\"", " [1, 2.5e3, {\"a\": null}]\n"] {
            assert_eq!(check_event(Bytes::from_static(payload.as_bytes())).expect(payload), payload);
        }
        assert_eq!(check_event(Bytes::new()).expect("empty"), "{}");
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(check_event(Bytes::from(deep.clone())).expect("deep"), deep);
    }

    #[test]
    fn the_limit_is_six_mebibytes() {
        let payload = |bytes: usize| Bytes::from(format!("\"{}\"", "x".repeat(bytes - 2)));
        assert!(check_event(payload(limits::SYNCHRONOUS_REQUEST_BYTES)).is_ok());
        let error = check_event(payload(limits::SYNCHRONOUS_REQUEST_BYTES + 1)).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let place = |reason, line, column| {
            format!(
                "Could not parse request body into json: Could not parse payload into json: {reason}\n at [Source: \
                 REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
            )
        };
        assert_eq!(refusal(b"{\"a\": }"), place("expected value", 1, 7));
        assert_eq!(refusal(b"{}\n{}"), place("trailing characters", 2, 1));
        assert_eq!(refusal(b"{\"a\":"), place("EOF while parsing a value", 1, 5));
        // Recorded.
        assert_eq!(
            refusal(b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"),
            place("Invalid UTF-8 start byte 0x87", 1, 3)
        );
        let expected = "Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, \
                        Array, Object or token 'null', 'true' or 'false')";
        assert_eq!(refusal(b"\x99\xeb,j\x07\xa1zYh"), place(expected, 1, 1));
    }
}
