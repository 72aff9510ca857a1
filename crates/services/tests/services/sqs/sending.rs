//! What senders may say, and what is refused.

use std::collections::BTreeMap;

use bytes::Bytes;
use hearth_model::identity::AccountId;
use hearth_services::sqs::{BatchEntry, GivenAttribute, Refusal, RefusalKind, SendRequest};

use super::world::QueueWorld;

fn refused(refusal: &Refusal, kind: RefusalKind, message: &str) {
    assert_eq!((refusal.kind, &*refusal.message), (kind, message));
}

fn with(name: &str, data_type: &str, value: &str) -> SendRequest {
    SendRequest::text("test").with_attribute(name, data_type, value)
}

#[tokio::test]
async fn a_message_says_something_in_characters_that_xml_knows() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let empty = world.send_request(&queue, SendRequest::text("")).expect_err("nothing");
    refused(&empty, RefusalKind::MissingParameter, "The request must contain the parameter MessageBody.");
    for (character, number) in [('\0', "0"), ('\u{8}', "8"), ('\u{13}', "13"), ('\u{ffff}', "FFFF")] {
        let refusal =
            world.send_request(&queue, SendRequest::text(format!("a{character}"))).expect_err(number);
        let message = format!(
            "Invalid binary character '#x{number}' was found in the message body, the set of allowed characters is #x9 | #xA \
             | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
        );
        refused(&refusal, RefusalKind::InvalidMessageContents, &message);
    }
    for text in ["\"&quot;&quot;\r", "{\r\n\"a\"\t}", "\u{fffd}\u{10ffff}"] {
        world.send(&queue, text);
    }
}

#[tokio::test]
async fn attributes_are_checked() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let reserved = "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for \
                    internal use.";
    let number = "Can't cast the value of message (user) attribute 'Hello' to a number.";
    let types = "The type of message (user) attribute 'Hello' is invalid. You must use only the following supported type \
                 prefixes: Binary, Number, String.";
    for (request, message) in [
        (
            with("ErrorDetails", "String", ""),
            "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
        ),
        (with("Hello", "Number", "world"), number),
        (with("Hello", "Number", "inf"), number),
        (
            with("Hello", "", "x"),
            "The message (user) attribute 'Hello' must contain a non-empty message attribute value.",
        ),
        (with("Hello", "Invalid", "x"), types),
        (with("", "String", "x"), "The request must contain non-empty message (user) attribute names."),
        (with("aWs.x", "String", "x"), reserved),
        (with("AMAZON.x", "String", "x"), reserved),
        (
            with(&"L".repeat(257), "String", "x"),
            "Message (user) attribute name must be shorter than 256 bytes.",
        ),
        (
            with("Hello", &format!("String.{}", "L".repeat(250)), "x"),
            "Message (user) attribute type must be shorter than 256 bytes.",
        ),
    ] {
        let refusal = world.send_request(&queue, request).expect_err(message);
        refused(&refusal, RefusalKind::InvalidParameterValue, message);
    }
    for name in [".a", "a.", "a..b", "a!", "a\"", "a§", "a(", "a?"] {
        let refusal = world.send_request(&queue, with(name, "String", "x")).expect_err(name);
        assert_eq!(refusal.kind, RefusalKind::InvalidParameterValue, "{name}");
    }
    let control =
        world.send_request(&queue, with("Hello", "String", "\u{8}")).expect_err("a control character");
    assert_eq!(control.kind, RefusalKind::InvalidParameterValue);
    let many = (0..11).fold(SendRequest::text("test"), |request, number| {
        request.with_attribute(number.to_string(), "String", "x")
    });
    let refusal = world.send_request(&queue, many).expect_err("eleven");
    let message = "Number of message attributes [11] exceeds the allowed maximum [10].";
    refused(&refusal, RefusalKind::InvalidParameterValue, message);
    for request in [
        with("attr.1øßä", "String", "x"),
        with("a", "Number.bigint", "1234567890123456789012"),
        with("a", "Number", "-1.5e3"),
    ] {
        world.send_request(&queue, request).expect("it is fine");
    }
}

#[tokio::test]
async fn only_one_attribute_of_the_system_can_be_given() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let plain = SendRequest::text("test").with_attribute("timestamp", "Number", "1493147359900");
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let given = |value: &str| GivenAttribute {
        data_type: Some("String".to_owned()),
        text: Some(value.to_owned()),
        binary: None,
    };
    let system = |name: &str, value| BTreeMap::from([(name.to_owned(), given(value))]);
    let request = SendRequest { system_attributes: system("AWSTraceHeader", header), ..plain.clone() };
    let sent = world.send_request(&queue, request).expect("it is sent");
    assert_eq!(
        sent.attributes_md5.map(|md5| md5.to_string()).as_deref(),
        Some("235c5c510d26fb653d073faed50ae77c")
    );
    assert_eq!(
        sent.system_attributes_md5.map(|md5| md5.to_string()).as_deref(),
        Some("5ae4d5d7636402d80f4eb6d213245a88")
    );
    let received = world.receive(&queue).await.remove(0);
    assert_eq!(received.system_attributes().next(), Some(("AWSTraceHeader", header.to_owned())));
    let request = SendRequest { trace_header: Some("Root=of the request".to_owned()), ..plain.clone() };
    let sent = world.send_request(&queue, request).expect("it is sent");
    assert_eq!(sent.system_attributes_md5, None);
    let received = world.receive(&queue).await.remove(0);
    assert_eq!(
        received.system_attributes().next(),
        Some(("AWSTraceHeader", "Root=of the request".to_owned()))
    );
    let unknown = SendRequest { system_attributes: system("Hello", "x"), ..plain };
    let refusal = world.send_request(&queue, unknown).expect_err("another one");
    refused(
        &refusal,
        RefusalKind::InvalidParameterValue,
        "Message system attribute name 'Hello' is invalid.",
    );
}

#[tokio::test]
async fn a_message_has_room_for_so_many_bytes() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let small = world.create("small", [("MaximumMessageSize", "1024")]);
    for (queue, most) in [(&queue, 1_048_576), (&small, 1_024)] {
        let attribute =
            |bytes: usize| SendRequest::text("a".repeat(bytes)).with_attribute("k", "String", "x");
        let of_attribute = "k".len() + "String".len() + "x".len();
        world.send_request(queue, attribute(most - of_attribute)).expect("it fits");
        let refusal = world.send_request(queue, attribute(most - of_attribute + 1)).expect_err("too long");
        let message =
            format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        refused(&refusal, RefusalKind::InvalidParameterValue, &message);
    }
}

#[tokio::test]
async fn parameters_belong_to_kinds_of_queues() {
    let world = QueueWorld::new();
    let standard = world.create("orders", []);
    let fifo = world.create("orders.fifo", [("FifoQueue", "true")]);
    let text = || SendRequest::text("test");
    let group = || SendRequest { group_id: Some("g".to_owned()), ..text() };
    let complete = || SendRequest { deduplication_id: Some("d".to_owned()), ..group() };
    let kind = RefusalKind::InvalidParameterValue;

    let missing = world.send_request(&fifo, text()).expect_err("no group");
    refused(
        &missing,
        RefusalKind::MissingParameter,
        "The request must contain the parameter MessageGroupId.",
    );
    let missing = world.send_request(&fifo, group()).expect_err("no id");
    let message = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
    refused(&missing, kind, message);
    let delayed = |seconds| SendRequest { delay_seconds: Some(seconds), ..complete() };
    let refusal = world.send_request(&fifo, delayed(2)).expect_err("a delay of its own");
    let message = "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this \
                   queue type.";
    refused(&refusal, kind, message);
    world.send_request(&fifo, delayed(0)).expect("none is the queue's");

    world.send_request(&standard, group()).expect("groups are fair");
    let received = world.receive(&standard).await.remove(0);
    assert!(received.system_attributes().any(|attribute| attribute == ("MessageGroupId", "g".to_owned())));
    let refusal = world.send_request(&standard, complete()).expect_err("nothing is a duplicate here");
    assert_eq!(refusal.kind, kind);
    for seconds in [-234, 901] {
        let request = SendRequest { delay_seconds: Some(seconds), ..text() };
        let refusal = world.send_request(&standard, request).expect_err("too long");
        let message = format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        );
        refused(&refusal, kind, &message);
    }
    for id in ["", "group 123", &"a".repeat(129)] {
        let request = SendRequest { group_id: Some(id.to_owned()), ..text() };
        let refusal = world.send_request(&standard, request).expect_err(id);
        let message = format!(
            "Value {id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and \
             punctuation characters. 1 to 128 in length."
        );
        refused(&refusal, kind, &message);
        let request = SendRequest { deduplication_id: Some(id.to_owned()), ..group() };
        let refusal = world.send_request(&fifo, request).expect_err(id);
        refused(&refusal, kind, &message.replace("MessageGroupId", "MessageDeduplicationId"));
    }
    let request = SendRequest { deduplication_id: Some("a".repeat(128)), ..group() };
    world.send_request(&fifo, request).expect("it is as long as it can be");
}

#[tokio::test]
async fn content_tells_duplicates_if_the_queue_wants_it() {
    let world = QueueWorld::new();
    let queue = world.create("orders.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
    let to =
        |group: &str| SendRequest { group_id: Some(group.to_owned()), ..SendRequest::text("message-body") };
    let first = world.send_request(&queue, to("a")).expect("it is sent");
    assert_eq!(world.send_request(&queue, to("b")), Ok(first.clone()), "whatever its group");
    let digest = "f8dd78bc68c3c5dfe2d9ef6ddf5b5a5a";
    let received = world.receive(&queue).await;
    assert_eq!(received.len(), 1);
    let id = received[0].delivery().deduplication.clone().expect("an id");
    assert!(id.len() == 64 && &*id != digest, "a digest of the content");
    let explicit = SendRequest { deduplication_id: Some(id.to_string()), ..to("a") };
    let again = world
        .send_request(&queue, SendRequest { body: "another".to_owned(), ..explicit })
        .expect("it is sent");
    assert_eq!(again.message_id, first.message_id);
    assert_ne!(again.body_md5, first.body_md5, "the digest is that of what was sent");
}

fn entries(requests: impl IntoIterator<Item = SendRequest>) -> Vec<BatchEntry<SendRequest>> {
    requests.into_iter().enumerate().map(|(id, request)| BatchEntry { id: id.to_string(), request }).collect()
}

#[tokio::test]
async fn entries_of_a_batch_fail_one_by_one() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("MaximumMessageSize", "1024")]);
    let large = SendRequest::text("a".repeat(1_025));
    let binary = SendRequest::text("\u{1}");
    let batch = entries([large, SendRequest::text("small"), binary]);
    let reply = world.queues.send_batch(&queue, AccountId::DEFAULT, batch).expect("a reply");
    let [(id, sent)] = &*reply.successful else { panic!("one was sent, not {:?}", reply.successful) };
    assert_eq!((id.as_str(), sent.body_md5.to_string().len()), ("1", 32));
    let failed: Vec<_> =
        reply.failed.iter().map(|(id, refusal)| (id.as_str(), refusal.kind.code())).collect();
    assert_eq!(failed, [("0", "InvalidParameterValue"), ("2", "InvalidMessageContents")]);
    let message =
        "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.";
    assert_eq!(reply.failed[0].1.message, message);
    assert_eq!(world.bodies(&queue).await, ["small"]);
}

#[tokio::test]
async fn a_batch_is_refused_as_a_whole() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let send = |batch| world.queues.send_batch(&queue, AccountId::DEFAULT, batch).map(drop);
    let text = || SendRequest::text("x");
    let refusal = send(Vec::new()).expect_err("empty");
    refused(
        &refusal,
        RefusalKind::EmptyBatchRequest,
        "There should be at least one SendMessageBatchRequestEntry in the request.",
    );
    let refusal = send(entries((0..20).map(|_| text()))).expect_err("too many");
    let message = "Maximum number of entries per request are 10. You have sent 20.";
    refused(&refusal, RefusalKind::TooManyEntriesInBatchRequest, message);
    for id in ["", "invalid:id", &"testLongId".repeat(10)] {
        let refusal = send(vec![BatchEntry { id: id.to_owned(), request: text() }]).expect_err(id);
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
                       letters long.";
        refused(&refusal, RefusalKind::InvalidBatchEntryId, message);
    }
    let twice = ["a", "a"].map(|id| BatchEntry { id: id.to_owned(), request: text() });
    refused(&send(twice.into()).expect_err("twice"), RefusalKind::BatchEntryIdsNotDistinct, "Id a repeated.");
    let attribute = SendRequest::text("a".repeat(1_048_576 - 8)).with_attribute("k", "String", "x");
    let refusal = send(entries([attribute, text()])).expect_err("too long");
    let message = "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.";
    refused(&refusal, RefusalKind::BatchRequestTooLong, message);
    assert_eq!(world.counts(&queue), [0, 0, 0]);

    let fifo = world.create("orders.fifo", [("FifoQueue", "true")]);
    let complete = |id: &str| SendRequest {
        group_id: Some("g".to_owned()),
        deduplication_id: Some(id.to_owned()),
        ..text()
    };
    for (incomplete, message) in [
        (
            SendRequest { deduplication_id: None, ..complete("") },
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ),
        (
            SendRequest { group_id: None, ..complete("b") },
            "The request must contain the parameter MessageGroupId.",
        ),
    ] {
        let batch = entries([complete("a"), incomplete]);
        let refusal = world.queues.send_batch(&fifo, AccountId::DEFAULT, batch).expect_err(message);
        refused(&refusal, RefusalKind::InvalidParameterValue, message);
    }
    assert_eq!(world.counts(&fifo), [0, 0, 0]);
}

#[tokio::test]
async fn binary_attributes_arrive_as_they_were() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let value = Bytes::from_static(b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01");
    let given =
        GivenAttribute { data_type: Some("Binary".to_owned()), text: None, binary: Some(value.clone()) };
    let request = SendRequest {
        attributes: BTreeMap::from([("attr1".to_owned(), given)]),
        ..SendRequest::text("test")
    };
    let sent = world.send_request(&queue, request).expect("it is sent");
    assert_eq!(
        sent.attributes_md5.map(|md5| md5.to_string()).as_deref(),
        Some("8cbe4db156db8a94db8b801b7addb984")
    );
}
