//! From an event to the targets of a rule.

use hearth_engine::random::random_bits;
use hearth_model::{
    bus_event::BusEvent,
    event_input::Occasion,
    identity::{Partition, RequestId},
    time::Timestamp,
};

use super::{Rule, Rules};
use crate::{
    delivery::{Parcel, Sender},
    firings::Fired,
};

impl Rules {
    /// The time has come that the rule's schedule names.
    pub(super) fn fire(&self, partition: &Partition, rule: &Rule, scheduled: Timestamp) -> Vec<Fired> {
        let resources = [rule.arn.clone()];
        let id = RequestId::from_random(random_bits());
        let event = BusEvent::of_rule(partition, id, scheduled, &resources);
        self.send(partition, rule, &event.document(), None)
    }

    /// Sends an event to all targets of a rule; tells how the first attempts went.
    pub(super) fn send(
        &self,
        partition: &Partition,
        rule: &Rule,
        event: &str,
        trace_header: Option<&str>,
    ) -> Vec<Fired> {
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
