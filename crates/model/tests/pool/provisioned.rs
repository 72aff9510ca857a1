//! Provisioned concurrency.

use std::time::Duration;

use hearth_model::{
    identity::EnvironmentId,
    limits,
    pool::{ColdReason, EnvironmentState, PoolPolicy, ReservationRefused, RetireReason, ThrottleReason},
};

use crate::world::{End, Outcome, PoolName, World};

const RESERVED: Outcome =
    Outcome::Throttled(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);

/// A pool with so many provisioned environments, ready for traffic.
fn ready(world: &mut World, target: u32) -> (PoolName, Vec<EnvironmentId>) {
    let pool = world.add(PoolPolicy::default());
    world.provision(pool, target).expect("there is room");
    let provisioned = world.provisioned(pool);
    for id in &provisioned {
        world.step(pool, *id);
        world.step(pool, *id);
        assert_eq!(world.state(pool, *id), Some(EnvironmentState::Idle));
    }
    (pool, provisioned)
}

#[test]
fn they_are_ready_before_traffic_and_more_traffic_spills() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 2);
    assert_eq!(world.account.in_use(), 2, "allocated, used or not");
    let [second, first] = provisioned[..] else { panic!("two") };
    let spilled = Outcome::Cold(EnvironmentId(3), ColdReason::AllBusy);
    assert_eq!(world.acquire_many(pool, 3), [Outcome::Warm(first), Outcome::Warm(second), spilled]);
    assert_eq!((world.concurrency(pool), world.account.in_use()), (3, 3));
    world.release(pool, first, End::Well);
    world.release(pool, EnvironmentId(3), End::Well);
    assert_eq!(world.acquire(pool), Outcome::Warm(first), "before one on demand, though that was used later");
    world.finish();
}

#[test]
fn they_do_not_expire() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 1);
    assert_eq!(world.poll_timeout(pool), None);
    world.pass(Duration::from_hours(24));
    world.timeout(pool);
    assert_eq!(world.acquire(pool), Outcome::Warm(provisioned[0]));
    world.finish();
}

#[test]
fn an_invocation_does_not_wait_for_one_that_is_being_made() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let pool = world.add(PoolPolicy::default());
    world.provision(pool, 1).expect("there is room");
    assert_eq!(world.provisioned(pool), [EnvironmentId(1)]);
    assert_eq!(world.acquire(pool), Outcome::Cold(EnvironmentId(2), ColdReason::AllBusy));
    world.finish();
}

#[test]
fn one_that_is_lost_is_replaced() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 1);
    world.acquire(pool);
    world.release(pool, provisioned[0], End::Lost);
    let second = world.provisioned(pool);
    assert_eq!(second.len(), 1);
    // Its init fails: that is told by a release, though no invocation holds it.
    world.step(pool, second[0]);
    world.release(pool, second[0], End::Lost);
    let gone = [(provisioned[0], RetireReason::Lost), (second[0], RetireReason::InitFailed)];
    assert_eq!(world.retired(pool), gone);
    assert_eq!(world.provisioned(pool).len(), 1);
    world.finish();
}

#[test]
fn one_that_is_reset_stays_provisioned() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 1);
    world.acquire(pool);
    world.release(pool, provisioned[0], End::Reset);
    assert!(world.provisioned(pool).is_empty());
    world.step(pool, provisioned[0]);
    assert_eq!(world.acquire(pool), Outcome::Warm(provisioned[0]));
    world.finish();
}

#[test]
fn they_come_no_faster_than_the_scaling_rate() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let policy =
        PoolPolicy { scaling_burst: 2, scaling_interval: Duration::from_secs(1), ..PoolPolicy::default() };
    let pool = world.add(policy);
    world.provision(pool, 5).expect("there is room");
    assert_eq!(world.provisioned(pool).len(), 2);
    for _ in 0..3 {
        let before = world.now;
        world.jump(pool);
        assert_eq!(world.now - before, Duration::from_millis(500));
        assert_eq!(world.provisioned(pool).len(), 1);
    }
    assert_eq!(world.poll_timeout(pool), None);
    world.finish();
}

#[test]
fn with_fewer_idle_ones_retire_and_busy_ones_finish_on_demand() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 3);
    let Outcome::Warm(busy) = world.acquire(pool) else { panic!("warm") };
    world.provision(pool, 0).expect("less is always allowed");
    let idle = provisioned.into_iter().filter(|id| *id != busy);
    let unprovisioned: Vec<_> = idle.map(|id| (id, RetireReason::Unprovisioned)).collect();
    assert_eq!(world.retired(pool), unprovisioned);
    assert_eq!(world.view(pool, busy).map(|view| view.provisioned), Some(false));
    assert_eq!(world.account.in_use(), 1, "the execution goes on, on demand");
    world.release(pool, busy, End::Well);
    assert_eq!(world.account.in_use(), 0);
    assert_eq!(world.acquire(pool), Outcome::Warm(busy));
    world.finish();
}

#[test]
fn they_are_part_of_reserved_concurrency() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let pool = world.add(PoolPolicy::default());
    world.reserve(pool, Some(3)).expect("there is room");
    let refused = world.provision(pool, 4).expect_err("four of three");
    assert_eq!(refused, ReservationRefused::ProvisionedAboveReserved { provisioned: 4, reserved: 3 });
    world.provision(pool, 2).expect("two of three");
    assert_eq!(world.account.in_use(), 0, "the reservation pays for them");
    let ids = world.provisioned(pool);
    // They are not ready yet, and hold two of three units all the same.
    let on_demand = Outcome::Cold(EnvironmentId(3), ColdReason::AllBusy);
    assert_eq!(world.acquire_many(pool, 2), [on_demand, RESERVED]);
    world.step(pool, ids[0]);
    world.step(pool, ids[0]);
    assert_eq!(world.acquire_many(pool, 2), [Outcome::Warm(ids[0]), RESERVED]);
    world.reserve(pool, Some(1)).expect_err("two are provisioned");
    world.finish();
}

#[test]
fn they_leave_a_hundred_unreserved() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let [one, two] = [(); 2].map(|()| world.add(PoolPolicy::default()));
    world.reserve(one, Some(400)).expect("there is room");
    let refused = world.provision(two, 501).expect_err("99 would stay");
    assert_eq!(
        refused,
        ReservationRefused::AccountExhausted { requested: 501, available: 500, limit: 1_000 }
    );
    world.provision(two, 500).expect("100 stay");
    assert_eq!(world.acquire_many(one, 1).len(), 1);
    world.finish();
}

#[test]
fn new_code_replaces_none_of_the_old() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let (pool, provisioned) = ready(&mut world, 1);
    let old = world.generation(pool);
    world.deploy(pool);
    assert_eq!(world.retired(pool), [(provisioned[0], RetireReason::CodeChanged)]);
    assert!(world.provisioned(pool).is_empty());
    assert_eq!(world.account.in_use(), 1, "allocated until it is given back");
    world.provision_generation(pool, old, 0).expect("less is always allowed");
    world.provision(pool, 1).expect("there is room");
    assert_eq!(world.provisioned(pool).len(), 1);
    assert_eq!(world.account.in_use(), 1);
    world.finish();
}
