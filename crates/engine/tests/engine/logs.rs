//! What is in a function's log.

use std::time::Duration;

use hearth_engine::log::{Message, Source};

use crate::support::{NOW, World, request, seconds, text};

#[tokio::test]
async fn lines_are_those_that_lambda_writes() {
    let world = World::new();
    let function = world.deploy("golden").await;
    world.sandbox.next_inits(["sleep 0.1101"]);
    let cold = world.while_passing(seconds(1), world.invoke(&function, "print {};sleep 0.00301")).await;
    // Recorded from AWS (`lambda.json` in the golden data), but for the billed duration, which has had the init duration
    // since August 2025.
    let expect = [
        "START RequestId: ID Version: $LATEST",
        "{}",
        "END RequestId: ID",
        "REPORT RequestId: ID\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t",
    ];
    assert_eq!(text(&function, &cold), expect);
    let warm = world.while_passing(seconds(1), world.invoke(&function, "sleep 0.0029")).await;
    assert_eq!(
        text(&function, &warm).last().expect("a line"),
        "REPORT RequestId: ID\tDuration: 2.90 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t"
    );
}

#[tokio::test]
async fn failures_say_so_in_the_report() {
    let world = World::new();
    let function = world.deploy("failing").await;
    world.invoke(&function, "").await;
    for (event, end) in [
        ("fail ValueError", "36 MB\t"),
        ("hang", "36 MB\tStatus: timeout"),
        ("oom", "36 MB\tStatus: error\tError Type: Runtime.OutOfMemory"),
        ("exit 1", "36 MB\tStatus: error\tError Type: Runtime.ExitError"),
    ] {
        let reply = world.while_passing(seconds(3), world.invoke(&function, event)).await;
        let lines = text(&function, &reply);
        let report = lines.last().expect("a line");
        assert!(report.ends_with(end), "{event}: {report}");
    }
}

#[tokio::test]
async fn output_has_time_request_stream_and_source() {
    let world = World::new();
    let function = world.deploy("chatty").await;
    let event = "print one;sleep 1;eprint two;write three";
    let reply = world.while_passing(seconds(1), world.invoke(&function, event)).await;
    let began = NOW;
    let lines = function.log().snapshot();
    let output: Vec<_> = lines
        .iter()
        .filter_map(|line| match &line.message {
            Message::Output { source, text } => Some((line, *source, text.as_ref())),
            Message::Platform(_) | Message::Event(_) => None,
        })
        .collect();
    let expect = [(began, Source::Stdout, "one"), (began + seconds(1), Source::Stderr, "two")];
    for ((line, source, text), expect) in output.iter().zip(expect) {
        assert_eq!((line.at, *source, *text), expect);
    }
    assert_eq!(output[2].2, "three", "a line without end ends with the invocation");
    assert_eq!(lines[3].sequence + 1, lines[4].sequence);
    let stream = lines[0].stream.name();
    assert!(stream.starts_with("2024/03/04/[$LATEST]") && stream.len() == "2024/03/04/[$LATEST]".len() + 32);
    assert!(
        lines.iter().all(|line| line.request_id == Some(reply.request_id) && line.stream.name() == stream)
    );
}

#[tokio::test]
async fn the_tail_is_the_end_of_the_invocations_own_log() {
    let world = World::new();
    let function = world.deploy("tail").await;
    let tail = async |event: &str| {
        let mut request = request(event);
        request.log_tail = true;
        let reply = world.engine.invoke(&function, request).await.expect("it is not turned away");
        let tail = reply.log_tail.expect("it was asked for");
        String::from_utf8(tail.to_vec()).expect("text").replace(&reply.request_id.to_string(), "ID")
    };
    world.sandbox.next_inits(["print loading"]);
    let first = tail("print hello").await;
    let expect =
        "loading\nSTART RequestId: ID Version: $LATEST\nhello\nEND RequestId: ID\nREPORT RequestId: ID\t";
    assert!(first.starts_with(expect), "{first}");
    assert!(first.contains("\tInit Duration: 0.00 ms\tReal Duration: "), "{first}");
    assert!(tail("print again").await.starts_with("START RequestId: ID Version: $LATEST\nagain\nEND"));

    let long = "€".repeat(5_000);
    let cut = tail(&format!("print {long}")).await;
    assert!(cut.starts_with('€') && cut.contains("€\nEND RequestId: ID\nREPORT"), "{cut}");
    assert!(world.invoke(&function, "").await.log_tail.is_none(), "nobody asked");
}

#[tokio::test]
async fn a_tail_is_at_most_four_kibibytes() {
    let world = World::new();
    let function = world.deploy("tail").await;
    let many = "print x;".repeat(10_000);
    let mut request = request(&many);
    request.log_tail = true;
    let reply = world.engine.invoke(&function, request).await.expect("it is not turned away");
    assert_eq!(reply.log_tail.expect("it was asked for").len(), 4_096);
}

#[tokio::test]
async fn a_log_can_be_followed() {
    let world = World::new();
    let function = world.deploy("followed").await;
    let mut follower = function.log().follow();
    world.invoke(&function, "print hello").await;
    let followed = follower.next().await;
    let lines: Vec<_> = followed.entries.iter().map(|line| line.to_string()).collect();
    assert_eq!((followed.missed, lines.len(), lines[1].as_str()), (0, 4, "hello"));
}

#[tokio::test]
async fn a_log_keeps_the_newest_lines() {
    let options = hearth_engine::EngineOptions { log_bytes: 10_000, ..Default::default() };
    let world = World::with(options);
    let function = world.deploy("chatty").await;
    for _ in 0..100 {
        world.invoke(&function, "print hello").await;
    }
    let (lines, dropped) = (function.log().snapshot(), function.log().dropped());
    assert_eq!(lines.len() as u64 + dropped, 400);
    assert!(dropped > 300 && lines.last().expect("a line").sequence == 399);
}

#[tokio::test]
async fn duration_is_rounded_up_for_the_bill_alone() {
    let world = World::new();
    let function = world.deploy("short").await;
    world.invoke(&function, "").await;
    let reply = world.while_passing(seconds(1), world.invoke(&function, "sleep 0.0010019")).await;
    assert_eq!(reply.report.duration, Duration::from_nanos(1_001_900));
    assert_eq!(reply.report.billed, Duration::from_millis(2));
    assert!(
        text(&function, &reply).last().expect("a line").contains("Duration: 1.00 ms\tBilled Duration: 2 ms")
    );
}
