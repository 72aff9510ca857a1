//! How an invocation can fail, and what is left of its environment.

use std::time::Duration;

use hearth_model::outcome::{Failure, PlatformFault};

use crate::support::{World, answer, seconds, text};

/// Invokes a function whose environment has served once, and then once more; tells the failure, and what the next
/// invocation found of globals and files, and whether it was cold.
async fn after(event: &str) -> (Failure, String, String, bool) {
    let world = World::new();
    let function = world.deploy("failing").await;
    world.invoke(&function, "count;files").await;
    let failed = world.while_passing(seconds(5), world.invoke(&function, event)).await;
    let next = world.invoke(&function, "count").await;
    let files = world.invoke(&function, "files").await;
    assert_eq!(function.concurrency(), 0);
    let failure = failed.result.expect_err("it failed");
    (failure, answer(&next).to_owned(), answer(&files).to_owned(), next.report.cold.is_some())
}

#[tokio::test]
async fn a_handlers_own_error_keeps_the_environment() {
    let (failure, count, files, cold) = after("fail ValueError").await;
    assert!(matches!(failure, Failure::Function(error) if error.error_type == "ValueError"));
    assert_eq!((count.as_str(), files.as_str(), cold), ("2", "2", false));
}

#[tokio::test]
async fn an_answer_that_is_too_large_keeps_the_environment() {
    let (failure, count, files, cold) = after("large 6291557").await;
    assert_eq!(failure, Failure::ResponseTooLarge { bytes: 6_291_557 });
    assert_eq!((count.as_str(), files.as_str(), cold), ("2", "2", false));
    let world = World::new();
    let function = world.deploy("large").await;
    assert_eq!(answer(&world.invoke(&function, "large 6291556").await).len(), 6_291_556);
}

#[tokio::test]
async fn whatever_breaks_the_guest_resets_the_environment_and_keeps_its_files() {
    let timeout = Failure::Timeout { after: seconds(3) };
    for (event, expect) in [
        ("hang", timeout.clone()),
        ("spin", timeout.clone()),
        ("sleep 4", timeout),
        ("exit 3", Failure::Exit { code: 3 }),
        ("crash", Failure::Crash { reason: "unreachable".to_owned() }),
        ("oom", Failure::OutOfMemory { limit_mib: 128 }),
        ("invalid", Failure::InvalidResponse { reason: "no answer".to_owned() }),
    ] {
        let (failure, count, files, cold) = after(event).await;
        assert_eq!(failure, expect, "{event}");
        assert_eq!((count.as_str(), files.as_str(), cold), ("1", "2", false), "{event}");
    }
}

#[tokio::test]
async fn a_fault_of_the_platform_loses_the_environment() {
    let (failure, count, files, cold) = after("fault").await;
    assert!(matches!(failure, Failure::Platform(PlatformFault::Internal { .. })));
    assert_eq!((count.as_str(), files.as_str(), cold), ("1", "1", true));
}

#[tokio::test]
async fn a_panic_loses_the_environment_and_frees_its_concurrency() {
    let world = World::new();
    let function = world.deploy("panicking").await;
    let mut invocations = world.invoke_many(&function, 1, "panic");
    assert!(invocations.join_next().await.expect("one invocation").expect_err("it panics").is_panic());
    assert_eq!((function.concurrency(), function.environments().len()), (0, 0));
    assert_eq!((world.sandbox.live(), world.engine.work().running()), (0, 0));
}

#[tokio::test]
async fn a_timeout_ends_the_invocation_on_time() {
    let world = World::new();
    let function = world.deploy("late").await;
    world.invoke(&function, "").await;
    let before = world.clock.now();
    let reply = world.while_passing(seconds(60), world.invoke(&function, "hang")).await;
    assert_eq!((reply.report.duration, reply.report.billed), (seconds(3), seconds(3)));
    let ended = world.engine.timeline().snapshot().last().map(|event| event.at).expect("an event");
    assert_eq!(ended - before, seconds(3));
    let document = reply.result.expect_err("it timed out").document(reply.request_id);
    assert_eq!(document.error_type, "Sandbox.Timedout");
}

#[tokio::test]
async fn after_a_reset_init_runs_within_the_next_invocation() {
    let world = World::new();
    let function = world.deploy("reset").await;
    let first = world.invoke(&function, "crash").await;
    world.sandbox.next_inits(["print again;sleep 1"]);
    let next = world.while_passing(seconds(2), world.invoke(&function, "sleep 0.5")).await;
    assert_eq!(next.report.environment, first.report.environment);
    assert_eq!((next.report.init, next.report.cold), (None, None));
    assert_eq!(next.report.duration, Duration::from_millis(1_500));
    assert_eq!(next.report.phases.init, seconds(1));
    assert_eq!(next.report.phases.handle, Duration::from_millis(500));
    let lines = text(&function, &next);
    let expect = [
        "again",
        "START RequestId: ID Version: $LATEST",
        "END RequestId: ID",
        "REPORT RequestId: ID\tDuration: 1500.00 ms\tBilled Duration: 1500 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t",
    ];
    assert_eq!(lines[lines.len() - 4..], expect);
    let lines = function.log().snapshot();
    assert_eq!(
        lines[lines.len() - 4].request_id,
        Some(next.request_id),
        "its output belongs to the invocation"
    );
}

#[tokio::test]
async fn init_within_an_invocation_counts_against_the_functions_timeout() {
    let world = World::new();
    let function = world.deploy("reset").await;
    world.invoke(&function, "crash").await;
    world.sandbox.next_inits(["sleep 2"]);
    let reply = world.while_passing(seconds(5), world.invoke(&function, "sleep 2")).await;
    assert_eq!(reply.result, Err(Failure::Timeout { after: seconds(3) }));
    assert_eq!(reply.report.duration, seconds(3));
}

#[tokio::test]
async fn who_is_to_blame_is_counted() {
    let world = World::new();
    let function = world.deploy("blame").await;
    for event in ["", "fail X", "crash", "fault"] {
        world.invoke(&function, event).await;
    }
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.errors, metrics.platform_faults), (4, 2, 1));
}
