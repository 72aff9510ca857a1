//! Retries, backoff, age, destinations, configuration, bounds.

use std::{sync::Arc, time::Duration};

use hearth_model::{
    asynchronous::{Condition, Configuration, EventAge, Outcome, Queue, QueueFull, RetryAttempts},
    destination::Destination,
    identity::{RequestId, Version},
    reference::{AliasName, Qualifier},
    time::Instant,
};

use crate::world::{Name, World};

const LATEST: Qualifier = Qualifier::LATEST;

fn world(maximum_retry_attempts: i64, maximum_event_age_s: i64) -> World {
    let mut world = World::new(Queue::DEFAULT_CAPACITY);
    world.configure(&LATEST, configuration(maximum_retry_attempts, maximum_event_age_s));
    world
}

fn configuration(maximum_retry_attempts: i64, maximum_event_age_s: i64) -> Configuration {
    Configuration {
        maximum_retry_attempts: RetryAttempts::new(maximum_retry_attempts).expect("a number of attempts"),
        maximum_event_age: EventAge::from_seconds(maximum_event_age_s).expect("an age"),
        ..Configuration::default()
    }
}

fn accept(world: &mut World) -> Name {
    let name = world.accept(&LATEST).expect("there is room");
    assert!(world.is_running(name), "the first attempt is made at once");
    name
}

/// Ends the running attempt, and returns how long the invocation waits for the next, to which it goes.
fn retry(world: &mut World, name: Name, outcome: Outcome) -> Duration {
    world.result(name, outcome);
    let wait = world.deadline().expect("there is another attempt");
    world.jump();
    assert!(world.is_running(name));
    wait
}

#[test]
fn an_error_is_tried_again_after_one_minute_and_then_two() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    assert_eq!(retry(&mut world, name, Outcome::FunctionError), Duration::from_mins(1));
    assert_eq!(retry(&mut world, name, Outcome::FunctionError), Duration::from_mins(2));
    world.result(name, Outcome::FunctionError);
    assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, 3)]);
    world.finish();
}

#[test]
fn an_error_may_be_followed_by_success() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    retry(&mut world, name, Outcome::FunctionError);
    world.result(name, Outcome::Success);
    assert_eq!(world.ended(), [(name, Condition::Success, 2)]);
    world.finish();
}

#[test]
fn there_are_no_more_attempts_than_configured() {
    for attempts in 0..=2 {
        let mut world = world(attempts, 21_600);
        let name = accept(&mut world);
        for _ in 0..attempts {
            retry(&mut world, name, Outcome::FunctionError);
        }
        world.result(name, Outcome::FunctionError);
        let runs = u32::try_from(attempts + 1).expect("few");
        assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, runs)]);
        world.finish();
    }
}

#[test]
fn throttles_and_faults_back_off_and_use_up_no_attempt() {
    for outcome in [Outcome::Throttled, Outcome::PlatformFault] {
        let mut world = world(0, 21_600);
        let name = accept(&mut world);
        let waits: Vec<_> = (0..12).map(|_| retry(&mut world, name, outcome).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        world.result(name, Outcome::Success);
        assert_eq!(world.ended(), [(name, Condition::Success, 1)]);
        world.finish();
    }
}

#[test]
fn backoff_begins_anew_once_the_function_ran() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    let outcomes = [Outcome::Throttled, Outcome::PlatformFault, Outcome::FunctionError, Outcome::Throttled];
    let waits = outcomes.map(|outcome| retry(&mut world, name, outcome).as_secs());
    assert_eq!(waits, [1, 2, 60, 1]);
    world.result(name, Outcome::Success);
    assert_eq!(world.ended(), [(name, Condition::Success, 2)]);
    world.finish();
}

/// Recorded: with a maximum age of 60 seconds, an error is told at once, as there is no time for another attempt.
#[test]
fn nobody_waits_for_an_attempt_that_would_come_too_late() {
    let mut short = world(2, 60);
    let name = accept(&mut short);
    short.result(name, Outcome::FunctionError);
    assert_eq!(short.ended(), [(name, Condition::EventAgeExceeded, 1)]);
    short.finish();

    let mut longer = world(2, 90);
    let name = accept(&mut longer);
    retry(&mut longer, name, Outcome::FunctionError);
    longer.result(name, Outcome::FunctionError);
    assert_eq!(longer.ended(), [(name, Condition::EventAgeExceeded, 2)]);
    longer.finish();
}

#[test]
fn the_age_counts_while_the_function_runs() {
    let mut world = world(2, 90);
    let name = accept(&mut world);
    world.pass(Duration::from_secs(30));
    world.result(name, Outcome::FunctionError);
    assert_eq!(world.ended(), [(name, Condition::EventAgeExceeded, 1)]);
    let name = accept(&mut world);
    world.pass(Duration::from_secs(900));
    world.result(name, Outcome::Success);
    assert_eq!(world.ended(), [(name, Condition::Success, 1)], "what ends well is not too old");
    let name = accept(&mut world);
    world.pass(Duration::from_secs(900));
    world.configure(&LATEST, configuration(0, 90));
    world.result(name, Outcome::FunctionError);
    assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, 1)], "there is no other attempt anyway");
    world.finish();
}

#[test]
fn a_function_that_is_always_throttled_is_tried_for_six_hours() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    let begin = world.now;
    let mut last = begin;
    while world.is_running(name) {
        last = world.now;
        world.result(name, Outcome::Throttled);
        world.jump();
    }
    assert_eq!(world.ended(), [(name, Condition::EventAgeExceeded, 0)]);
    assert_eq!(last - begin, Duration::from_secs(511 + 70 * 300), "within five minutes of six hours");
    assert_eq!(world.attempts(name), 1 + 9 + 70);
    world.finish();
}

#[test]
fn a_clock_that_jumps_makes_events_too_old() {
    let mut world = world(2, 600);
    let waiting = accept(&mut world);
    world.result(waiting, Outcome::FunctionError);
    world.pass(Duration::from_secs(600));
    world.timeout();
    assert_eq!(world.ended(), [(waiting, Condition::EventAgeExceeded, 1)]);
    assert_eq!(world.attempts(waiting), 1);
    world.finish();
}

#[test]
fn a_clock_that_was_read_too_early_does_no_harm() {
    let mut world = World::new(2);
    let early = world.now;
    world.pass(Duration::from_secs(1));
    accept(&mut world);
    let name = world.accept_at(early, &LATEST).expect("there is room");
    assert!(world.is_running(name));
    world.finish();
}

#[test]
fn a_function_that_is_turned_off_gets_no_second_attempt() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    world.result(name, Outcome::ZeroReservedConcurrency);
    assert_eq!(world.ended(), [(name, Condition::ZeroReservedConcurrency, 0)]);
    let name = accept(&mut world);
    retry(&mut world, name, Outcome::FunctionError);
    world.result(name, Outcome::ZeroReservedConcurrency);
    assert_eq!(world.ended(), [(name, Condition::ZeroReservedConcurrency, 1)]);
    world.finish();
}

#[test]
fn a_recursive_loop_gets_no_second_attempt() {
    let mut world = World::new(1);
    let name = accept(&mut world);
    world.result(name, Outcome::RecursiveInvocation);
    assert_eq!(world.ended(), [(name, Condition::RecursiveInvocation, 0)]);
    world.finish();
}

#[test]
fn each_end_is_told_to_those_who_want_to_know() {
    let destination = |name: &str| {
        let arn = format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
        Some(Arc::new(Destination::parse(&arn).expect("an ARN")))
    };
    let (successes, failures, dead_letters) =
        (destination("successes"), destination("failures"), destination("dead-letters"));
    for (on_success, on_failure, dead_letter) in [
        (None, None, None),
        (successes.clone(), None, None),
        (None, failures.clone(), None),
        (None, None, dead_letters.clone()),
        (successes, failures, dead_letters),
    ] {
        let mut world = World::new(1);
        let configuration = Configuration {
            on_success: on_success.clone(),
            on_failure: on_failure.clone(),
            dead_letter: dead_letter.clone(),
            ..configuration(0, 60)
        };
        world.configure(&LATEST, configuration);
        let name = accept(&mut world);
        world.result(name, Outcome::Success);
        let ending = world.ending();
        assert_eq!((ending.record_to, ending.dead_letter_to), (on_success, None));
        for outcome in
            [Outcome::FunctionError, Outcome::ZeroReservedConcurrency, Outcome::RecursiveInvocation]
        {
            let name = accept(&mut world);
            world.result(name, outcome);
            let ending = world.ending();
            assert_eq!(ending.is_dropped(), on_failure.is_none() && dead_letter.is_none());
            assert_eq!((ending.record_to, ending.dead_letter_to), (on_failure.clone(), dead_letter.clone()));
        }
        world.finish();
    }
}

#[test]
fn versions_and_aliases_have_their_own_configuration() {
    let mut world = World::new(10);
    let live = Qualifier::Alias(AliasName::parse("live").expect("a name"));
    let seven = Qualifier::Version(Version::Published(7));
    world.configure(&live, configuration(0, 21_600));
    world.configure(&seven, configuration(1, 21_600));
    let names = [&live, &seven, &LATEST].map(|qualifier| world.accept(qualifier).expect("there is room"));
    for (name, runs) in names.into_iter().zip(1..) {
        for running in world.running() {
            world.result(running, Outcome::FunctionError);
        }
        assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, runs)]);
        world.jump();
    }
    world.finish();
}

#[test]
fn a_new_configuration_applies_to_what_is_waiting() {
    let mut world = World::new(10);
    let name = accept(&mut world);
    world.result(name, Outcome::FunctionError);
    world.configure(&LATEST, configuration(0, 21_600));
    world.jump();
    assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, 1)]);

    let name = accept(&mut world);
    world.result(name, Outcome::Throttled);
    world.configure(&LATEST, Configuration::default());
    world.jump();
    for _ in 0..2 {
        retry(&mut world, name, Outcome::FunctionError);
    }
    world.result(name, Outcome::FunctionError);
    assert_eq!(world.ended(), [(name, Condition::RetriesExhausted, 3)]);
    world.finish();
}

#[test]
fn a_full_queue_accepts_nothing_until_something_ends() {
    let mut world = World::new(2);
    let running = accept(&mut world);
    let waiting = accept(&mut world);
    world.result(waiting, Outcome::Throttled);
    assert_eq!(world.accept(&LATEST), Err(QueueFull { capacity: 2 }));
    world.result(running, Outcome::Success);
    accept(&mut world);
    assert_eq!(world.accept(&LATEST), Err(QueueFull { capacity: 2 }));
    world.finish();
    assert_eq!(World::new(0).accept(&LATEST), Err(QueueFull { capacity: 0 }));
}

#[test]
#[should_panic(expected = "has no attempt running")]
fn an_attempt_has_one_result() {
    let mut queue = Queue::new(1);
    let (now, id) = (Instant::ORIGIN, RequestId::from_random(0));
    queue.handle_accept(now, id, LATEST).expect("there is room");
    queue.handle_result(now, id, Outcome::Throttled);
    queue.handle_result(now, id, Outcome::Throttled);
}

#[test]
#[should_panic(expected = "was accepted before")]
fn an_invocation_is_accepted_once() {
    let mut queue = Queue::new(2);
    let (now, id) = (Instant::ORIGIN, RequestId::from_random(0));
    queue.handle_accept(now, id, LATEST).expect("there is room");
    let _ = queue.handle_accept(now, id, LATEST);
}
