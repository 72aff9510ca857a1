//! Invocations with HTTP requests, by code that takes them as they are.

use std::sync::Arc;

use bytes::Bytes;
use hearth_engine::{
    Function, InvokeReply, InvokeRequest, Via, random::random_bits, timeline::EventKind, work::WorkKind,
};
use hearth_model::{
    faults::{FaultKind, GivenFault, Rule},
    identity::{RequestId, Version},
    limits,
    outcome::Failure,
};
use http::{Request, Response};

use crate::support::{World, seconds, text};

impl World {
    /// Sends a request whose body is the event.
    async fn send(&self, function: &Arc<Function>, event: &str) -> InvokeReply<Response<Bytes>> {
        let event =
            Request::post("http://localhost/a?b=c").header("x-one", "1").body(event.to_owned().into());
        let request = InvokeRequest {
            via: Via::FunctionUrl,
            ..InvokeRequest::new(Box::new(event.expect("a request")))
        };
        let begun = self.engine.begin_as(function, request, RequestId::from_random(random_bits()));
        self.clock.activity().watch(WorkKind::Connection, begun.expect("it is not turned away")).await
    }
}

fn body(reply: &InvokeReply<Response<Bytes>>) -> &str {
    let response = reply.result.as_ref().expect("it ended well");
    std::str::from_utf8(response.body()).expect("a body is text")
}

#[tokio::test]
async fn a_request_is_an_invocation_as_any() {
    let world = World::new();
    world.sandbox.take_requests();
    let function = world.deploy("f").await;
    assert!(function.takes_requests(Version::Latest) && !function.takes_requests(Version::Published(1)));
    let reply = world.send(&function, "count").await;
    assert_eq!(body(&reply), "1");
    assert_eq!(body(&world.send(&function, "print hi;count").await), "2");
    assert_eq!(reply.report.phases.init, seconds(0));
    let lines = text(&function, &world.invoke(&function, "count").await);
    assert!(lines.iter().any(|line| line.ends_with("hi")), "{lines:?}");
    let received = |event: &EventKind| match event {
        EventKind::Received { event_bytes, via: Via::FunctionUrl, .. } => Some(*event_bytes),
        _ => None,
    };
    let received: Vec<_> = world.events(&function).iter().filter_map(received).collect();
    assert_eq!(received, [36, 45], "as many bytes as there are of the request");
}

#[tokio::test]
async fn a_request_ends_in_every_way_in_which_events_do() {
    let world = World::new();
    world.sandbox.take_requests();
    let function = world.deploy("f").await;
    let failure = async |event: &str| world.send(&function, event).await.result.expect_err(event);
    assert_eq!(failure("crash").await.error_type(), "Runtime.ExitError");
    assert_eq!(failure("oom").await.error_type(), "Runtime.OutOfMemory");
    let large = format!("large {}", limits::RESPONSE_BYTES + 1);
    assert!(matches!(failure(&large).await, Failure::ResponseTooLarge { .. }));
    let late = world.while_passing(seconds(3), world.send(&function, "hang")).await;
    assert_eq!(late.result.expect_err("it is late"), Failure::Timeout { after: seconds(3) });
    assert_eq!(body(&world.send(&function, "count").await), "1", "it was reset");
}

#[tokio::test]
async fn faults_meet_requests_too() {
    let world = World::new();
    world.sandbox.take_requests();
    let function = world.deploy("f").await;
    let given = GivenFault {
        fault: Some(FaultKind::Fail),
        function: Some("f".to_owned()),
        count: Some(1),
        ..GivenFault::default()
    };
    world.engine.faults().add(Rule::try_from(given).expect("a rule"));
    assert!(matches!(world.send(&function, "count").await.result, Err(Failure::Function(_))));
    assert_eq!(body(&world.send(&function, "count").await), "1", "the handler was not run");
}

#[tokio::test]
async fn a_request_runs_again_as_it_was() {
    let world = World::new();
    world.sandbox.take_requests();
    let function = world.deploy("f").await;
    for event in ["count", &format!("count;echo {}", "x".repeat(20_000))] {
        let first = world.send(&function, event).await;
        drop(world.sandbox.take_handled());
        let (function, recording) = world.engine.recording(first.request_id).expect("it is recorded");
        let id = RequestId::from_random(random_bits());
        let again =
            world.engine.run_again(&function, recording, first.request_id, id, "Root=1-2-3".to_owned());
        let again = again.await.expect("it is not turned away").result.expect("it ends well");
        let handled = world.sandbox.take_handled().pop().expect("it was handled");
        assert_eq!(handled.event, event);
        let answer: serde_json::Value = serde_json::from_slice(&again).expect("JSON");
        let expected = if event == "count" { "1" } else { &event["count;echo ".len()..] };
        assert_eq!((&answer["statusCode"], &answer["body"]), (&200.into(), &expected.into()));
    }
}
