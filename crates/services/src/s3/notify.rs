//! Tells functions and queues what happened.

use hearth_engine::{
    InvokeRequest,
    random::random_bits,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    bucket_notification::{Configuration, EventType, ObjectFacts, Origin, Record, Rule, Target, TestEvent},
    faults::{Fault, Point},
    identity::{Partition, RequestId},
    sqs::QueueAddress,
    time::Timestamp,
    work_id::WorkId,
};
use serde::Serialize;

use super::{
    BucketName, Buckets, Caller, Entry, ObjectKey,
    bucket::{Bucket, Event},
    owner::owner_principal,
};
use crate::sqs::SendRequest;

/// What a target gets.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document<'a> {
    pub(super) records: [Record<'a>; 1],
}

/// The ETag that the events of delete markers have; recorded from AWS.
pub(super) const ETAG_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// An event that a target is to be told of.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    /// What names it among all.
    pub(super) id: u128,
    /// When it happened.
    pub(super) at: Timestamp,
    /// What kind of resource the target is.
    pub(super) target: Target,
    /// The target.
    pub(super) arn: String,
    /// What it gets.
    pub(super) document: String,
    /// The trace header of the request that led to it.
    pub(super) trace_header: Option<String>,
    /// What happened to which object, for the timeline; a later process does not have that.
    pub(super) change: Option<(EventType, ObjectKey)>,
}

impl Notice {
    /// What a target is to be told of an event, if there is a rule for it.
    pub(super) fn of_event(
        caller: &Caller,
        bucket: &Bucket,
        rules: &Configuration,
        event: &Event,
    ) -> Option<Self> {
        let rule = rules.rule_for(event.kind, event.key.as_str())?;
        Some(Self {
            id: random_bits(),
            at: event.at,
            target: rule.target,
            arn: rule.arn.clone(),
            document: document(caller, bucket, rule, event),
            trace_header: caller.trace_header.clone(),
            change: Some((event.kind, event.key.clone())),
        })
    }

    /// What a queue is to be told when a rule for it is made: that events will come.
    pub(super) fn of_rule(caller: &Caller, bucket: &BucketName, queue: String, now: Timestamp) -> Self {
        let test = TestEvent::new(now, bucket.as_str(), &caller.request_id, &caller.host_id);
        Self {
            id: random_bits(),
            at: now,
            target: Target::Queue,
            arn: queue,
            document: to_text(&test),
            trace_header: caller.trace_header.clone(),
            change: None,
        }
    }
}

impl Buckets {
    /// Tells a target of something that has happened in a bucket, which is the cause of what follows.
    pub(super) fn tell(&self, bucket: &Bucket, notice: &Notice) {
        let Some((kind, key)) = &notice.change else { return self.deliver(&bucket.partition, notice, None) };
        let work = Work::EventId(RequestId::from_random(notice.id));
        let cause = notice.trace_header.as_deref().and_then(WorkId::of_trace_header);
        let subject = || Subject::new(Resource::Bucket, bucket.name.as_str());
        let kind = EventKind::Changed { change: kind.name(), key: key.as_str().into() };
        self.engine().timeline().record(subject().with_work(work).caused_by(cause), kind);
        let faults = self.engine().faults().call(Point::Notify, bucket.name.as_str(), subject);
        if faults.contains(&Fault::DuplicateEvent) {
            self.deliver(&bucket.partition, notice, Some(work.id()));
        }
        self.deliver(&bucket.partition, notice, Some(work.id()));
    }

    /// Gives a target what it is to be told. What can't be delivered is lost, as on AWS, and Hearth says so.
    ///
    /// It is recorded by the target first, and then that this is done: a process that dies in between leaves an event that
    /// comes twice.
    pub(super) fn deliver(&self, partition: &Partition, notice: &Notice, cause: Option<WorkId>) {
        let Notice { arn, document, .. } = notice;
        let trace_header = notice.trace_header.clone();
        let delivered = match notice.target {
            Target::Function => {
                let request = InvokeRequest {
                    event: document.clone().into(),
                    trace_header,
                    cause,
                    ..InvokeRequest::default()
                };
                let accepted = self.functions().accept(partition, arn, None, request);
                accepted.map(drop).map_err(|error| error.to_string())
            }
            Target::Queue => self.send(arn, document.clone(), trace_header, cause),
        };
        if let Err(reason) = delivered {
            tracing::warn!(target = arn, reason, event = document, "an event of a bucket is lost");
        }
        notice.record_told(self.journal(), partition);
    }

    fn send(
        &self,
        queue: &str,
        document: String,
        trace_header: Option<String>,
        cause: Option<WorkId>,
    ) -> Result<(), String> {
        let address = QueueAddress::parse_arn(queue).ok_or("this is no queue")?;
        let message = SendRequest { trace_header, cause, ..SendRequest::text(document) };
        let sent = self.queues().send(&address, address.partition.account, message);
        sent.map(drop).map_err(|error| error.to_string())
    }
}

fn document(caller: &Caller, bucket: &Bucket, rule: &Rule, event: &Event) -> String {
    let owner = owner_principal(bucket.partition.account);
    let (principal, source_ip) = (caller.principal(), caller.source_ip.to_string());
    let origin = Origin {
        region: &bucket.partition.region,
        bucket: bucket.name.as_str(),
        owner: &owner,
        principal: &principal,
        source_ip: &source_ip,
        request_id: &caller.request_id,
        host_id: &caller.host_id,
    };
    let (bytes, etag) = match &event.entry {
        Some(Entry::Object(object)) => {
            (event.sequencer.map(|_| object.content.bytes()), Some(object.etag.to_string()))
        }
        Some(Entry::DeleteMarker) => (None, Some(ETAG_OF_NOTHING.to_owned())),
        None => (None, None),
    };
    let facts = ObjectFacts {
        key: event.key.as_str(),
        bytes,
        etag: etag.as_deref(),
        version: event.version.named(),
        sequencer: event.sequencer,
    };
    to_text(&Document { records: [Record::new(event.kind, event.at, &rule.id, &origin, &facts)] })
}

pub(super) fn to_text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("a record has texts as keys, and no other reason to fail")
}
