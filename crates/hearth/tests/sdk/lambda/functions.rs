//! A function's life.

use aws_sdk_lambda::{
    client::Waiters,
    types::{AliasRoutingConfiguration, Environment, FunctionVersion, LastUpdateStatus, State},
};

use super::{PATIENCE, deploy, new_function};
use crate::hearth::{Hearth, sample};

#[tokio::test(flavor = "multi_thread")]
async fn from_create_to_delete() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();

    let variables = Environment::builder().variables("TABLE", "images").build();
    let created = new_function(&client, "orders", "echo").environment(variables).tags("team", "blue");
    let created = created.send().await.unwrap();
    assert_eq!(created.state(), Some(&State::Pending));
    assert_eq!(created.function_arn(), Some("arn:aws:lambda:us-east-1:000000000000:function:orders"));
    let active = client.wait_until_function_active_v2().function_name("orders").wait(PATIENCE).await.unwrap();
    let active = active.into_result().unwrap();
    assert_eq!(active.tags().unwrap()["team"], "blue");
    let configuration = active.configuration().unwrap();
    assert_eq!(configuration.state(), Some(&State::Active));
    assert_eq!(configuration.code_sha256(), created.code_sha256());
    assert_eq!(configuration.environment().unwrap().variables().unwrap()["TABLE"], "images");

    let change = client.update_function_configuration().function_name("orders").memory_size(256).timeout(10);
    let updated = change.send().await.unwrap();
    assert_eq!(updated.last_update_status(), Some(&LastUpdateStatus::InProgress));
    client.wait_until_function_updated_v2().function_name("orders").wait(PATIENCE).await.unwrap();
    let change =
        client.update_function_code().function_name("orders").zip_file(sample("hello")).publish(true);
    assert_eq!(change.send().await.unwrap().version(), Some("1"));
    let waiter = client.wait_until_published_version_active().function_name("orders").qualifier("1");
    let published = waiter.wait(PATIENCE).await.unwrap().into_result().unwrap();
    assert_eq!(published.memory_size(), Some(256));

    client.delete_function().function_name("orders").send().await.unwrap();
    let gone = client.get_function().function_name("orders").send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_divides_what_comes() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "orders", "echo").await;
    for code in ["hello", "counter"] {
        let change =
            client.update_function_code().function_name("orders").zip_file(sample(code)).publish(true);
        change.send().await.unwrap();
    }
    let half = AliasRoutingConfiguration::builder().additional_version_weights("2", 0.5).build();
    let alias = client.create_alias().function_name("orders").name("live").function_version("1");
    let alias = alias.routing_config(half).send().await.unwrap();
    assert_eq!(alias.routing_config().unwrap().additional_version_weights().unwrap()["2"], 0.5);

    let mut second = 0;
    for _ in 0..100 {
        let reply = client.invoke().function_name("orders:live").send().await.unwrap();
        second += i32::from(reply.executed_version() == Some("2"));
    }
    // Five standard deviations of a binomial distribution.
    assert!((25..=75).contains(&second), "{second} of 100");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_functions_are_created_and_listed() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    let name = |number: usize| format!("function-{number:04}");
    for number in 0..1000 {
        new_function(&client, &name(number), "echo").send().await.unwrap();
    }

    let pages = client.list_functions().into_paginator().page_size(50).send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(pages.len(), 20);
    let listed: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.functions())
        .filter_map(|function| function.function_name())
        .collect();
    assert_eq!(listed, (0..1000).map(name).collect::<Vec<_>>());

    let versions =
        client.list_functions().function_version(FunctionVersion::All).into_paginator().items().send();
    assert_eq!(versions.collect::<Result<Vec<_>, _>>().await.unwrap().len(), 1000);
    let settings = client.get_account_settings().send().await.unwrap();
    assert_eq!(settings.account_usage().unwrap().function_count(), 1000);
}
