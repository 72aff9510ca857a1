//! Faults of queues, of buckets, and of what functions answer to services.

use hearth_engine::timeline::EventKind;
use hearth_model::{
    bucket_notification::{EventPattern, Filter, Rule as Notification, Target},
    faults::{FaultKind, GivenFault, Rule},
};
use hearth_services::{
    lambda::MappingChange,
    s3::{Caller, NewBucket, NewNotification, PutObject},
};

use crate::world::{World, here};

impl World {
    fn fault(&self, kind: FaultKind, given: GivenFault) {
        let given = GivenFault { fault: Some(kind), ..given };
        self.services.engine().faults().add(Rule::try_from(given).expect("a rule"));
    }
}

fn of_queue(name: &str) -> GivenFault {
    GivenFault { queue: Some(name.to_owned()), ..GivenFault::default() }
}

#[tokio::test]
async fn a_message_comes_twice() {
    let world = World::new();
    world.deploy("worker", None).await;
    let queue = world.queue("work", []);
    world.map(&queue, "worker", MappingChange { batch_size: Some(1), ..MappingChange::default() });
    world.fault(FaultKind::DuplicateMessage, GivenFault { from: Some(2), ..of_queue("work") });
    world.send_messages(&queue, ["a", "b"]).await;
    let mut batches = world.batches("worker");
    batches.sort();
    assert_eq!(batches, [["a"], ["b"], ["b"]]);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn a_message_overtakes_others() {
    let world = World::new();
    let queue = world.queue("work", []);
    world.fault(FaultKind::ReorderMessage, GivenFault { from: Some(3), ..of_queue("w*") });
    world.send_messages(&queue, ["a", "b", "c"]).await;
    assert_eq!(world.bodies(&queue).await, ["c", "a", "b"]);
}

#[tokio::test]
async fn fifo_queues_stay_exact() {
    let world = World::new();
    let queue = world.queue("work.fifo", [("FifoQueue", "true")]);
    world.fault(FaultKind::ReorderMessage, of_queue("*"));
    world.fault(FaultKind::DuplicateMessage, of_queue("*"));
    for body in ["a", "b"] {
        world.group_message(&queue, "g", body);
    }
    assert_eq!(world.bodies(&queue).await, ["a", "b"]);
}

#[tokio::test]
async fn a_batch_whose_answer_is_dropped_is_processed_again() {
    let world = World::new();
    world.deploy("worker", None).await;
    let queue = world.queue("work", []);
    world.map(&queue, "worker", MappingChange::default());
    let dropped = GivenFault { function: Some("worker".to_owned()), count: Some(1), ..GivenFault::default() };
    world.fault(FaultKind::DropResponse, dropped);
    world.message(&queue, "a").await;
    world.advance(2).await;
    world.settle().await;
    assert_eq!(world.batches("worker"), [["a"], ["a"]]);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn an_asynchronous_invocation_survives_what_goes_wrong() {
    let world = World::new();
    world.deploy("worker", None).await;
    let of_worker = |from| GivenFault {
        function: Some("worker".to_owned()),
        from: Some(from),
        count: Some(1),
        ..GivenFault::default()
    };
    world.fault(FaultKind::Throttle, of_worker(1));
    world.fault(FaultKind::KillBeforeHandler, of_worker(2));
    world.fault(FaultKind::DropResponse, of_worker(3));
    let id = world.send("worker", "echo");
    world.advance(200).await;
    assert_eq!(
        world.attempts(id),
        [0, 1, 61, 62],
        "a second after a throttle or a fault, a minute after a crash"
    );
}

#[tokio::test]
async fn buckets_have_no_space_and_tell_twice() {
    let world = World::new();
    let queue = world.queue("uploads", []);
    let (caller, buckets) = (Caller::hearth(here()), world.services.buckets());
    buckets.create(&caller, "photos", &NewBucket::default()).expect("a bucket");
    let rule = Notification {
        id: "uploads".to_owned(),
        target: Target::Queue,
        arn: queue.to_string(),
        events: vec![EventPattern::parse("s3:ObjectCreated:*").expect("a pattern")],
        filter: Some(Filter::default()),
    };
    let new = NewNotification { rules: vec![rule], skip_validation: false };
    buckets.set_notification(&caller, "photos", new).expect("it is set");
    drop(world.bodies(&queue).await);

    let of_photos =
        || GivenFault { bucket: Some("photos".to_owned()), count: Some(1), ..GivenFault::default() };
    world.fault(FaultKind::NoSpace, of_photos());
    world.fault(FaultKind::DuplicateEvent, of_photos());
    let refused = buckets.draft("photos", None, false).expect_err("the disk is full");
    assert!(refused.to_string().contains("cannot keep objects on disk: no storage space"), "{refused}");
    for key in ["a", "b"] {
        let draft = buckets.draft("photos", None, false).expect("there is room again");
        buckets.put(&caller, "photos", key, draft, PutObject::default()).await.expect("it is put");
    }
    let told = world.bodies(&queue).await;
    assert_eq!(told.len(), 3);
    assert!(told[0] == told[1] && told[2].contains("\"key\":\"b\""), "{told:?}");
    let injected = world.services.engine().timeline().snapshot();
    assert_eq!(injected.iter().filter(|event| matches!(event.kind, EventKind::Injected { .. })).count(), 2);
}
