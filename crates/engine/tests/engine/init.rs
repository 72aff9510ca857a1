//! Init that fails or takes too long; source: Lambda developer guide, "Understanding the Lambda execution environment
//! lifecycle".

use std::time::Duration;

use hearth_model::{
    outcome::{Failure, PlatformFault},
    pool::ColdReason,
};

use crate::support::{World, answer, configuration, seconds, text, timeout};

const START: &str = "START RequestId: ID Version: $LATEST";
const END: &str = "END RequestId: ID";

#[tokio::test]
async fn init_that_takes_ten_seconds_is_broken_off_and_runs_again_within_the_invocation() {
    let world = World::new();
    let function = world.deploy("slow").await;
    world.sandbox.next_inits(["sleep 11", "sleep 1"]);
    let reply = world.while_passing(seconds(60), world.invoke(&function, "sleep 1;count")).await;
    assert_eq!(answer(&reply), "1");
    assert_eq!((reply.report.duration, reply.report.init), (seconds(2), None));
    assert_eq!(reply.report.cold, Some(ColdReason::FirstRequest));
    let expect = [
        "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
        START,
        END,
        "REPORT RequestId: ID\tDuration: 2000.00 ms\tBilled Duration: 2000 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t",
    ];
    assert_eq!(text(&function, &reply), expect);
}

#[tokio::test]
async fn init_that_takes_too_long_twice_is_a_timeout() {
    let world = World::new();
    let function = world.deploy("slow").await;
    world.sandbox.next_inits(["sleep 11", "hang"]);
    let reply = world.while_passing(seconds(60), world.invoke(&function, "")).await;
    assert_eq!(reply.result, Err(Failure::Timeout { after: seconds(3) }));
    let expect = [
        "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
        "INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout",
        START,
        "2024-03-04T17:22:51.000Z ID Task timed out after 3.00 seconds",
        END,
        "REPORT RequestId: ID\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: timeout",
    ];
    assert_eq!(text(&function, &reply), expect);
}

#[tokio::test]
async fn init_that_fails_runs_again_within_the_invocation_and_then_its_error_is_the_answer() {
    let world = World::new();
    let function = world.deploy("broken").await;
    world.sandbox.next_inits([
        "print loading;fail Import",
        "print loading;sleep 0.0015;fail Import",
        "fail Import",
    ]);
    let reply = world.while_passing(seconds(1), world.invoke(&function, "count")).await;
    assert!(matches!(&reply.result, Err(Failure::Function(error)) if error.error_type == "Import"));
    let expect = [
        "loading",
        "INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: Import",
        "loading",
        "INIT_REPORT Init Duration: 1.50 ms\tPhase: invoke\tStatus: error\tError Type: Import",
        START,
        "[ERROR] Import: it failed\n  in the handler",
        END,
        "REPORT RequestId: ID\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: error\tError Type: Import",
    ];
    assert_eq!(text(&function, &reply), expect);
    let requests: Vec<_> = function.log().snapshot().iter().map(|line| line.request_id.is_some()).collect();
    assert_eq!(requests, [false, false, true, true, true, true, true, true]);

    // The environment is kept, and tries again with each invocation.
    let again = world.invoke(&function, "count").await;
    assert!(again.result.is_err());
    assert_eq!((again.report.environment, again.report.cold), (reply.report.environment, None));
    let mended = world.invoke(&function, "count").await;
    assert_eq!((answer(&mended), mended.report.environment), ("1", reply.report.environment));
}

#[tokio::test]
async fn init_that_crashes_once_costs_nothing_but_time() {
    let world = World::new();
    let function = world.deploy("shaky").await;
    world.sandbox.next_inits(["crash"]);
    let reply = world.invoke(&function, "count").await;
    assert_eq!(answer(&reply), "1");
    assert_eq!(
        text(&function, &reply)[0],
        "INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError"
    );
}

#[tokio::test]
async fn a_fault_of_the_platform_in_init_loses_the_environment() {
    let world = World::new();
    let function = world.deploy("unlucky").await;
    world.sandbox.next_inits(["fault"]);
    let reply = world.invoke(&function, "").await;
    assert!(matches!(reply.result, Err(Failure::Platform(PlatformFault::Internal { .. }))));
    assert_eq!((function.environments().len(), function.concurrency(), world.sandbox.live()), (0, 0, 0));
    assert_eq!(text(&function, &reply), ["RequestId: ID Error: the fake is broken\nServiceException"]);
    let next = world.invoke(&function, "count").await;
    assert_eq!((answer(&next), next.report.cold), ("1", Some(ColdReason::Lost)));
}

#[tokio::test]
async fn ten_seconds_are_the_limit_of_init_whatever_the_functions_timeout() {
    let world = World::new();
    let mut configuration = configuration("slow");
    configuration.timeout = timeout(1);
    let function = world.deploy_as(configuration).await;
    world.sandbox.next_inits(["sleep 9.99"]);
    let reply = world.while_passing(seconds(60), world.invoke(&function, "sleep 0.5")).await;
    assert_eq!(answer(&reply), "null");
    let init = reply.report.init.expect("it was initialised");
    assert_eq!(init.measured, Duration::from_millis(9_990));
    assert_eq!(reply.report.billed, Duration::from_millis(10_490));
}
