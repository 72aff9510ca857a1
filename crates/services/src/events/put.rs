//! From an event to the targets of a rule.

use hearth_engine::{
    random::random_bits,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    bus_event::BusEvent,
    event_input::Occasion,
    identity::{Partition, RequestId},
    time::Timestamp,
    work_id::WorkId,
};

use super::{Rule, Rules};
use crate::{
    delivery::{Parcel, Sender},
    firings::Fired,
};

/// What a rule tells its targets.
struct Firing<'a> {
    id: RequestId,
    event: &'a str,
    trace_header: Option<&'a str>,
}

impl Rules {
    /// The time has come that the rule's schedule names.
    pub(super) fn fire(&self, partition: &Partition, rule: &Rule, scheduled: Timestamp) -> Vec<Fired> {
        let resources = [rule.arn.clone()];
        let id = RequestId::from_random(random_bits());
        let event = BusEvent::of_rule(partition, id, scheduled, &resources);
        let firing = Firing { id, event: &event.document(), trace_header: None };
        self.record(rule, id, EventKind::Fired { scheduled: Some(scheduled) }, None);
        self.send(partition, rule, &firing)
    }

    /// An event that somebody put is one that the rule means.
    pub(super) fn fire_for(
        &self,
        partition: &Partition,
        rule: &Rule,
        put: RequestId,
        event: &str,
        trace_header: Option<&str>,
    ) {
        let id = RequestId::from_random(random_bits());
        self.record(rule, id, EventKind::Fired { scheduled: None }, Some(put.work()));
        // How it goes is counted and, in the end, told.
        let _ = self.send(partition, rule, &Firing { id, event, trace_header });
    }

    fn record(&self, rule: &Rule, firing: RequestId, kind: EventKind, cause: Option<WorkId>) {
        let subject = Subject::new(Resource::Rule, rule.name.as_str()).with_work(Work::EventId(firing));
        self.engine().timeline().record(subject.caused_by(cause), kind);
    }

    /// Sends an event to all targets of a rule; tells how the first attempts went.
    fn send(&self, partition: &Partition, rule: &Rule, firing: &Firing<'_>) -> Vec<Fired> {
        let Firing { id, event, trace_header } = *firing;
        let now = self.engine().clock().moment();
        let ingestion_time = now.wall.to_seconds_text();
        let occasion =
            Occasion { event, rule_arn: &rule.arn, rule_name: &rule.name, ingestion_time: &ingestion_time };
        let deliver = |target: &super::RuleTarget| {
            let delivered = self.deliveries().deliver(Parcel {
                sender: Sender::Rule { arn: rule.arn.clone(), name: rule.name.clone() },
                partition: partition.clone(),
                target: target.address.clone(),
                group: target.given.queue.clone().flatten(),
                content: target.input.render(&occasion),
                trace_header: trace_header.map(str::to_owned),
                firing: id,
                policy: target.policy,
                dead_letter: target.dead_letter.clone(),
                first_tried: now.instant,
                retries: 0,
            });
            Fired { target: target.given.arn.clone(), error: delivered.err().map(|failure| failure.message) }
        };
        rule.targets.iter().map(deliver).collect()
    }
}
