//! What goes wrong because a rule says so.

use hearth_engine::{
    InvokeError,
    timeline::{EventKind, Outcome},
};
use hearth_model::{
    faults::{FaultKind, GivenFault, Rule},
    outcome::Failure,
    pool::ThrottleReason,
};

use crate::support::{World, answer, request, seconds};

impl World {
    fn fault(&self, kind: FaultKind, given: GivenFault) {
        let given = GivenFault { fault: Some(kind), function: Some("f".to_owned()), ..given };
        self.engine.faults().add(Rule::try_from(given).expect("a rule"));
    }
}

#[tokio::test]
async fn the_nth_call_fails() {
    let world = World::new();
    let function = world.deploy("f").await;
    let given = GivenFault {
        from: Some(2),
        count: Some(1),
        error_type: Some("Unlucky".to_owned()),
        error_message: Some("the second one".to_owned()),
        ..GivenFault::default()
    };
    world.fault(FaultKind::Fail, given);
    assert_eq!(answer(&world.invoke(&function, "count").await), "1");
    let failed = world.invoke(&function, "count").await.result.expect_err("it fails");
    assert!(
        matches!(&failed, Failure::Function(error) if error.error_type == "Unlucky" && error.error_message == "the second one")
    );
    assert_eq!(
        answer(&world.invoke(&function, "count").await),
        "2",
        "the handler was not run, and nothing is lost"
    );
    let injected =
        world.events(&function).into_iter().filter(|event| matches!(event, EventKind::Injected { .. }));
    assert_eq!(injected.count(), 1);
    let entry = world.engine.faults().list().pop().expect("a rule");
    assert_eq!((entry.seen, entry.injected), (3, 1));
}

#[tokio::test]
async fn a_killed_environment_is_lost() {
    for (kind, calls) in [(FaultKind::KillBeforeHandler, 0), (FaultKind::KillAfterHandler, 1)] {
        let world = World::new();
        let function = world.deploy("f").await;
        world.fault(kind, GivenFault { from: Some(2), count: Some(1), ..GivenFault::default() });
        world.invoke(&function, "files").await;
        drop(world.sandbox.take_handled());
        let failed = world.invoke(&function, "files").await.result.expect_err("it fails");
        assert_eq!(failed.error_type(), "Runtime.ExitError");
        assert_eq!(world.sandbox.take_handled().len(), calls, "{kind}");
        assert_eq!(answer(&world.invoke(&function, "files").await), "1", "its files are lost too");
        assert!(
            world
                .events(&function)
                .contains(&EventKind::Injected { rule: world.engine.faults().list()[0].id, fault: kind })
        );
    }
}

#[tokio::test]
async fn a_response_is_dropped_when_the_work_is_done() {
    let world = World::new();
    let function = world.deploy("f").await;
    world.fault(FaultKind::DropResponse, GivenFault { count: Some(1), ..GivenFault::default() });
    let failed = world.invoke(&function, "count").await.result.expect_err("nobody hears of it");
    assert!(failed.platform_fault().is_some(), "{failed:?}");
    let well = |event: &EventKind| matches!(event, EventKind::Ended { outcome: Outcome::Success, .. });
    assert!(world.events(&function).iter().any(well));
    assert_eq!(answer(&world.invoke(&function, "count").await), "2");
}

#[tokio::test]
async fn a_delay_counts_against_the_timeout() {
    let world = World::new();
    let function = world.deploy("f").await;
    world.fault(
        FaultKind::Delay,
        GivenFault { delay_ms: Some(2_000), count: Some(1), ..GivenFault::default() },
    );
    let reply = world.while_passing(seconds(2), world.invoke(&function, "count")).await;
    assert_eq!((answer(&reply), reply.report.duration), ("1", seconds(2)));
    world.engine.faults().clear();
    world.fault(FaultKind::Delay, GivenFault { delay_ms: Some(4_000), ..GivenFault::default() });
    let reply = world.while_passing(seconds(4), world.invoke(&function, "count")).await;
    assert!(matches!(reply.result, Err(Failure::Timeout { .. })), "{reply:?}");
}

#[tokio::test]
async fn an_invocation_is_throttled() {
    let world = World::new();
    let function = world.deploy("f").await;
    world.fault(FaultKind::Throttle, GivenFault { count: Some(1), ..GivenFault::default() });
    let refused = world.engine.invoke(&function, request("count")).await.expect_err("it is turned away");
    let reason = ThrottleReason::ConcurrentInvocationLimitExceeded;
    assert_eq!(refused, InvokeError::Throttled(reason));
    assert_eq!(function.metrics().throttles, 1);
    assert_eq!(answer(&world.invoke(&function, "count").await), "1");
}

#[tokio::test]
async fn an_init_fails_and_is_run_again() {
    for kind in [FaultKind::FailInit, FaultKind::KillDuringInit] {
        let world = World::new();
        let function = world.deploy("f").await;
        world.fault(kind, GivenFault { count: Some(1), ..GivenFault::default() });
        assert_eq!(answer(&world.invoke(&function, "count").await), "1", "the second init is a good one");
        let kinds = world.events(&function);
        assert!(kinds.iter().any(|event| matches!(event, EventKind::InitFailed { .. })), "{kinds:?}");
        world.engine.faults().clear();
        world.fault(kind, GivenFault::default());
        world.invoke(&function, "crash").await;
        let failed = world.invoke(&function, "count").await.result.expect_err("init fails");
        let expect = if kind == FaultKind::FailInit { "InjectedFault" } else { "Runtime.ExitError" };
        assert_eq!(failed.error_type(), expect);
    }
}
