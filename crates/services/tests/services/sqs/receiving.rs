//! What receivers ask for.

use hearth_model::sqs::QueueAddress;
use hearth_services::sqs::{
    BatchEntry, DeleteRequest, ReceiveRequest, RefusalKind, SendRequest, VisibilityRequest,
};

use super::world::{QueueWorld, bodies, ten};

async fn attributes_for(
    world: &QueueWorld,
    queue: &QueueAddress,
    names: &[&str],
) -> (Vec<String>, Option<String>) {
    let attribute_names = names.iter().map(|name| (*name).to_owned()).collect();
    let request = ReceiveRequest { attribute_names, ..ReceiveRequest::default() };
    let received = world.receive_request(queue, request).await.expect("an answer").remove(0);
    let names = received.attributes().map(|attribute| attribute.name.to_string()).collect();
    (names, received.attributes_md5().map(|md5| md5.to_string()))
}

#[tokio::test]
async fn the_senders_attributes_are_told_to_those_who_ask() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("VisibilityTimeout", "0")]);
    let request = SendRequest::text("msg")
        .with_attribute("Help.Me", "String", "Me")
        .with_attribute("Hello", "String", "There")
        .with_attribute("General", "String", "Kenobi");
    world.send_request(&queue, request).expect("it is sent");
    let all = (&["General", "Hello", "Help.Me"] as &[&str], Some("4c360f3fdafd970e05fae2f149d997f5"));
    let none: (&[&str], _) = (&[], None);
    for (names, expected) in [
        (&[] as &[&str], none),
        (&["All"], all),
        (&["*"], all),
        (&[".*"], all),
        (&["Foo", "Help"], none),
        (&["Hello", "General"], (&["General", "Hello"], Some("fca026605781cb4126a1e9044df24232"))),
        (&["Foo", "Hello"], (&["Hello"], Some("a311262e065454b75da111d535b8dacd"))),
        (&["Hel.*"], (&["Hello", "Help.Me"], Some("83fee93c1bcd8b9a5a923ffacdc636c7"))),
        (&["AWS."], none),
        (&["..foo"], none),
    ] {
        let (told, md5) = attributes_for(&world, &queue, names).await;
        assert_eq!(
            (told.iter().map(String::as_str).collect::<Vec<_>>(), md5.as_deref()),
            (expected.0.to_vec(), expected.1),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn the_systems_attributes_are_told_to_those_who_ask() {
    let world = QueueWorld::new();
    let queue = world.create("orders.fifo", [("FifoQueue", "true"), ("VisibilityTimeout", "0")]);
    world.send_to_group(&queue, "group-1", "dedup-1");
    let told = async |names: &[&str]| -> Vec<&'static str> {
        let system_attribute_names = names.iter().map(|name| (*name).to_owned()).collect();
        let request = ReceiveRequest { system_attribute_names, ..ReceiveRequest::default() };
        let received = world.receive_request(&queue, request).await.expect("an answer").remove(0);
        received.system_attributes().map(|(name, _)| name).collect()
    };
    assert!(told(&[]).await.is_empty());
    assert_eq!(told(&["SenderId"]).await, ["SenderId"]);
    assert_eq!(told(&["SenderId", "AWSTraceHeader", "MessageGroupId"]).await, ["MessageGroupId", "SenderId"]);
    let all = [
        "ApproximateFirstReceiveTimestamp",
        "ApproximateReceiveCount",
        "MessageDeduplicationId",
        "MessageGroupId",
        "SenderId",
        "SentTimestamp",
        "SequenceNumber",
    ];
    assert_eq!(told(&["SenderId", "All"]).await, all);
    let request =
        ReceiveRequest { system_attribute_names: vec!["Foobar".to_owned()], ..ReceiveRequest::default() };
    let refusal = world.receive_request(&queue, request).await.expect_err("there is none");
    assert_eq!(
        (refusal.kind, &*refusal.message),
        (RefusalKind::InvalidAttributeName, "Unknown Attribute Foobar.")
    );
}

#[tokio::test]
async fn numbers_are_checked() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let default = ReceiveRequest::default;
    for (request, message) in [
        (
            ReceiveRequest { maximum: Some(11), ..default() },
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        (
            ReceiveRequest { maximum: Some(0), ..default() },
            "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        (
            ReceiveRequest { wait_s: Some(21), ..default() },
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        ),
        (
            ReceiveRequest { wait_s: Some(-1), ..default() },
            "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        ),
        (
            ReceiveRequest { visibility_timeout_s: Some(43_201), ..default() },
            "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.",
        ),
    ] {
        let refusal = world.receive_request(&queue, request).await.expect_err(message);
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, message));
    }
    let request = ReceiveRequest { attempt_id: Some("x".to_owned()), ..default() };
    assert!(
        world.receive_request(&queue, request).await.is_err(),
        "there are no attempts in a standard queue"
    );
}

#[tokio::test]
async fn an_attempt_can_be_repeated() {
    let world = QueueWorld::new();
    let queue = world.create("orders.fifo", [("FifoQueue", "true")]);
    world.send_to_group(&queue, "g", "a");
    let attempt = || ReceiveRequest { attempt_id: Some("1".to_owned()), ..ten() };
    let first = world.receive_request(&queue, attempt()).await.expect("an answer").remove(0);
    let again = world.receive_request(&queue, attempt()).await.expect("an answer").remove(0);
    assert_eq!(first.receipt_handle(), again.receipt_handle());
    assert_eq!(again.delivery().receive_count, 1);
}

#[tokio::test]
async fn what_is_no_handle_is_refused() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    world.send(&queue, "message");
    let handle = world.receive(&queue).await.remove(0).receipt_handle();
    let message = r#"The input receipt handle "garbage" is not a valid receipt handle."#;
    for refused in
        [world.queues.delete_message(&queue, "garbage"), world.queues.change_visibility(&queue, "garbage", 1)]
    {
        let refusal = refused.expect_err("it is none");
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::ReceiptHandleIsInvalid, message));
    }
    let change = |timeout| world.queues.change_visibility(&queue, &handle, timeout);
    for timeout in [-1, 43_201] {
        let refusal = change(timeout).expect_err("too long");
        let message = format!(
            "Value {timeout} for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided."
        );
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, &*message));
    }
    world.advance(20).await;
    let refusal = change(43_200).expect_err("too long in all");
    let message = "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is \
                   beyond the limit [43200 seconds]";
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, message));
    change(42).expect("it is changed");
    world.queues.delete_message(&queue, &handle).expect("it is deleted");
    let message = format!(
        "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility \
         timeout change."
    );
    let refusal = change(42).expect_err("it is gone");
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, &*message));
}

#[tokio::test]
async fn receipts_are_dealt_with_in_batches() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    for body in ["a", "b", "c"] {
        world.send(&queue, body);
    }
    let received = world.receive(&queue).await;
    let handle = |position: usize| received[position].receipt_handle();
    let change = |id: &str, receipt_handle, timeout_s| BatchEntry {
        id: id.to_owned(),
        request: VisibilityRequest { receipt_handle, timeout_s },
    };
    let batch =
        vec![change("a", handle(0), 0), change("x", "garbage".to_owned(), 0), change("b", handle(1), 60)];
    let reply = world.queues.change_visibility_batch(&queue, batch).expect("a reply");
    assert_eq!(reply.successful, [("a".to_owned(), ()), ("b".to_owned(), ())]);
    assert_eq!(
        (reply.failed[0].0.as_str(), reply.failed[0].1.kind),
        ("x", RefusalKind::ReceiptHandleIsInvalid)
    );
    assert_eq!(bodies(&world.receive(&queue).await), ["a"]);
    let delete = |id: &str, receipt_handle| BatchEntry {
        id: id.to_owned(),
        request: DeleteRequest { receipt_handle },
    };
    let batch = vec![delete("a", handle(0)), delete("b", handle(1)), delete("x", String::new())];
    let reply = world.queues.delete_batch(&queue, batch).expect("a reply");
    assert_eq!((reply.successful.len(), reply.failed.len()), (2, 1));
    assert_eq!(world.counts(&queue), [0, 1, 0]);
    let many = (0..20).map(|id| delete(&id.to_string(), handle(2))).collect();
    let refusal = world.queues.delete_batch(&queue, many).expect_err("too many");
    assert_eq!(refusal.kind, RefusalKind::TooManyEntriesInBatchRequest);
    let refusal = world.queues.change_visibility_batch(&queue, Vec::new()).expect_err("empty");
    assert_eq!(
        refusal.message,
        "There should be at least one ChangeMessageVisibilityBatchRequestEntry in the request."
    );
}
