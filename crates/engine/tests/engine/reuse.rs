//! Cold and warm.

use hearth_model::{
    cold_start::{ColdStartModel, Profile},
    pool::{ColdReason, EnvironmentState},
};

use crate::support::{World, answer, configuration, request, seconds};

#[tokio::test]
async fn the_first_invocation_is_cold_and_the_next_is_warm() {
    let world = World::new();
    let function = world.deploy("counter").await;
    let cold = world.invoke(&function, "count").await;
    let warm = world.invoke(&function, "count").await;
    assert_eq!((answer(&cold), answer(&warm)), ("1", "2"), "globals stay");
    assert_eq!((cold.report.cold, warm.report.cold), (Some(ColdReason::FirstRequest), None));
    assert!(cold.report.init.is_some() && warm.report.init.is_none());
    assert_eq!(cold.report.environment, warm.report.environment);
    assert_ne!(cold.request_id, warm.request_id);
    assert_eq!(world.sandbox.live(), 1);
    let environments = function.environments();
    assert_eq!((environments[0].state, environments[0].invocations), (EnvironmentState::Idle, 2));
}

#[tokio::test]
async fn the_environment_used_last_is_used_next() {
    let world = World::new();
    let function = world.deploy("sleeper").await;
    let (short, long) = world
        .while_passing(seconds(2), async {
            tokio::join!(world.invoke(&function, "sleep 1"), world.invoke(&function, "sleep 2"))
        })
        .await;
    assert_ne!(short.report.environment, long.report.environment);
    let next = world.invoke(&function, "").await;
    assert_eq!(next.report.environment, long.report.environment);
}

#[tokio::test]
async fn the_handler_gets_the_event_and_its_context() {
    let world = World::new();
    let function = world.deploy("context").await;
    let mut event = request("context");
    event.trace_header = Some("Root=1-2-3".to_owned());
    event.client_context = Some("{}".to_owned());
    let reply = world.engine.invoke(&function, event).await.expect("it is not turned away");
    let context = answer(&reply);
    // The deadline is the frozen moment and 3 seconds.
    for part in [
        &reply.request_id.to_string(),
        "arn:aws:lambda:us-east-1:000000000000:function:context",
        "Timestamp(1709572961000000000)",
        "Root=1-2-3",
    ] {
        assert!(context.contains(part), "{part} in {context}");
    }
}

#[tokio::test]
async fn the_environment_is_made_with_the_functions_settings() {
    let world = World::new();
    let function = world.deploy("settings").await;
    let reply = world.invoke(&function, "").await;
    let settings = world.sandbox.last_settings();
    assert_eq!(settings.id, reply.report.environment);
    let name = ("AWS_LAMBDA_FUNCTION_NAME".to_owned(), "settings".to_owned());
    assert!(settings.function.variables.contains(&name));
    assert_eq!(function.log().snapshot()[0].stream.name(), settings.log.stream_name());
}

#[tokio::test]
async fn a_modelled_cold_start_takes_its_time_and_shows_in_init_duration() {
    let world = World::new();
    let mut configuration = configuration("slow");
    configuration.cold_start =
        ColdStartModel { profile: Some(Profile::Python312), vpc: true, ..ColdStartModel::default() };
    let function = world.deploy_as(configuration).await;
    world.sandbox.next_inits(["sleep 0.5"]);
    let before = world.clock.now();
    let reply = world.while_passing(seconds(60), world.invoke(&function, "sleep 1")).await;
    let init = reply.report.init.expect("it was initialised");
    assert_eq!(init.measured, std::time::Duration::from_millis(500));
    assert_eq!(init.modelled.vpc, seconds(1));
    assert!(init.modelled.runtime > std::time::Duration::from_millis(50));
    assert_eq!(reply.report.duration, seconds(1), "the invocation itself takes no longer");
    let ended = world.engine.timeline().snapshot().last().map(|event| event.at).expect("an event");
    assert_eq!(ended - before, init.total() + seconds(1));
}
