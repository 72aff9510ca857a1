//! Limits, and what AWS calls the one that was reached.

use std::time::Duration;

use hearth_model::{
    identity::EnvironmentId,
    limits,
    pool::{ColdReason, PoolPolicy, ReservationRefused, ThrottleReason},
};

use crate::world::{End, Outcome, World};

const RESERVED: Outcome =
    Outcome::Throttled(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
const ACCOUNT: Outcome = Outcome::Throttled(ThrottleReason::ConcurrentInvocationLimitExceeded);
const RATE: Outcome = Outcome::Throttled(ThrottleReason::FunctionInvocationRateLimitExceeded);

fn served(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| !matches!(outcome, Outcome::Throttled(_))).count()
}

#[test]
fn reserved_concurrency_is_a_limit() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let pool = world.add(PoolPolicy::default());
    world.reserve(pool, Some(5)).expect("there is room");
    let outcomes = world.acquire_many(pool, 20);
    assert_eq!(served(&outcomes[..5]), 5);
    assert!(outcomes[5..].iter().all(|outcome| *outcome == RESERVED));
    world.release(pool, EnvironmentId(1), End::Well);
    assert_eq!(world.acquire_many(pool, 2), [Outcome::Warm(EnvironmentId(1)), RESERVED]);
    world.finish();
}

#[test]
fn reserving_nothing_turns_a_function_off_even_with_idle_environments() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let pool = world.add(PoolPolicy::default());
    world.acquire(pool);
    world.release(pool, EnvironmentId(1), End::Well);
    world.reserve(pool, Some(0)).expect("nothing always fits");
    assert_eq!(world.acquire(pool), RESERVED);
    world.reserve(pool, None).expect("less is always allowed");
    assert_eq!(world.acquire(pool), Outcome::Warm(EnvironmentId(1)));
    world.finish();
}

#[test]
fn functions_share_what_nobody_has_reserved() {
    let mut world = World::new(300);
    let [one, two, reserved] = [(); 3].map(|()| world.add(PoolPolicy::default()));
    world.reserve(reserved, Some(200)).expect("100 stay");
    assert_eq!(served(&world.acquire_many(one, 60)), 60);
    let outcomes = world.acquire_many(two, 60);
    assert_eq!(served(&outcomes), 40);
    assert_eq!(outcomes[40], ACCOUNT);
    assert_eq!(served(&world.acquire_many(reserved, 250)), 200, "what is reserved is there");
    world.release(one, EnvironmentId(1), End::Lost);
    assert_eq!(served(&world.acquire_many(two, 2)), 1);
    world.finish();
}

#[test]
fn an_account_keeps_a_hundred_unreserved() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let [one, two] = [(); 2].map(|()| world.add(PoolPolicy::default()));
    world.reserve(one, Some(500)).expect("there is room");
    let refused = world.reserve(two, Some(401)).expect_err("99 would stay");
    assert_eq!(
        refused,
        ReservationRefused::AccountExhausted { requested: 401, available: 400, limit: 1_000 }
    );
    assert_eq!(
        refused.to_string(),
        "401 units of concurrency are more than the 400 that the account can give: of its 1000, 100 stay for \
         functions that have reserved none"
    );
    world.reserve(two, Some(400)).expect("100 stay");
    world.reserve(one, Some(501)).expect_err("one too many");
    world.reserve(one, Some(300)).expect("less is always allowed");
    world.finish();
}

#[test]
fn a_small_account_can_turn_functions_off_but_reserve_nothing() {
    let mut world = World::new(10);
    let pool = world.add(PoolPolicy::default());
    world.reserve(pool, Some(1)).expect_err("there is nothing to reserve");
    world.reserve(pool, Some(0)).expect("nothing always fits");
    world.finish();
}

#[test]
fn a_reservation_that_changes_moves_what_runs() {
    let mut world = World::new(200);
    let [one, two] = [(); 2].map(|()| world.add(PoolPolicy::default()));
    world.acquire_many(one, 80);
    world.acquire_many(two, 90);
    assert_eq!(world.account.in_use(), 170);
    world.reserve(one, Some(100)).expect("100 stay");
    assert_eq!((world.account.in_use(), world.account.total_in_use()), (90, 170));
    // Ten of the hundred that are left, then no more; and the hundred that are reserved fill the account.
    assert_eq!(served(&world.acquire_many(two, 20)), 10);
    assert_eq!(served(&world.acquire_many(one, 30)), 20);
    world.reserve(one, Some(10)).expect("less is always allowed");
    assert_eq!(world.acquire(one), RESERVED, "a hundred run on a reservation of ten");
    assert_eq!(world.acquire(two), ACCOUNT, "what is no longer reserved is still in use");
    for id in world.away(one, true).into_iter().take(95) {
        world.release(one, id, End::Lost);
    }
    assert_eq!(served(&world.acquire_many(one, 10)), 5);
    world.reserve(one, None).expect("less is always allowed");
    assert_eq!(world.account.in_use(), 110);
    world.finish();
}

#[test]
fn a_reservation_cannot_push_the_account_above_its_limit() {
    let mut world = World::new(200);
    let [one, two] = [(); 2].map(|()| world.add(PoolPolicy::default()));
    world.acquire_many(one, 190);
    world.reserve(two, Some(100)).expect("100 stay");
    let outcomes = world.acquire_many(two, 20);
    assert_eq!(
        (served(&outcomes), outcomes[10]),
        (10, ACCOUNT),
        "the others still run on what is reserved now"
    );
    world.finish();
}

#[test]
fn new_environments_are_limited_by_the_scaling_rate_and_warm_ones_are_not() {
    let mut world = World::new(10_000);
    let pool = world.add(PoolPolicy::default());
    let outcomes = world.acquire_many(pool, 1_002);
    assert_eq!(served(&outcomes), 1_000);
    assert_eq!(outcomes[1_000..], [RATE, RATE]);
    assert_eq!(world.concurrency(pool), 1_000, "a throttled invocation holds nothing");
    world.pass(Duration::from_millis(9));
    assert_eq!(world.acquire(pool), RATE);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.acquire_many(pool, 2), [Outcome::Cold(EnvironmentId(1_001), ColdReason::AllBusy), RATE]);
    world.release(pool, EnvironmentId(500), End::Well);
    assert_eq!(world.acquire(pool), Outcome::Warm(EnvironmentId(500)));
    world.finish();
}

#[test]
fn functions_scale_independently() {
    let mut world = World::new(10_000);
    let [one, two] = [(); 2].map(|()| world.add(PoolPolicy { scaling_burst: 10, ..PoolPolicy::default() }));
    assert_eq!(served(&world.acquire_many(one, 20)), 10);
    assert_eq!(served(&world.acquire_many(two, 20)), 10);
    world.finish();
}

#[test]
fn reasons_are_written_as_the_api_writes_them() {
    let table = [
        (RESERVED, "ReservedFunctionConcurrentInvocationLimitExceeded"),
        (ACCOUNT, "ConcurrentInvocationLimitExceeded"),
        (RATE, "FunctionInvocationRateLimitExceeded"),
    ];
    for (outcome, expected) in table {
        let Outcome::Throttled(reason) = outcome else { panic!("throttled") };
        assert_eq!(reason.as_str(), expected);
        assert_eq!(serde_json::to_value(reason).expect("a string"), expected);
    }
    assert_eq!(serde_json::to_value(ColdReason::AllBusy).expect("a string"), "all-busy");
}
