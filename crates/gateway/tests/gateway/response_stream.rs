//! `InvokeWithResponseStream`: its event stream, read as an SDK reads it.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{client::Answer, world::World};

/// One message of an event stream.
struct Event {
    headers: BTreeMap<String, String>,
    payload: Vec<u8>,
}

impl World {
    async fn stream(&self, function: &str, headers: &[(&str, &str)], event: &str) -> Answer {
        let line = format!("POST /2021-11-15/functions/{function}/response-streaming-invocations");
        self.client().await.call(&line, headers, event).await
    }
}

/// Takes a stream apart; every length and checksum must be right.
fn events(answer: &Answer) -> Vec<Event> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/vnd.amazon.eventstream"));
    let mut events = Vec::new();
    let mut rest = &answer.bytes[..];
    while !rest.is_empty() {
        let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().expect("four bytes"));
        let (bytes, headers_bytes) = (number(0) as usize, number(4) as usize);
        assert_eq!(number(8), crc32fast::hash(&rest[..8]), "the prelude");
        assert_eq!(number(bytes - 4), crc32fast::hash(&rest[..bytes - 4]), "the message");
        let (mut headers, payload) = rest[12..bytes - 4].split_at(headers_bytes);
        let mut event = Event { headers: BTreeMap::new(), payload: payload.to_vec() };
        while let [name_bytes, behind @ ..] = headers {
            let (name, behind) = behind.split_at(usize::from(*name_bytes));
            assert_eq!(behind[0], 7, "a text");
            let value_bytes = usize::from(u16::from_be_bytes([behind[1], behind[2]]));
            let (value, behind) = behind[3..].split_at(value_bytes);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
            event.headers.insert(text(name), text(value));
            headers = behind;
        }
        assert_eq!(event.headers[":message-type"], "event");
        events.push(event);
        rest = &rest[bytes..];
    }
    events
}

/// The payload in pieces, and the document at the end.
fn read(answer: &Answer) -> (Vec<Vec<u8>>, Value) {
    let mut events = events(answer);
    let last = events.pop().expect("an end");
    assert_eq!(
        (&*last.headers[":event-type"], &*last.headers[":content-type"]),
        ("InvokeComplete", "application/json")
    );
    let chunk = |event: Event| {
        assert_eq!(event.headers[":event-type"], "PayloadChunk");
        assert_eq!(event.headers[":content-type"], "application/octet-stream");
        event.payload
    };
    (events.into_iter().map(chunk).collect(), serde_json::from_slice(&last.payload).expect("JSON"))
}

#[tokio::test]
async fn an_answer_comes_in_pieces_and_has_an_end() {
    let world = World::new().await;
    let answer = world.stream("hello", &[], r#"{"n":1}"#).await;
    assert_eq!(read(&answer), (vec![br#"{"n":1}"#.to_vec()], json!({})));
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));

    let large = format!("\"{}\"", "x".repeat(200_000));
    let (chunks, _) = read(&world.stream("hello:$LATEST", &[], &large).await);
    assert_eq!(chunks.len(), 4);
    assert_eq!(chunks.concat(), large.as_bytes());
}

#[tokio::test]
async fn a_functions_error_and_its_log_are_in_the_last_event() {
    let world = World::new().await;
    let answer = world.stream("hello", &[("X-Amz-Log-Type", "Tail")], "\"function error\"").await;
    let (chunks, end) = read(&answer);
    assert_eq!((chunks.len(), &end["ErrorCode"]), (0, &json!("Unhandled")));
    assert_eq!(answer.header("x-amz-function-error"), None);
    let details: Value = serde_json::from_str(end["ErrorDetails"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        (&details["errorType"], &details["errorMessage"]),
        (&json!("ValueError"), &json!("no such thing"))
    );
    let log = BASE64_STANDARD.decode(end["LogResult"].as_str().expect("text")).expect("base64");
    assert!(String::from_utf8(log).expect("text").contains("REPORT RequestId: "));
}

#[tokio::test]
async fn what_never_ran_is_no_stream() {
    let world = World::new().await;
    let check = |answer: &Answer, status: u16, code: &str| {
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (status, Some(code)),
            "{}",
            answer.body
        );
    };
    check(&world.stream("nobody", &[], "{}").await, 404, "ResourceNotFoundException");
    check(&world.stream("hello", &[], "{").await, 400, "InvalidRequestContentException");
    check(&world.stream("hello", &[], "\"platform fault\"").await, 500, "ServiceException");
    world.deploy("off", Some(0)).await;
    check(&world.stream("off", &[], "{}").await, 429, "TooManyRequestsException");

    let dry = [("X-Amz-Invocation-Type", "DryRun")];
    let answer = world.stream("hello", &dry, "{}").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let later = world.stream("hello", &[("X-Amz-Invocation-Type", "Event")], "{}").await;
    check(&later, 400, "ValidationException");
    assert!(later.body.contains("enum value set: [RequestResponse, DryRun]"), "{}", later.body);
}
