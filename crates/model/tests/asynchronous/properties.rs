//! Whatever is done to a queue, in whatever order, what the [`World`](crate::world::World) checks holds.

use std::{sync::Arc, time::Duration};

use hearth_model::{
    asynchronous::{Configuration, EventAge, Outcome, RetryAttempts},
    destination::Destination,
    identity::Version,
    reference::{AliasName, Qualifier},
    time::Instant,
};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::world::World;

#[derive(Clone, Debug)]
enum Operation {
    Pass(Duration),
    Accept {
        qualifier: usize,
        times: usize,
    },
    /// By a caller that read the clock a while ago.
    AcceptLate {
        qualifier: usize,
        late_nanos: u64,
    },
    Result {
        which: Index,
        times: usize,
        outcome: Outcome,
    },
    Configure {
        qualifier: usize,
        configuration: Configuration,
    },
    Timeout,
    /// To the queue's own deadline.
    Jump {
        times: usize,
    },
    /// Another process goes on.
    Restart,
}

fn qualifiers() -> [Qualifier; 3] {
    let live = AliasName::parse("live").expect("a name");
    [Qualifier::LATEST, Qualifier::Version(Version::Published(1)), Qualifier::Alias(live)]
}

fn operation() -> impl Strategy<Value = Operation> {
    let millis = prop_oneof![0_u64..2_000, 0_u64..100_000, 0_u64..20_000_000];
    let outcome = prop_oneof![
        3 => Just(Outcome::Success),
        6 => Just(Outcome::FunctionError),
        6 => Just(Outcome::Throttled),
        2 => Just(Outcome::PlatformFault),
        1 => Just(Outcome::ZeroReservedConcurrency),
        1 => Just(Outcome::RecursiveInvocation),
    ];
    let qualifier = 0..qualifiers().len();
    prop_oneof![
        4 => millis.prop_map(|millis| Operation::Pass(Duration::from_millis(millis))),
        6 => (qualifier.clone(), 1_usize..10).prop_map(|(qualifier, times)| Operation::Accept { qualifier, times }),
        1 => (qualifier.clone(), 0_u64..10_000_000_000)
            .prop_map(|(qualifier, late_nanos)| Operation::AcceptLate { qualifier, late_nanos }),
        12 => (any::<Index>(), 1_usize..10, outcome)
            .prop_map(|(which, times, outcome)| Operation::Result { which, times, outcome }),
        2 => (qualifier, configuration())
            .prop_map(|(qualifier, configuration)| Operation::Configure { qualifier, configuration }),
        2 => Just(Operation::Timeout),
        6 => (1_usize..5).prop_map(|times| Operation::Jump { times }),
        4 => Just(Operation::Restart),
    ]
}

fn configuration() -> impl Strategy<Value = Configuration> {
    // With the first ones, an attempt is due exactly when the event is too old.
    let age = prop_oneof![Just(60_i64), Just(180), 60_i64..=1_000, Just(21_600)];
    let destination = |name: &'static str| {
        any::<bool>().prop_map(move |configured| {
            let arn = format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
            configured.then(|| Arc::new(Destination::parse(&arn).expect("an ARN")))
        })
    };
    (0_i64..=2, age, destination("successes"), destination("failures"), destination("dead-letters")).prop_map(
        |(retries, age, on_success, on_failure, dead_letter)| Configuration {
            maximum_retry_attempts: RetryAttempts::new(retries).expect("a number of attempts"),
            maximum_event_age: EventAge::from_seconds(age).expect("an age"),
            on_success,
            on_failure,
            dead_letter,
        },
    )
}

fn perform(world: &mut World, operation: Operation) {
    let qualifiers = qualifiers();
    match operation {
        Operation::Pass(duration) => world.pass(duration),
        // Refusals are as good as successes: the books show whether anything changed.
        Operation::Accept { qualifier, times } => {
            for _ in 0..times {
                let _ = world.accept(&qualifiers[qualifier]);
            }
        }
        Operation::AcceptLate { qualifier, late_nanos } => {
            // Somebody else came with a later time.
            world.timeout();
            let read = Instant::from_nanos(world.now.as_nanos().saturating_sub(late_nanos));
            let _ = world.accept_at(read, &qualifiers[qualifier]);
        }
        Operation::Result { which, times, outcome } => {
            for _ in 0..times {
                let running = world.running();
                if !running.is_empty() {
                    world.result(*which.get(&running), outcome);
                }
            }
        }
        Operation::Configure { qualifier, configuration } => {
            world.configure(&qualifiers[qualifier], configuration);
        }
        Operation::Timeout => world.timeout(),
        Operation::Jump { times } => {
            for _ in 0..times {
                world.jump();
            }
        }
        Operation::Restart => world.restart(),
    }
}

proptest! {
    #[test]
    fn whatever_is_done(capacity in 0_usize..40, operations in vec(operation(), 1..120)) {
        let mut world = World::new(capacity);
        for operation in operations {
            perform(&mut world, operation);
        }
        world.finish();
    }
}
