//! Event source mappings.

use std::collections::BTreeMap;

use hearth_model::{identity::AccountId, sqs::QueueAddress};
use hearth_services::{
    lambda::{MappingChange, MappingState, MappingView, NewMapping, PollersChange},
    sqs::SendRequest,
};

use super::world::Kept;
use crate::world::here;

impl Kept {
    pub(super) fn mapped_queue(&self, name: &str) -> QueueAddress {
        let queues = self.world.services.queues();
        let made = queues.create_queue(&here(), name, &BTreeMap::new(), BTreeMap::new());
        made.expect("it is created")
    }

    pub(super) fn map(&self, queue: &QueueAddress, settings: MappingChange) -> MappingView {
        let new = NewMapping {
            event_source_arn: Some(queue.to_string()),
            settings: MappingChange { function: Some("orders".to_owned()), ..settings },
            tags: [("team".to_owned(), "a".to_owned())].into(),
            ..NewMapping::default()
        };
        self.world.services.event_source_mappings().create(&here(), new).expect("it is mapped")
    }

    fn mapping(&self, view: &MappingView) -> MappingView {
        let mappings = self.world.services.event_source_mappings();
        mappings.mapping(&here(), &view.id.to_string()).expect("it exists")
    }

    pub(super) fn message(&self, queue: &QueueAddress) {
        let queues = self.world.services.queues();
        queues.send(queue, AccountId::DEFAULT, SendRequest::text("message")).expect("it is sent");
    }
}

#[tokio::test]
async fn everything_about_a_mapping_is_there_again() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    let [one, other] = ["one", "other"].map(|name| kept.mapped_queue(name));
    let views = [
        kept.map(
            &one,
            MappingChange {
                enabled: Some(false),
                batch_size: Some(100),
                window_s: Some(5),
                filters: Some(vec![Some(r#"{"body":{"a":[1]}}"#.to_owned())]),
                maximum_concurrency: Some(Some(7)),
                response_types: Some(vec!["ReportBatchItemFailures".to_owned()]),
                kms_key_arn: Some("arn:aws:kms:us-east-1:000000000000:key/mine".to_owned()),
                ..MappingChange::default()
            },
        ),
        kept.map(
            &other,
            MappingChange {
                provisioned_pollers: Some(PollersChange { minimum: Some(3), maximum: Some(9) }),
                ..MappingChange::default()
            },
        ),
    ];
    let mappings = kept.world.services.event_source_mappings();
    let tagged = mappings.tagged(&here(), &views[0].id.arn(&here())).expect("it exists");
    tagged.tag([("stage".to_owned(), "test".to_owned())].into()).expect("it is tagged");
    tagged.untag(&["team".to_owned()]);
    let later = kept.restart_after(60).await;
    for view in &views {
        assert_eq!(later.mapping(view), kept.mapping(view));
    }
    assert_eq!(later.mapping(&views[0]).state, MappingState::Disabled);
    let mappings = later.world.services.event_source_mappings();
    let tagged = mappings.tagged(&here(), &views[0].id.arn(&here())).expect("it exists");
    assert_eq!(tagged.tags(), [("stage".to_owned(), "test".to_owned())].into());
}

#[tokio::test]
async fn messages_flow_again_and_those_of_a_batch_come_again() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    let [enabled, disabled, deleted] = ["enabled", "disabled", "deleted"].map(|name| kept.mapped_queue(name));
    kept.map(&enabled, MappingChange::default());
    let off = kept.map(&disabled, MappingChange { enabled: Some(false), ..MappingChange::default() });
    let gone = kept.map(&deleted, MappingChange::default());
    let mappings = kept.world.services.event_source_mappings();
    mappings.delete(&here(), &gone.id.to_string()).expect("it exists");
    kept.world.sandbox.script(|_| "hang".to_owned());
    for queue in [&enabled, &disabled, &deleted] {
        kept.message(queue);
    }
    kept.world.advance(1).await;
    assert_eq!(kept.world.handled("orders").len(), 1, "its batch runs");
    let later = kept.restart().await;
    later.world.advance(1).await;
    assert_eq!(later.world.handled("orders").len(), 0, "the message is in flight");
    later.world.advance(30).await;
    assert_eq!(later.world.handled("orders").len(), 1);
    assert_eq!(later.mapping(&off).state, MappingState::Disabled);
    let update = MappingChange { enabled: Some(true), ..MappingChange::default() };
    let mappings = later.world.services.event_source_mappings();
    mappings.update(&here(), &off.id.to_string(), update).expect("it exists");
    later.world.advance(1).await;
    assert_eq!(later.world.handled("orders").len(), 1);
    assert!(mappings.mapping(&here(), &gone.id.to_string()).is_err());
}
