//! Settling over all services: afterwards nothing happens, whatever was asked for before.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hearth_engine::{EngineOptions, InvokeRequest, settle::Tally, work::WorkKind};
use hearth_model::{
    bucket_notification::{EventPattern, Rule, Target},
    identity::AccountId,
    sqs::QueueAddress,
};
use hearth_services::{
    lambda::{MappingChange, NewMapping, Permission},
    s3::{Caller, NewBucket, NewNotification, PutObject},
    scheduler::{FlexibleWindow, NewSchedule, NewScheduleTarget},
    sqs::{ReceiveRequest, SendRequest},
};
use proptest::{collection::vec, prelude::*, test_runner::Config};
use tokio::{runtime::Builder, task::JoinSet};

use crate::world::{World, arn, here};

/// What clients do, or time.
#[derive(Clone, Debug)]
enum Action {
    Send(&'static str),
    SendInOrder {
        group: u8,
        command: &'static str,
    },
    Accept(&'static str),
    /// Invokes a function, and does not wait for the answer.
    Abandon(&'static str),
    Put {
        kibibytes: usize,
    },
    /// Waits for a message, and does not delete it.
    Receive,
    Advance {
        seconds: u64,
    },
}

/// Ends well, badly, late, or never.
const COMMANDS: [&str; 8] = [
    "count",
    "yield;yield;yield;count",
    "fail Error",
    "yield;crash",
    "sleep 1;yield;count",
    "sleep 2;fail Late",
    "hang",
    "print some text;yield;exit 1",
];

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let command = || prop::sample::select(&COMMANDS[..]);
    let action = prop_oneof![
        4 => command().prop_map(Action::Send),
        4 => (0..3_u8, command()).prop_map(|(group, command)| Action::SendInOrder { group, command }),
        3 => command().prop_map(Action::Accept),
        2 => command().prop_map(Action::Abandon),
        2 => prop::sample::select(&[1, 40, 1_500][..]).prop_map(|kibibytes| Action::Put { kibibytes }),
        1 => Just(Action::Receive),
        3 => (0..400_u64).prop_map(|seconds| Action::Advance { seconds }),
    ];
    vec(action, 1..30)
}

/// A function that gets everything from everywhere.
struct Everything {
    world: World,
    jobs: QueueAddress,
    ordered: QueueAddress,
    spare: QueueAddress,
}

impl Everything {
    async fn new() -> Self {
        let world = World::with(EngineOptions::default());
        // Events of objects and of time have no commands in them.
        world.sandbox.script(|event| {
            let command = COMMANDS.iter().find(|command| event.contains(*command));
            (*command.unwrap_or(&"yield;count")).to_owned()
        });
        world.deploy("worker", None).await;
        world.deploy("few", Some(2)).await;
        let queue = |name: &str, attributes: &[(&str, &str)]| {
            let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let attributes: BTreeMap<_, _> = attributes.collect();
            world
                .services
                .queues()
                .create_queue(&here(), name, &attributes, BTreeMap::new())
                .expect("a queue")
        };
        let (letters, spare) = (queue("letters", &[]), queue("spare", &[("DelaySeconds", "3")]));
        let redrive = format!(r#"{{"deadLetterTargetArn": "{letters}", "maxReceiveCount": 2}}"#);
        let jobs = queue("jobs", &[("RedrivePolicy", &redrive)]);
        let lost = queue("lost.fifo", &[("FifoQueue", "true")]);
        let redrive = format!(r#"{{"deadLetterTargetArn": "{lost}", "maxReceiveCount": 3}}"#);
        let ordered = queue("ordered.fifo", &[("FifoQueue", "true"), ("RedrivePolicy", &redrive)]);
        for (queue, function) in [(&jobs, "worker"), (&ordered, "few")] {
            let settings = MappingChange { function: Some(function.to_owned()), ..MappingChange::default() };
            let new =
                NewMapping { event_source_arn: Some(queue.to_string()), settings, ..NewMapping::default() };
            world.services.event_source_mappings().create(&here(), new).expect("a mapping");
        }
        for target in [arn("few"), spare.to_string()] {
            let new = NewSchedule {
                name: target.replace(':', "-"),
                expression: "rate(1 minute)".to_owned(),
                target: NewScheduleTarget {
                    arn: target,
                    role_arn: "arn:aws:iam::000000000000:role/scheduler".to_owned(),
                    ..NewScheduleTarget::default()
                },
                window: FlexibleWindow { mode: "OFF".to_owned(), minutes: None },
                ..NewSchedule::default()
            };
            world.services.schedules().create(&here(), new).expect("a schedule");
        }
        let permission = Permission {
            statement_id: "s3".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "s3.amazonaws.com".to_owned(),
            source_arn: Some("arn:aws:s3:::uploads".to_owned()),
            ..Permission::default()
        };
        world.functions().add_permission(&here(), "worker", None, None, permission).expect("it is given");
        let buckets = world.services.buckets();
        buckets.create(&caller(), "uploads", &NewBucket::default()).expect("a bucket");
        let rule = Rule {
            id: "all".to_owned(),
            target: Target::Function,
            arn: arn("worker"),
            events: vec![EventPattern::parse("s3:ObjectCreated:*").expect("a pattern")],
            filter: None,
        };
        let rules = NewNotification { rules: vec![rule], skip_validation: false };
        buckets.set_notification(&caller(), "uploads", rules).expect("it is set");
        Self { world, jobs, ordered, spare }
    }

    /// Does it; what goes on in tasks of clients is added to these.
    async fn act(&self, number: usize, action: Action, clients: &mut JoinSet<()>) {
        let Self { world, jobs, ordered, spare } = self;
        let (queues, functions) = (world.services.queues(), world.functions());
        match action {
            Action::Send(command) => {
                queues.send(jobs, AccountId::DEFAULT, SendRequest::text(command)).expect("it is sent");
            }
            Action::SendInOrder { group, command } => {
                let request = SendRequest {
                    group_id: Some(group.to_string()),
                    deduplication_id: Some(number.to_string()),
                    ..SendRequest::text(command)
                };
                queues.send(ordered, AccountId::DEFAULT, request).expect("it is sent");
            }
            Action::Accept(command) => drop(world.send("few", command)),
            Action::Abandon(command) => {
                let event = serde_json::to_vec(command).expect("a text").into();
                let request = InvokeRequest { event, ..InvokeRequest::default() };
                drop(functions.begin(&here(), "worker", None, request));
            }
            Action::Put { kibibytes } => {
                let draft = world.services.buckets().draft("uploads", None, false);
                let mut draft = draft.expect("there is a bucket");
                draft.write(Bytes::from(vec![0; kibibytes * 1_024])).await.expect("the disk takes it");
                let (caller, key) = (caller(), number.to_string());
                let buckets = world.services.buckets();
                let put = buckets.put(&caller, "uploads", &key, draft, PutObject::default());
                put.await.expect("it is put");
            }
            Action::Receive => {
                let (queues, spare) = (std::sync::Arc::clone(queues), spare.clone());
                let receive = async move {
                    let request = ReceiveRequest { wait_s: Some(20), ..ReceiveRequest::default() };
                    drop(queues.receive(&spare, request).await);
                };
                // Watched, so that it has asked before anything is settled: who asks later may get something.
                clients.spawn(world.clock.activity().watch(WorkKind::Connection, receive));
            }
            Action::Advance { seconds } => world.clock.advance(Duration::from_secs(seconds)).await,
        }
    }

    /// Whatever can be seen to happen.
    fn seen(&self) -> (Option<u64>, Tally, Vec<String>) {
        let engine = self.world.services.engine();
        let last = engine.timeline().snapshot().last().map(|event| event.sequence);
        let queues = [&self.jobs, &self.ordered, &self.spare].map(|queue| {
            let all = self.world.services.queues().attributes(queue, &["All".to_owned()]);
            format!("{:?}", all.expect("attributes"))
        });
        (last, engine.tally(), queues.into())
    }

    async fn check_nothing_happens(&self) {
        let settled = self.seen();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.seen(), settled);
    }
}

fn caller() -> Caller {
    Caller::hearth(here())
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_happens_after_settling(actions in actions()) {
        let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let everything = Everything::new().await;
            let mut clients = JoinSet::new();
            for (number, action) in actions.into_iter().enumerate() {
                let is_movement = matches!(action, Action::Advance { .. });
                everything.act(number, action, &mut clients).await;
                if is_movement {
                    everything.check_nothing_happens().await;
                }
            }
            everything.world.services.engine().settle().await;
            everything.check_nothing_happens().await;
            // In an hour everything has ended, one way or another.
            everything.world.clock.advance(Duration::from_secs(60 * 60)).await;
            everything.check_nothing_happens().await;
            let going_on = everything.world.services.engine().going_on(None);
            assert!(going_on.is_empty(), "{going_on:?}");
        });
    }
}
