//! Cold and warm, reuse order, expiry, resets, new code, shutdown.

use std::time::Duration;

use hearth_model::{
    identity::EnvironmentId,
    limits,
    pool::{
        AccountConcurrency, Acquired, ColdReason, EnvironmentState, Generation, Pool, PoolPolicy, Released,
        RetireReason, ReuseOrder,
    },
    time::Instant,
};

use crate::world::{End, Outcome, PoolName, World};

const IDLE: Duration = limits::DEFAULT_IDLE_LIFETIME;

fn one_pool() -> (World, PoolName) {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let pool = world.add(PoolPolicy::default());
    (world, pool)
}

/// Runs one invocation in a new environment, to its end.
fn cold(world: &mut World, pool: PoolName, expected: ColdReason) -> EnvironmentId {
    let id = begin_cold(world, pool, expected);
    world.release(pool, id, End::Well);
    id
}

/// Starts an invocation in a new environment.
fn begin_cold(world: &mut World, pool: PoolName, expected: ColdReason) -> EnvironmentId {
    let outcome = world.acquire(pool);
    let Outcome::Cold(id, reason) = outcome else { panic!("not cold: {outcome:?}") };
    assert_eq!(reason, expected);
    world.step(pool, id);
    world.step(pool, id);
    assert_eq!(world.state(pool, id), Some(EnvironmentState::Busy));
    id
}

#[test]
fn the_life_of_an_environment() {
    let (mut world, pool) = one_pool();
    assert_eq!(world.acquire(pool), Outcome::Cold(EnvironmentId(1), ColdReason::FirstRequest));
    let id = EnvironmentId(1);
    let expect = |world: &World, state, invocations| {
        let view = world.view(pool, id).expect("it lives");
        assert_eq!((view.state, view.invocations, view.since), (state, invocations, world.now));
    };
    expect(&world, EnvironmentState::Provisioning, 1);
    world.pass(Duration::from_millis(1));
    world.step(pool, id);
    expect(&world, EnvironmentState::Initialising, 1);
    world.pass(Duration::from_millis(1));
    world.step(pool, id);
    expect(&world, EnvironmentState::Busy, 1);
    world.pass(Duration::from_millis(1));
    world.release(pool, id, End::Well);
    expect(&world, EnvironmentState::Idle, 1);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.acquire(pool), Outcome::Warm(id));
    expect(&world, EnvironmentState::Busy, 2);
    world.pass(Duration::from_millis(1));
    world.release(pool, id, End::Reset);
    expect(&world, EnvironmentState::Resetting, 2);
    assert_eq!(world.concurrency(pool), 0, "nobody waits for a reset");
    world.pass(Duration::from_millis(1));
    world.step(pool, id);
    expect(&world, EnvironmentState::Idle, 2);
    assert_eq!(world.acquire(pool), Outcome::Warm(id), "the same environment, and its /tmp");
    world.release(pool, id, End::Lost);
    assert_eq!(world.retired(pool), [(id, RetireReason::Lost)]);
    world.finish();
}

#[test]
fn each_concurrent_invocation_has_an_environment_of_its_own() {
    let (mut world, pool) = one_pool();
    let first = world.acquire_many(pool, 100);
    assert_eq!(first[0], Outcome::Cold(EnvironmentId(1), ColdReason::FirstRequest));
    assert_eq!(first[99], Outcome::Cold(EnvironmentId(100), ColdReason::AllBusy));
    assert_eq!(world.concurrency(pool), 100);
    for id in world.away(pool, true) {
        world.release(pool, id, End::Well);
    }
    let second = world.acquire_many(pool, 100);
    assert!(second.iter().all(|outcome| matches!(outcome, Outcome::Warm(_))));
    world.finish();
}

#[test]
fn the_policy_chooses_among_idle_environments() {
    let order = |reuse| {
        let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
        let pool = world.add(PoolPolicy { reuse, ..PoolPolicy::default() });
        world.acquire_many(pool, 5);
        for id in [3, 1, 5, 2, 4] {
            world.pass(Duration::from_millis(1));
            world.release(pool, EnvironmentId(id), End::Well);
        }
        let chosen = world.acquire_many(pool, 5);
        world.finish();
        chosen.into_iter().map(|outcome| match outcome {
            Outcome::Warm(id) => id.0,
            Outcome::Cold(..) | Outcome::Throttled(_) => panic!("not warm: {outcome:?}"),
        })
    };
    assert!(order(ReuseOrder::MostRecentlyUsed).eq([4, 2, 5, 1, 3]));
    assert!(order(ReuseOrder::LeastRecentlyUsed).eq([3, 1, 5, 2, 4]));
    let random = |seed| order(ReuseOrder::Random { seed }).collect::<Vec<_>>();
    assert_eq!(random(7), random(7));
    assert!((0..20).any(|seed| random(seed) != random(7)));
}

#[test]
fn idle_environments_expire_in_turn() {
    let (mut world, pool) = one_pool();
    world.acquire_many(pool, 3);
    for id in [2, 1, 3] {
        world.release(pool, EnvironmentId(id), End::Well);
        world.pass(Duration::from_secs(60));
    }
    for id in [2, 1, 3] {
        world.jump(pool);
        assert_eq!(world.retired(pool), [(EnvironmentId(id), RetireReason::Expired)]);
    }
    assert_eq!(world.poll_timeout(pool), None);
    cold(&mut world, pool, ColdReason::Expired);
    world.finish();
}

#[test]
fn what_has_been_idle_longest_makes_room() {
    let (mut world, pool) = one_pool();
    world.acquire_many(pool, 3);
    for id in [2, 1] {
        world.release(pool, EnvironmentId(id), End::Well);
        world.pass(Duration::from_secs(60));
    }
    for id in [2, 1] {
        assert!(world.press(pool));
        assert_eq!(world.retired(pool), [(EnvironmentId(id), RetireReason::Evicted)]);
    }
    assert!(!world.press(pool), "the third is busy");
    world.release(pool, EnvironmentId(3), End::Well);
    world.finish();
}

#[test]
fn an_expired_environment_is_not_handed_out_even_if_nobody_said_that_it_is_late() {
    let (mut world, pool) = one_pool();
    let id = cold(&mut world, pool, ColdReason::FirstRequest);
    world.pass(IDLE - Duration::from_nanos(1));
    assert_eq!(world.acquire(pool), Outcome::Warm(id));
    world.release(pool, id, End::Well);
    world.pass(IDLE);
    cold(&mut world, pool, ColdReason::Expired);
    assert_eq!(world.retired(pool), [(id, RetireReason::Expired)]);
    world.finish();
}

#[test]
fn what_was_lost_is_made_anew() {
    let (mut world, pool) = one_pool();
    let outcome = world.acquire(pool);
    assert_eq!(outcome, Outcome::Cold(EnvironmentId(1), ColdReason::FirstRequest));
    world.step(pool, EnvironmentId(1));
    world.release(pool, EnvironmentId(1), End::Lost);
    assert_eq!(world.retired(pool), [(EnvironmentId(1), RetireReason::InitFailed)]);
    let second = begin_cold(&mut world, pool, ColdReason::Lost);
    world.release(pool, second, End::Lost);
    assert_eq!(world.retired(pool), [(second, RetireReason::Lost)]);
    world.finish();
}

#[test]
fn new_code_retires_idle_environments_now_and_the_others_when_they_are_done() {
    let (mut world, pool) = one_pool();
    let busy = begin_cold(&mut world, pool, ColdReason::FirstRequest);
    let resetting = begin_cold(&mut world, pool, ColdReason::AllBusy);
    let idle = cold(&mut world, pool, ColdReason::AllBusy);
    world.release(pool, resetting, End::Reset);
    let old = world.generation(pool);
    world.deploy(pool);
    assert_eq!(world.retired(pool), [(idle, RetireReason::CodeChanged)]);
    let new = cold(&mut world, pool, ColdReason::CodeChanged);
    world.release(pool, busy, End::Well);
    world.step(pool, resetting);
    let gone = [(busy, RetireReason::CodeChanged), (resetting, RetireReason::CodeChanged)];
    assert_eq!(world.retired(pool), gone);
    assert_eq!(world.acquire(pool), Outcome::Warm(new));
    // An invocation that looked the code up before it changed still runs that code.
    let Outcome::Cold(late, _) = world.acquire_generation(pool, old) else {
        panic!("no environment is left")
    };
    assert_eq!(world.view(pool, late).map(|view| view.generation), Some(old));
    world.finish();
}

#[test]
fn code_that_changed_before_it_ran_explains_no_cold_start() {
    let (mut world, pool) = one_pool();
    world.deploy(pool);
    let id = cold(&mut world, pool, ColdReason::FirstRequest);
    world.pass(IDLE);
    world.timeout(pool);
    world.deploy(pool);
    cold(&mut world, pool, ColdReason::Expired);
    assert_eq!(world.retired(pool), [(id, RetireReason::Expired)]);
    world.finish();
}

#[test]
fn generations_live_side_by_side() {
    let (mut world, pool) = one_pool();
    let (one, two) = (Generation(1), Generation(2));
    let Outcome::Cold(first, _) = world.acquire_generation(pool, one) else { panic!("cold") };
    let Outcome::Cold(second, reason) = world.acquire_generation(pool, two) else { panic!("cold") };
    assert_eq!(reason, ColdReason::FirstRequest);
    world.release(pool, first, End::Well);
    world.release(pool, second, End::Well);
    assert_eq!(world.acquire_generation(pool, one), Outcome::Warm(first));
    assert_eq!(world.acquire_generation(pool, two), Outcome::Warm(second));
    world.finish();
}

#[test]
fn what_happens_to_one_generation_is_no_reason_for_another() {
    let (mut world, pool) = one_pool();
    let latest = cold(&mut world, pool, ColdReason::FirstRequest);
    let published = Generation(100);
    world.deploy(pool);
    assert_eq!(world.retired(pool), [(latest, RetireReason::CodeChanged)]);
    let first = Outcome::Cold(EnvironmentId(2), ColdReason::FirstRequest);
    assert_eq!(world.acquire_generation(pool, published), first, "the new code is not its own");
    let latest = cold(&mut world, pool, ColdReason::CodeChanged);

    world.delete(pool, published);
    assert!(world.retired(pool).is_empty(), "it serves an invocation");
    world.release(pool, EnvironmentId(2), End::Well);
    assert_eq!(world.retired(pool), [(EnvironmentId(2), RetireReason::Deleted)]);
    assert_eq!(world.acquire(pool), Outcome::Warm(latest));
    world.finish();
}

#[test]
fn a_shutdown_lets_invocations_end() {
    let (mut world, pool) = one_pool();
    let busy = begin_cold(&mut world, pool, ColdReason::FirstRequest);
    let idle = cold(&mut world, pool, ColdReason::AllBusy);
    world.shut_down(pool);
    assert_eq!(world.retired(pool), [(idle, RetireReason::ShutDown)]);
    world.release(pool, busy, End::Well);
    assert_eq!(world.retired(pool), [(busy, RetireReason::ShutDown)]);
    world.finish();
}

#[test]
fn an_idle_lifetime_of_zero_reuses_nothing_and_an_endless_one_everything() {
    let mut world = World::new(limits::ACCOUNT_CONCURRENCY);
    let never = world.add(PoolPolicy { idle_lifetime: Duration::ZERO, ..PoolPolicy::default() });
    let always = world.add(PoolPolicy { idle_lifetime: Duration::MAX, ..PoolPolicy::default() });
    cold(&mut world, never, ColdReason::FirstRequest);
    cold(&mut world, never, ColdReason::Expired);
    let id = cold(&mut world, always, ColdReason::FirstRequest);
    world.pass(Duration::from_secs(1 << 32));
    assert_eq!(world.acquire(always), Outcome::Warm(id));
    world.finish();
}

#[test]
fn time_that_goes_back_stands_still() {
    let mut account = AccountConcurrency::default();
    let mut pool = Pool::new(PoolPolicy::default());
    let mut next = 0;
    let mut acquire = |pool: &mut Pool<()>, account: &mut AccountConcurrency, now| {
        let acquired = pool.handle_acquire(Instant::from_nanos(now), Generation(1), account, || {
            next += 1;
            EnvironmentId(next)
        });
        match acquired {
            Acquired::Warm { id, environment: (), provisioned: false } | Acquired::Cold { id, reason: _ } => {
                id
            }
            other => panic!("{other:?}"),
        }
    };
    let first = acquire(&mut pool, &mut account, 100);
    let second = acquire(&mut pool, &mut account, 90);
    pool.handle_release(Instant::from_nanos(200), first, Released::Reusable(()), &mut account);
    pool.handle_release(Instant::from_nanos(150), second, Released::Reusable(()), &mut account);
    assert!(pool.environments().all(|view| view.since == Instant::from_nanos(200)));
    assert_eq!(pool.poll_timeout(), Some(Instant::from_nanos(200) + IDLE));
}

#[test]
#[should_panic(expected = "env-1 is idle: it was released before")]
fn releasing_twice_is_a_bug_of_the_caller() {
    let (mut world, pool) = one_pool();
    let id = cold(&mut world, pool, ColdReason::FirstRequest);
    world.release(pool, id, End::Well);
}
