//! Invocations that are run again.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::{
    EngineOptions, Function, InvokeReply, ReplayError, random::random_bits, testing::empty_package,
};
use hearth_model::{function::EnvironmentVariables, identity::RequestId};

use crate::support::{World, answer, configuration, seconds};

impl World {
    async fn replay(&self, id: RequestId) -> Result<InvokeReply, ReplayError> {
        let (function, recording) = self.engine.recording(id)?;
        let again = RequestId::from_random(random_bits());
        Ok(self.engine.run_again(&function, recording, id, again, "Root=1-2-3".to_owned()).await?)
    }

    async fn update(&self, function: &Arc<Function>, variable: &str) {
        let mut changed = configuration(function.name());
        let variables = BTreeMap::from([("STATE".to_owned(), variable.to_owned())]);
        changed.environment = EnvironmentVariables::new(variables).expect("variables");
        self.engine.update(function, changed, empty_package(), Vec::new()).await.expect("it is updated");
    }

    /// What the last environment was told.
    fn state(&self) -> Option<String> {
        let settings = self.sandbox.last_settings();
        let mut variables = settings.function.variables.iter();
        variables.find(|(name, _)| name == "STATE").map(|(_, value)| value.clone())
    }
}

#[tokio::test]
async fn an_invocation_runs_again_as_it_was() {
    let world = World::new();
    let function = world.deploy("f").await;
    world.update(&function, "first").await;
    let event = format!("count;echo {}", "x".repeat(20_000));
    let large = world.invoke(&function, &event).await;
    let small = world.invoke(&function, "count").await;
    assert_eq!(answer(&small), "2");
    world.update(&function, "second").await;
    world.invoke(&function, "count").await;
    assert_eq!(world.state().as_deref(), Some("second"));
    drop(world.sandbox.take_handled());
    let live = world.sandbox.live();

    let again = world.replay(small.request_id).await.expect("it is recorded");
    assert_eq!(answer(&again), "1", "in an environment of its own");
    assert_ne!(again.request_id, small.request_id);
    assert_eq!(world.state().as_deref(), Some("first"));
    let again = world.replay(large.request_id).await.expect("it is recorded");
    assert_eq!(answer(&again).len(), 20_000);
    let handled = world.sandbox.take_handled();
    assert_eq!(handled.iter().map(|handled| handled.event.len()).collect::<Vec<_>>(), [5, event.len()]);
    assert_eq!(world.sandbox.live(), live, "which nobody else gets");
    assert_eq!(answer(&world.invoke(&function, "count").await), "2");
    let events = world.engine.timeline().snapshot();
    let caused = events.iter().filter(|event| event.subject.cause == Some(small.request_id.work()));
    assert_eq!(caused.count(), 1);
}

#[tokio::test]
async fn where_time_stands_it_is_seen_as_it_was() {
    let world = World::new();
    let function = world.deploy("f").await;
    let clock = world.engine.clock().clone();
    let then = clock.wall();
    let first = world.invoke(&function, "count").await.request_id;
    clock.advance(seconds(86_400)).await;
    world.replay(first).await.expect("it is recorded");
    let seen = world.sandbox.last_settings().clock;
    assert_eq!((seen.wall(), seen.now()), (then, clock.now()));
    // What passes meanwhile, passes there too.
    let slow = world.while_passing(seconds(2), world.invoke(&function, "sleep 2")).await.request_id;
    let slow = world.while_passing(seconds(2), world.replay(slow)).await.expect("it is recorded");
    assert_eq!(slow.report.duration, seconds(2));
    let again = world.engine.timeline().snapshot().last().expect("an event").wall;
    assert_eq!(again, clock.wall(), "others see it as it is");

    clock.resume();
    world.replay(first).await.expect("it is recorded");
    assert!(world.sandbox.last_settings().clock.wall() >= then + seconds(86_400));
}

#[tokio::test]
async fn what_hung_can_be_run_again() {
    let world = World::new();
    let function = world.deploy("f").await;
    let hung = world.while_passing(seconds(3), world.invoke(&function, "hang")).await;
    let again = world.while_passing(seconds(3), world.replay(hung.request_id)).await.expect("it is recorded");
    assert_eq!(again.result, hung.result);
}

#[tokio::test]
async fn the_newest_invocations_are_kept() {
    let world = World::with(EngineOptions { recording_bytes: 4_096, ..EngineOptions::default() });
    let function = world.deploy("f").await;
    let first = world.invoke(&function, "count").await.request_id;
    for _ in 0..100 {
        world.invoke(&function, "count").await;
    }
    assert_eq!(world.replay(first).await.expect_err("it is gone"), ReplayError::NotRecorded { id: first });
    let large = world.invoke(&function, &format!("echo {}", "x".repeat(100_000))).await.request_id;
    assert_eq!(answer(&world.replay(large).await.expect("the newest stays")).len(), 100_000);
}

#[tokio::test]
async fn code_is_kept_a_little_longer() {
    let world = World::new();
    let function = world.deploy("f").await;
    let first = world.invoke(&function, "count").await.request_id;
    for state in ["1", "2", "3"] {
        world.update(&function, state).await;
    }
    world.replay(first).await.expect("it is still there");
    world.update(&function, "4").await;
    assert_eq!(world.replay(first).await.expect_err("it is gone"), ReplayError::CodeGone { id: first });
}
