//! Whatever happens to a poller, in whatever order, what the [`World`](crate::world::World) checks holds.

use std::time::Duration;

use hearth_model::event_source::{Configuration, Outcome};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    queue::{Name, State},
    world::{World, configuration},
};

#[derive(Clone, Debug)]
enum Operation {
    Send { messages: Vec<(&'static str, usize, bool)> },
    Pass(Duration),
    Succeed { which: Index },
    Report { which: Index, failed: Vec<bool> },
    Fail { which: Index },
    NotRun { which: Index },
    Stop,
    Start,
    Configure(Configuration),
}

fn operation(configuration: impl Strategy<Value = Configuration>) -> impl Strategy<Value = Operation> {
    let group = prop_oneof![Just("a"), Just("b"), Just("c")];
    let bytes = prop_oneof![4 => 1_usize..1_000, 1 => 1_000_000_usize..3_000_000];
    let message = (group, bytes, prop::bool::weighted(0.9));
    let index = any::<Index>;
    prop_oneof![
        6 => vec(message, 1..12).prop_map(|messages| Operation::Send { messages }),
        3 => (0_u64..2_000).prop_map(|millis| Operation::Pass(Duration::from_millis(millis))),
        1 => (0_u64..60_000).prop_map(|millis| Operation::Pass(Duration::from_millis(millis))),
        4 => index().prop_map(|which| Operation::Succeed { which }),
        3 => (index(), vec(prop::bool::weighted(0.3), 10)).prop_map(|(which, failed)| Operation::Report { which, failed }),
        2 => index().prop_map(|which| Operation::Fail { which }),
        3 => index().prop_map(|which| Operation::NotRun { which }),
        1 => Just(Operation::Stop),
        2 => Just(Operation::Start),
        1 => configuration.prop_map(Operation::Configure),
    ]
}

fn standard() -> impl Strategy<Value = Configuration> {
    let maximum = prop_oneof![Just(None), (2_i64..6).prop_map(Some)];
    (prop_oneof![1_i64..=10, 11_i64..40], 0_i64..29, maximum, any::<bool>()).prop_map(
        |(batch_size, window_s, maximum, reports_item_failures)| {
            let window_s = if batch_size > 10 { window_s + 1 } else { window_s };
            Configuration { reports_item_failures, ..configuration(batch_size, window_s, maximum) }
        },
    )
}

fn fifo() -> impl Strategy<Value = Configuration> {
    let maximum = prop_oneof![Just(None), (2_i64..6).prop_map(Some)];
    (1_i64..=10, maximum).prop_map(|(batch_size, maximum)| configuration(batch_size, 0, maximum))
}

fn perform(world: &mut World, operations: Vec<Operation>) {
    for operation in operations {
        let running = world.running();
        let pick = |which: Index| (running > 0).then(|| which.index(running));
        match operation {
            Operation::Send { messages } => {
                for (group, bytes, wanted) in messages {
                    world.queue.send(Some(group.into()), bytes, wanted);
                }
                world.arrive();
            }
            Operation::Pass(duration) => world.pass(duration),
            Operation::Succeed { which } => {
                if let Some(which) = pick(which) {
                    world.succeed(which);
                }
            }
            Operation::Report { which, failed } => {
                if let Some(which) = pick(which) {
                    world.report(which, |position| failed.get(position).copied().unwrap_or_default());
                }
            }
            Operation::Fail { which } => {
                if let Some(which) = pick(which) {
                    world.end(which, Outcome::FunctionError);
                }
            }
            Operation::NotRun { which } => {
                if let Some(which) = pick(which) {
                    world.end(which, Outcome::NotRun);
                }
            }
            Operation::Stop => world.stop(),
            Operation::Start => world.start(),
            Operation::Configure(configuration) => world.configure(configuration),
        }
    }
}

/// Every message ended once, and nothing was received more often than allowed.
fn check_ends(world: &World) {
    for (index, message) in world.queue.messages.iter().enumerate() {
        assert!(message.receipts <= world.queue.max_receive_count);
        let processed = world.processed.iter().filter(|name| **name == Name(index)).count();
        let expected = usize::from(message.state == State::Deleted && message.wanted);
        assert_eq!(processed, expected, "message {index} is {:?}", message.state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_standard_queue(
        initial in standard(),
        operations in vec(operation(standard()), 0..80),
        max_receive_count in 1_u32..5,
    ) {
        let mut world = World::new(initial, false);
        world.queue.max_receive_count = max_receive_count;
        perform(&mut world, operations);
        world.finish();
        check_ends(&world);
    }

    #[test]
    fn a_fifo_queue(
        initial in fifo(),
        operations in vec(operation(fifo()), 0..80),
        max_receive_count in 1_u32..5,
    ) {
        let mut world = World::new(initial, true);
        world.queue.max_receive_count = max_receive_count;
        perform(&mut world, operations);
        world.finish();
        check_ends(&world);
        for group in ["a", "b", "c"] {
            let of_group = |name: &&Name| world.queue.messages[name.0].group.as_deref() == Some(group);
            let order: Vec<_> = world.processed.iter().filter(of_group).collect();
            prop_assert!(order.is_sorted(), "{group}: {order:?}");
        }
    }
}
