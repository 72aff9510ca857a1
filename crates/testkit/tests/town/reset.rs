//! After a reset everything is as after a start, whatever was done before.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use hyper::Method;
use proptest::{prelude::*, test_runner::Config};
use tokio::{runtime::Builder, task::JoinSet};

use crate::{
    citizen::Citizen,
    deed::{Deed, all_done, deeds},
    town::Town,
};

/// Changes what a manifest declares, and adds what none does.
async fn rebuild(town: &Town) {
    let Town { hearth, lambda, s3, sqs } = town;
    sqs.create_queue().queue_name("mine").send().await.expect("a queue");
    sqs.delete_queue().queue_url(hearth.queue_url("lost")).send().await.expect("it is deleted");
    s3.create_bucket().bucket("mine").send().await.expect("a bucket");
    let put = s3.put_object().bucket("mine").key("it").body(ByteStream::from_static(b"something"));
    put.send().await.expect("it is put");
    s3.create_multipart_upload().bucket("photos").key("large").send().await.expect("an upload");
    lambda.publish_version().function_name("worker").send().await.expect("a version");
    let alias = lambda.create_alias().function_name("worker").name("live").function_version("1");
    alias.send().await.expect("an alias");
    let change = lambda.update_function_configuration().function_name("worker").memory_size(512);
    change.send().await.expect("it is changed");
    lambda.delete_function().function_name("chat").send().await.expect("it is deleted");
    let mappings = lambda.list_event_source_mappings().send().await.expect("mappings");
    for mapping in mappings.event_source_mappings() {
        let id = mapping.uuid().expect("an id");
        lambda.delete_event_source_mapping().uuid(id).send().await.expect("it is deleted");
    }
    for (target, input) in [
        ("AWSEvents.PutRule", r#"{"Name":"mine","ScheduleExpression":"rate(1 minute)"}"#),
        ("Logs_20140328.CreateLogGroup", r#"{"logGroupName":"mine"}"#),
        (
            "GraniteServiceVersion20100801.PutMetricData",
            r#"{"Namespace":"mine","MetricData":[{"MetricName":"it","Value":1}]}"#,
        ),
    ] {
        town.operation(target, input).await;
    }
    let (status, body) = town.call(Method::DELETE, "/_hearth/faults", &[], "").await;
    assert_eq!(status, 200, "{body}");
    let api = r#"{"name":"mine","protocolType":"HTTP"}"#;
    let (status, body) = town.call(Method::POST, "/v2/apis", &[], api).await;
    assert_eq!(status, 201, "{body}");
}

/// The same each time: what they are to have the same consequences of.
fn story() -> Vec<Deed> {
    vec![
        Deed::Order { customer: 1, good: true },
        Deed::Order { customer: 1, good: false },
        Deed::Advance { seconds: 0 },
        Deed::Pay { signed: true },
        Deed::Advance { seconds: 30 },
        Deed::Accept(r#"{"action":"exit","code":3}"#),
        Deed::Advance { seconds: 600 },
        Deed::Upload { picture: true },
        Deed::Advance { seconds: 300 },
    ]
}

async fn check_fresh(town: &Town) {
    let fresh = Town::found().await;
    compare(&town.records().await, &fresh.records().await);
    let (_one, _other) = (all_done(&story(), town).await, all_done(&story(), &fresh).await);
    compare(&town.records().await, &fresh.records().await);
}

/// Line by line, because all of it would be too much to read.
fn compare(one: &[String], other: &[String]) {
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

proptest! {
    #![proptest_config(Config { cases: 6, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_is_left_after_a_reset(deeds in deeds(1..20), rebuilt in any::<bool>()) {
        // On one thread, so that what happens at the same moment does so in one order.
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let town = Town::found().await;
            let _citizens = all_done(&deeds, &town).await;
            if rebuilt {
                rebuild(&town).await;
            }
            town.hearth.reset().await;
            check_fresh(&town).await;
        });
    }
}

#[tokio::test]
async fn what_is_under_way_ends_with_a_reset() {
    let town = Town::found().await;
    let mut clients = JoinSet::new();
    let receive = town.sqs.receive_message().queue_url(town.hearth.queue_url("lost")).wait_time_seconds(20);
    clients.spawn(async move {
        let received = receive.send().await.expect("an answer");
        assert!(received.messages().is_empty());
    });
    let invoke = town.lambda.invoke().function_name("worker");
    let invoke = invoke.payload(aws_sdk_lambda::primitives::Blob::new(r#"{"action":"sleep","ms":2000}"#));
    clients.spawn(async move {
        invoke.send().await.expect_err("it is broken off");
    });
    let citizen = Citizen::of(&town).await;
    Deed::Accept(r#"{"action":"sleep","ms":2500}"#).be_done(0, &town, &mut Vec::new()).await;
    // A client that asks only now is told by the next.
    while !clients.is_empty() {
        town.hearth.reset().await;
        while let Some(client) = clients.try_join_next() {
            client.expect("it was told");
        }
    }
    assert_eq!(citizen.told_why().await, 1001);
    assert!(town.hearth.advance(Duration::from_secs(60)).await.is_empty(), "nothing is tried again");
    town.hearth.reset().await;
    check_fresh(&town).await;
}

#[tokio::test]
async fn a_reset_over_http_answers_when_everything_is_ready() {
    let town = Town::found().await;
    town.hearth.advance(Duration::from_secs(60 * 60)).await;
    let (status, body) = town.call(Method::POST, "/_hearth/reset", &[], "").await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(r#""now":"2026-01-01T00:00:00.000Z""#), "{body}");
    check_fresh(&town).await;
}
