//! What led to what, across services.

use hearth_engine::timeline::{Chain, Event, EventKind, Kind};
use hearth_model::{
    bucket_notification::{EventPattern, Filter, Rule, Target},
    sqs::QueueAddress,
};
use hearth_services::{
    lambda::MappingChange,
    s3::{Caller, NewBucket, NewNotification, PutObject},
    sqs::SendRequest,
};

use crate::world::{World, here};

impl World {
    fn timeline(&self) -> Vec<Event> {
        self.services.engine().timeline().snapshot()
    }

    /// Sends a message as a handler does that was invoked with this trace header.
    fn send_within(&self, queue: &QueueAddress, trace_header: Option<String>, body: &str) {
        self.send_message(queue, SendRequest { trace_header, ..SendRequest::text(body) });
    }
}

/// Names and kinds, in order.
fn told<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<(&'a str, Kind)> {
    events.into_iter().map(|event| (&*event.subject.name, event.kind.kind())).collect()
}

#[tokio::test]
async fn a_chain_goes_from_an_upload_to_a_dead_letter() {
    let world = World::new();
    world.deploy("worker", None).await;
    let [queue, _] = world.queue_with_dead_letters("work", 1);
    world.map(&queue, "worker", MappingChange::default());
    let uploads = world.queue("uploads", []);
    let caller = Caller::hearth(here());
    let buckets = world.services.buckets();
    buckets.create(&caller, "photos", &NewBucket::default()).expect("a bucket");
    let rule = Rule {
        id: "uploads".to_owned(),
        target: Target::Queue,
        arn: uploads.to_string(),
        events: vec![EventPattern::parse("s3:ObjectCreated:*").expect("a pattern")],
        filter: Some(Filter::default()),
    };
    let new = NewNotification { rules: vec![rule], skip_validation: false };
    buckets.set_notification(&caller, "photos", new).expect("it is set");

    // A handler sends a message and puts an object; the message fails, and the object's event goes to a queue.
    world.deploy("intake", None).await;
    world.sandbox.script(|_| "fail Broken".to_owned());
    let id = world.send("intake", "echo");
    world.settle().await;
    let header = world.handled("intake").pop().expect("it ran").trace_header;
    world.send_within(&queue, header.clone(), "x");
    world.settle().await;
    let within = Caller { trace_header: header, ..caller };
    let draft = buckets.draft("photos", None, false).expect("a draft");
    buckets.put(&within, "photos", "a.jpg", draft, PutObject::default()).await.expect("it is put");
    world.send_within(&queue, None, "of somebody else");
    world.advance(31).await;
    world.settle().await;

    let events = world.timeline();
    let mut chain = Chain::of(id.work(), &events);
    let chained: Vec<_> = events.iter().filter(|event| chain.has(event)).collect();
    let expect = [
        ("intake", Kind::Accepted),
        ("intake", Kind::Attempt),
        ("intake", Kind::Received),
        ("intake", Kind::ColdStart),
        ("intake", Kind::Ended),
        ("work", Kind::Sent),
        ("worker", Kind::Polled),
        ("worker", Kind::Received),
        ("worker", Kind::ColdStart),
        ("worker", Kind::Ended),
        ("photos", Kind::Changed),
        ("uploads", Kind::Sent),
        ("work-letters", Kind::DeadLettered),
    ];
    assert_eq!(told(chained.iter().copied()), expect);

    // From the last effect to the first cause, without what else that cause led to.
    let letter = chained.last().and_then(|event| event.subject.work).expect("a message");
    let mut chain = Chain::of(letter.id(), &events);
    let chained = told(events.iter().filter(|event| chain.has(event)));
    assert!(chained.contains(&("intake", Kind::Ended)) && !chained.contains(&("photos", Kind::Changed)));
}

#[tokio::test]
async fn attempts_and_what_they_lead_to_are_one_chain() {
    let world = World::new();
    world.deploy("broken", None).await;
    let id = world.send("broken", "fail Broken");
    world.advance(200).await;
    world.settle().await;
    let events = world.timeline();
    let mut chain = Chain::of(id.work(), &events);
    let kinds = events.iter().filter(|event| chain.has(event)).map(|event| event.kind.kind());
    let kinds: Vec<_> = kinds.filter(|kind| !matches!(kind, Kind::Received | Kind::ColdStart)).collect();
    let attempt = [Kind::Attempt, Kind::Ended];
    let expect = [
        &[Kind::Accepted][..],
        &attempt,
        &[Kind::Retrying],
        &attempt,
        &[Kind::Retrying],
        &attempt,
        &[Kind::Dropped],
    ];
    assert_eq!(kinds, expect.concat());
    let causes: Vec<_> = events.iter().filter(|event| event.subject.cause.is_some()).collect();
    assert!(causes.is_empty(), "nothing led to it: {causes:?}");
}

#[tokio::test]
async fn a_batch_is_caused_by_all_its_messages() {
    let world = World::new();
    world.deploy("worker", None).await;
    let queue = world.queue("work", []);
    for body in ["a", "b"] {
        world.send_within(&queue, None, body);
    }
    world.map(&queue, "worker", MappingChange::default());
    world.settle().await;
    let events = world.timeline();
    let sent: Vec<_> = events.iter().filter(|event| event.kind.kind() == Kind::Sent).collect();
    let polled = events.iter().find(|event| event.kind.kind() == Kind::Polled).expect("a batch");
    let sent: Vec<_> = sent.iter().filter_map(|event| Some(event.subject.work?.id())).collect();
    assert_eq!(polled.causes().collect::<Vec<_>>(), sent);
    assert!(matches!(&polled.kind, EventKind::Polled { queue, .. } if **queue == *"work"));
    for message in sent {
        let mut chain = Chain::of(message, &events);
        let chained = events.iter().filter(|event| chain.has(event)).map(|event| event.kind.kind());
        assert_eq!(chained.last(), Some(Kind::Ended));
    }
}
