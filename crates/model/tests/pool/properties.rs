//! Whatever is done to some pools of one account, in whatever order, what the [`World`](crate::world::World) checks holds.

use std::time::Duration;

use hearth_model::pool::{Generation, PoolPolicy, ReuseOrder};
use proptest::{collection::vec, option, prelude::*, sample::Index};

use crate::world::{End, PoolName, World};

/// Pools that share the account.
const POOLS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Pass(Duration),
    Acquire {
        times: usize,
    },
    /// An invocation that looked the code up before it changed.
    AcquireOld,
    Step {
        which: Index,
        times: usize,
    },
    Release {
        which: Index,
        times: usize,
        end: End,
    },
    Deploy,
    Reserve(Option<u32>),
    Provision(u32),
    Timeout,
    Press,
    /// To the pool's own deadline.
    Jump,
    ShutDown,
}

fn operation() -> impl Strategy<Value = Operation> {
    let end = prop_oneof![4 => Just(End::Well), 2 => Just(End::Reset), 1 => Just(End::Lost)];
    prop_oneof![
        4 => (0_u64..3_000).prop_map(|millis| Operation::Pass(Duration::from_millis(millis))),
        8 => (1_usize..40).prop_map(|times| Operation::Acquire { times }),
        1 => Just(Operation::AcquireOld),
        6 => (any::<Index>(), 1_usize..40).prop_map(|(which, times)| Operation::Step { which, times }),
        8 => (any::<Index>(), 1_usize..40, end)
            .prop_map(|(which, times, end)| Operation::Release { which, times, end }),
        1 => Just(Operation::Deploy),
        2 => option::of(0_u32..60).prop_map(Operation::Reserve),
        2 => (0_u32..20).prop_map(Operation::Provision),
        2 => Just(Operation::Timeout),
        1 => Just(Operation::Press),
        3 => Just(Operation::Jump),
        1 => Just(Operation::ShutDown),
    ]
}

fn policy() -> impl Strategy<Value = PoolPolicy> {
    let reuse = prop_oneof![
        Just(ReuseOrder::MostRecentlyUsed),
        Just(ReuseOrder::LeastRecentlyUsed),
        any::<u64>().prop_map(|seed| ReuseOrder::Random { seed }),
    ];
    (reuse, 0_u64..5_000, 0_u32..60, 1_u64..20_000_000_000).prop_map(
        |(reuse, idle, scaling_burst, interval)| PoolPolicy {
            reuse,
            idle_lifetime: Duration::from_millis(idle),
            scaling_burst,
            scaling_interval: Duration::from_nanos(interval),
        },
    )
}

fn perform(world: &mut World, pool: PoolName, operation: Operation) {
    match operation {
        Operation::Pass(duration) => world.pass(duration),
        Operation::Acquire { times } => drop(world.acquire_many(pool, times)),
        Operation::AcquireOld => {
            let old = Generation(world.generation(pool).0 - 1);
            world.acquire_generation(pool, old);
        }
        Operation::Step { which, times } => {
            for _ in 0..times {
                let away: Vec<_> = [world.away(pool, true), world.away(pool, false)].concat();
                if !away.is_empty() {
                    world.step(pool, *which.get(&away));
                }
            }
        }
        Operation::Release { which, times, end } => {
            for _ in 0..times {
                let held = world.away(pool, true);
                if !held.is_empty() {
                    world.release(pool, *which.get(&held), end);
                }
            }
        }
        Operation::Deploy => world.deploy(pool),
        // Refusals are as good as successes: the books show whether anything changed.
        Operation::Reserve(reserved) => drop(world.reserve(pool, reserved)),
        Operation::Provision(target) => drop(world.provision(pool, target)),
        Operation::Timeout => world.timeout(pool),
        Operation::Press => {
            world.press(pool);
        }
        Operation::Jump => world.jump(pool),
        Operation::ShutDown => world.shut_down(pool),
    }
}

proptest! {
    #[test]
    fn whatever_is_done(
        limit in prop_oneof![0_u32..30, 100_u32..220],
        policies in vec(policy(), POOLS),
        operations in vec((0..POOLS, operation()), 1..80),
    ) {
        let mut world = World::new(limit);
        let pools: Vec<_> = policies.into_iter().map(|policy| world.add(policy)).collect();
        for (which, operation) in operations {
            perform(&mut world, pools[which], operation);
        }
        world.finish();
    }
}
