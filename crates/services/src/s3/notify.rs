//! Tells functions and queues what happened.

use hearth_engine::{
    InvokeRequest,
    random::random_bits,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    bucket_notification::{Configuration, ObjectFacts, Origin, Record, Rule, Target, TestEvent},
    faults::{Fault, Point},
    identity::RequestId,
    sqs::QueueAddress,
    work_id::WorkId,
};
use serde::Serialize;

use super::{
    BucketView, Buckets, Caller, Entry,
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

impl Buckets {
    /// Sends an event where the rules say. What can't be delivered is lost, as on AWS, and Hearth says so.
    pub(super) fn tell(&self, caller: &Caller, bucket: &Bucket, rules: &Configuration, event: &Event) {
        let Some(rule) = rules.rule_for(event.kind, event.key.as_str()) else { return };
        let cause = self.record(caller, bucket, event);
        let document = document(caller, bucket, rule, event);
        let subject = || Subject::new(Resource::Bucket, bucket.name.as_str());
        let faults = self.engine().faults().call(Point::Notify, bucket.name.as_str(), subject);
        if faults.contains(&Fault::DuplicateEvent) {
            self.deliver(caller, bucket, rule, event, document.clone(), cause);
        }
        self.deliver(caller, bucket, rule, event, document, cause);
    }

    fn deliver(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        rule: &Rule,
        event: &Event,
        document: String,
        cause: WorkId,
    ) {
        let delivered = match rule.target {
            Target::Function => {
                let request = InvokeRequest {
                    event: document.into(),
                    trace_header: caller.trace_header.clone(),
                    cause: Some(cause),
                    ..InvokeRequest::default()
                };
                let accepted = self.functions().accept(&bucket.partition, &rule.arn, None, request);
                accepted.map(drop).map_err(|error| error.to_string())
            }
            Target::Queue => self.send(&rule.arn, document, caller, Some(cause)),
        };
        if let Err(reason) = delivered {
            let (event, bucket, target) = (event.kind.name(), &bucket.name, &rule.arn);
            tracing::warn!(event, %bucket, target, reason, "an event of a bucket is lost");
        }
    }

    /// Tells a queue that events will come.
    pub(super) fn send_test_event(&self, caller: &Caller, bucket: &BucketView, queue: &str) {
        let (name, request_id, host_id) = (bucket.name.as_str(), &caller.request_id, &caller.host_id);
        let document = to_text(&TestEvent::new(self.now(), name, request_id, host_id));
        if let Err(reason) = self.send(queue, document, caller, None) {
            tracing::warn!(bucket = name, queue, reason, "a queue is not told that events will come");
        }
    }

    /// Tells that somebody is told of an event. Returns what names it as a cause.
    fn record(&self, caller: &Caller, bucket: &Bucket, event: &Event) -> WorkId {
        let work = Work::EventId(RequestId::from_random(random_bits()));
        let cause = caller.trace_header.as_deref().and_then(WorkId::of_trace_header);
        let subject = Subject::new(Resource::Bucket, bucket.name.as_str()).with_work(work).caused_by(cause);
        let kind = EventKind::Changed { change: event.kind.name(), key: event.key.as_str().into() };
        self.engine().timeline().record(subject, kind);
        work.id()
    }

    fn send(
        &self,
        queue: &str,
        document: String,
        caller: &Caller,
        cause: Option<WorkId>,
    ) -> Result<(), String> {
        let address = QueueAddress::parse_arn(queue).ok_or("this is no queue")?;
        let trace_header = caller.trace_header.clone();
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
