//! Permissions, tags and lists.

use std::collections::BTreeMap;

use hearth_model::sqs::QueueAddress;
use hearth_services::sqs::{PageRequest, RefusalKind};
use serde_json::{Value, json};

use super::world::{QueueWorld, map, redrive};
use crate::world::here;

impl QueueWorld {
    fn policy(&self, queue: &QueueAddress) -> Option<Value> {
        let attributes = self.queues.attributes(queue, &["Policy".to_owned()]).expect("attributes");
        attributes.get("Policy").map(|text| serde_json::from_str(text).expect("JSON"))
    }

    fn permit(
        &self,
        queue: &QueueAddress,
        label: &str,
        accounts: &[&str],
    ) -> Result<(), hearth_services::sqs::Refusal> {
        let accounts: Vec<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
        self.queues.add_permission(queue, label, &accounts, &["ReceiveMessage".to_owned()])
    }
}

#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let statement = |label: &str, principals: Value| {
        json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": principals},
            "Action": "SQS:ReceiveMessage",
            "Resource": queue.to_string(),
        })
    };
    let policy = |statements: &[Value]| {
        Some(json!({
            "Version": "2008-10-17",
            "Id": format!("{queue}/SQSDefaultPolicy"),
            "Statement": statements,
        }))
    };
    let (one, two) = ("arn:aws:iam::111111111111:root", "arn:aws:iam::668614515564:root");
    world.permit(&queue, "shared", &["668614515564", "111111111111"]).expect("it is added");
    assert_eq!(world.policy(&queue), policy(&[statement("shared", json!([two, one]))]));
    world.queues.remove_permission(&queue, "shared").expect("it is removed");
    assert_eq!(world.policy(&queue), None);
    world.permit(&queue, "shared", &["111111111111"]).expect("it is added");
    let again = world.permit(&queue, "shared", &["668614515564"]).expect_err("there is one");
    let message = "Value shared for parameter Label is invalid. Reason: Already exists.";
    assert_eq!((again.kind, &*again.message), (RefusalKind::InvalidParameterValue, message));
    world.permit(&queue, "shared2", &["111111111111"]).expect("it is added");
    let both = [statement("shared", json!(one)), statement("shared2", json!(one))];
    assert_eq!(world.policy(&queue), policy(&both));
    world.queues.remove_permission(&queue, "shared").expect("it is removed");
    assert_eq!(world.policy(&queue), policy(&both[1..]));
    let gone = world.queues.remove_permission(&queue, "shared").expect_err("it is gone");
    let message = "Value shared for parameter Label is invalid. Reason: can't find label.";
    assert_eq!((gone.kind, &*gone.message), (RefusalKind::InvalidParameterValue, message));
}

#[tokio::test]
async fn a_policy_of_ones_own_can_be_added_to_and_taken_away() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage"}}"#;
    world.queues.set_attributes(&queue, &map([("Policy", own)])).expect("it is set");
    let told = world.queues.attributes(&queue, &["Policy".to_owned()]).expect("attributes");
    assert_eq!(told["Policy"], own, "as it was given");
    world.permit(&queue, "shared", &["111111111111"]).expect("it is added");
    let policy = world.policy(&queue).expect("a policy");
    assert_eq!(policy["Statement"][0]["Action"], "sqs:SendMessage");
    assert_eq!(policy["Statement"][1]["Sid"], "shared");
    world.queues.set_attributes(&queue, &map([("Policy", "")])).expect("it is taken away");
    assert_eq!(world.policy(&queue), None);
    for (label, account, action) in [
        ("a b", "111111111111", "ReceiveMessage"),
        ("label", "nobody", "ReceiveMessage"),
        ("label", "111111111111", "CreateQueue"),
    ] {
        let added = world.queues.add_permission(&queue, label, &[account.to_owned()], &[action.to_owned()]);
        assert_eq!(added.expect_err(label).kind, RefusalKind::InvalidParameterValue);
    }
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = QueueWorld::new();
    let created = BTreeMap::from([("tag1".to_owned(), "old".to_owned())]);
    let queue = world.queues.create_queue(&here(), "orders", &map([]), created).expect("it is created");
    world.queues.tag(&queue, map([("tag1", "value1"), ("tag2", "value2"), ("tag3", "")])).expect("tagged");
    assert_eq!(world.queues.tags(&queue), Ok(map([("tag1", "value1"), ("tag2", "value2"), ("tag3", "")])));
    let keys = ["tag1", "tag3", "nothing"].map(str::to_owned);
    world.queues.untag(&queue, &keys).expect("untagged");
    assert_eq!(world.queues.tags(&queue), Ok(map([("tag2", "value2")])));
    let many = (0..50).map(|number| (number.to_string(), String::new())).collect();
    assert_eq!(world.queues.tag(&queue, many).expect_err("51").kind, RefusalKind::InvalidParameterValue);
    assert_eq!(world.queues.tags(&queue), Ok(map([("tag2", "value2")])), "nothing has changed");
}

#[tokio::test]
async fn queues_are_listed_in_pages() {
    let world = QueueWorld::new();
    let nobody = world.queues.list_queues(&here(), "", &PageRequest::default()).expect("a page");
    assert_eq!((nobody.items, nobody.next_token), (Vec::new(), None));
    let queues: Vec<_> = (0..10).map(|number| world.create(&format!("orders-{number}"), [])).collect();
    let other = world.create("others", []);
    let list = |prefix: &str, max_results, next_token: Option<String>| {
        world.queues.list_queues(&here(), prefix, &PageRequest { max_results, next_token })
    };
    assert_eq!(list("orders-", None, None).expect("a page").items, queues);
    assert_eq!(list("", None, None).expect("a page").items.last(), Some(&other));
    let first = list("orders-", Some(2), None).expect("a page");
    assert_eq!(first.items, queues[..2]);
    let rest = list("orders-", Some(8), first.next_token).expect("a page");
    assert_eq!((rest.items, rest.next_token), (queues[2..].to_vec(), None));
    for max_results in [0, 1_001] {
        assert!(list("", Some(max_results), None).is_err());
    }
    assert!(list("", None, Some("nonsense".to_owned())).is_err());
}

#[tokio::test]
async fn a_dead_letter_queue_knows_its_sources() {
    let world = QueueWorld::new();
    let dead = world.create("dead", []);
    let sources = ["a", "b"].map(|name| world.create(name, [("RedrivePolicy", &redrive(&dead, 3))]));
    let listed = world.queues.dead_letter_sources(&dead, &PageRequest::default()).expect("a page");
    assert_eq!(listed.items, sources);
    assert!(
        world
            .queues
            .dead_letter_sources(&sources[0], &PageRequest::default())
            .expect("a page")
            .items
            .is_empty()
    );
}
