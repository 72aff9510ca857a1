//! What becomes of requests.

use std::collections::BTreeMap;

use hearth_engine::EngineOptions;
use hearth_model::identity::FunctionName;
use hearth_services::{
    apigateway::v2::{
        Api, Denial, HttpRequest, IntegrationChange, RouteChange, RouteSettings, Stage, StageChange,
    },
    lambda::Permission,
};
use serde_json::json;

use super::{answered, body, integrate, request, route};
use crate::world::{World, arn, here};

/// A world with a function that every API may invoke, and an API all of whose requests go there.
async fn open(payload_format: &str) -> (World, std::sync::Arc<Api>) {
    let world = World::new();
    world.deploy("orders", None).await;
    world.allow("orders");
    world.sandbox.script(|_| r#"echo "done""#.to_owned());
    let api = world.api();
    let target = integrate(&api, "orders", payload_format);
    api.create_route(route("ANY /orders/{id}", &target)).expect("a route");
    (world, api)
}

#[tokio::test]
async fn a_request_becomes_an_event_of_format_2_0() {
    let (world, api) = open("2.0").await;
    let request = HttpRequest {
        headers: [("a", "1"), ("cookie", "x=1"), ("a", "2"), ("cookie", "y=2")]
            .map(|(name, value)| (name.into(), value.into()))
            .into_iter()
            .collect(),
        body: "text".into(),
        ..request("POST /orders/%C3%A4?b=1&b=2")
    };
    let reply = world.send_request(&api, request).await;
    assert_eq!((answered(&reply).status.as_u16(), body(&reply)), (200, "done"));
    assert_eq!(reply.request_id.len(), 16);
    let event = world.event("orders");
    let expected = json!({
        "version": "2.0",
        "routeKey": "ANY /orders/{id}",
        "rawPath": "/orders/ä",
        "rawQueryString": "b=1&b=2",
        "cookies": ["x=1", "y=2"],
        "headers": {"a": "1,2", "cookie": "x=1; y=2"},
        "queryStringParameters": {"b": "1,2"},
        "pathParameters": {"id": "ä"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": api.id().as_str(),
            "domainName": "id.execute-api.us-east-1.localhost",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/orders/ä",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "",
            },
            "requestId": reply.request_id,
            "routeKey": "ANY /orders/{id}",
            "stage": "$default",
            "time": "04/Mar/2024:17:22:38 +0000",
            "timeEpoch": 1_709_572_958_000_i64,
        },
        "body": "text",
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
}

#[tokio::test]
async fn a_request_becomes_an_event_of_format_1_0() {
    let (world, api) = open("1.0").await;
    world.sandbox.script(|_| r#"echo {"statusCode": 201, "body": "done"}"#.to_owned());
    let reply = world.request(&api, "GET /orders/7?b=1&b=2").await;
    assert_eq!((answered(&reply).status.as_u16(), body(&reply)), (201, "done"));
    let event = world.event("orders");
    assert_eq!((&event["version"], &event["resource"]), (&json!("1.0"), &json!("/orders/{id}")));
    assert_eq!((&event["path"], &event["httpMethod"]), (&json!("/orders/7"), &json!("GET")));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"b": ["1", "2"]}));
    assert_eq!(event["pathParameters"], json!({"id": "7"}));
    assert_eq!(event["requestContext"]["requestId"], reply.request_id);
}

#[tokio::test]
async fn a_stage_is_named_by_the_path_unless_it_is_the_default_one() {
    let (world, api) = open("2.0").await;
    let variables = [("table".to_owned(), "orders".to_owned())];
    let prod =
        StageChange { auto_deploy: Some(true), variables: Some(variables.into()), ..StageChange::default() };
    api.create_stage("prod", prod, BTreeMap::new()).expect("a stage");
    answered(&world.request(&api, "GET /prod/orders/7").await);
    let event = world.event("orders");
    assert_eq!(
        (&event["rawPath"], &event["requestContext"]["stage"]),
        (&json!("/prod/orders/7"), &json!("prod"))
    );
    assert_eq!(
        (&event["stageVariables"], &event["pathParameters"]),
        (&json!({"table": "orders"}), &json!({"id": "7"}))
    );
    answered(&world.request(&api, "GET /orders/7").await);
    assert_eq!(world.event("orders")["requestContext"]["stage"], "$default");
    api.delete_stage(Stage::DEFAULT).expect("it is deleted");
    let denied = world.request(&api, "GET /orders/7").await.result;
    assert_eq!(denied, Err(Denial::NotFound));
}

#[tokio::test]
async fn a_variable_of_the_stage_may_name_the_function() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.allow("orders");
    let api = world.api();
    let target = integrate(&api, "${stageVariables.function}", "2.0");
    api.create_route(route("GET /", &target)).expect("a route");
    assert_eq!(world.request(&api, "GET /").await.result, Err(Denial::InternalServerError));
    let variables = [("function".to_owned(), "orders".to_owned())];
    let change = StageChange { variables: Some(variables.into()), ..StageChange::default() };
    api.update_stage(Stage::DEFAULT, change).expect("a stage");
    answered(&world.request(&api, "GET /").await);
}

#[tokio::test]
async fn what_no_route_is_for_is_not_found() {
    let (world, api) = open("2.0").await;
    for line in ["GET /orders", "GET /orders/", "GET /orders/1/2", "GET /", "GET /$default/orders/1"] {
        assert_eq!(world.request(&api, line).await.result, Err(Denial::NotFound), "{line}");
    }
    let change = hearth_services::apigateway::v2::ApiChange {
        disable_execute_api_endpoint: Some(true),
        ..Default::default()
    };
    api.update(change).expect("it is changed");
    assert_eq!(world.request(&api, "GET /orders/1").await.result, Err(Denial::NotFound));
}

#[tokio::test]
async fn only_what_is_deployed_answers() {
    let (world, api) = open("2.0").await;
    let manual = StageChange { auto_deploy: Some(false), ..StageChange::default() };
    api.update_stage(Stage::DEFAULT, manual).expect("a stage");
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("GET /new", &target)).expect("a route");
    assert_eq!(world.request(&api, "GET /new").await.result, Err(Denial::NotFound));
    api.create_deployment(None, Some(Stage::DEFAULT)).expect("a deployment");
    answered(&world.request(&api, "GET /new").await);
}

/// Lets an API invoke a function by some of its routes.
fn allow(world: &World, api: &Api, id: &str, routes: &str) {
    let permission = Permission {
        statement_id: id.to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        principal: "apigateway.amazonaws.com".to_owned(),
        source_arn: Some(format!("arn:aws:execute-api:us-east-1:000000000000:{}/{routes}", api.id())),
        ..Permission::default()
    };
    world.functions().add_permission(&here(), "orders", None, None, permission).expect("a permission");
}

#[tokio::test]
async fn the_functions_policy_decides() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.sandbox.script(|_| r#"echo "done""#.to_owned());
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("GET /orders/{id}", &target)).expect("a route");
    assert_eq!(world.request(&api, "GET /orders/1").await.result, Err(Denial::InternalServerError));
    allow(&world, &api, "other", "*/POST/orders/{id}");
    assert_eq!(world.request(&api, "GET /orders/1").await.result, Err(Denial::InternalServerError));
    allow(&world, &api, "own", "*/*/orders/{id}");
    answered(&world.request(&api, "GET /orders/1").await);
}

#[tokio::test]
async fn the_functions_policy_decides_anew_when_it_has_changed() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.sandbox.script(|_| r#"echo "done""#.to_owned());
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("ANY /orders/{id}", &target)).expect("a route");
    let expect = async |method: &str, is_let_in: bool| {
        let result = world.request(&api, &format!("{method} /orders/1")).await.result;
        assert_eq!(result.is_ok(), is_let_in, "{method}: {result:?}");
    };
    let remove = |id| world.functions().remove_permission(&here(), "orders", None, None, id).expect("one");
    allow(&world, &api, "get", "*/GET/orders/{id}");
    for _ in 0..2 {
        expect("GET", true).await;
        expect("POST", false).await;
        expect("TRACE", false).await;
    }
    allow(&world, &api, "post", "*/POST/orders/{id}");
    for _ in 0..2 {
        expect("GET", true).await;
        expect("POST", true).await;
    }
    remove("get");
    expect("GET", false).await;
    expect("POST", true).await;
    remove("post");
    expect("POST", false).await;
    allow(&world, &api, "post", "*/POST/orders/{id}");
    expect("POST", true).await;
    let name = FunctionName::parse("orders").expect("a name");
    world.functions().remove(&here(), &name).expect("the function is there");
    world.deploy("orders", None).await;
    expect("POST", false).await;
}

#[tokio::test]
async fn an_integration_with_a_role_needs_no_policy() {
    let world = World::new();
    world.deploy("orders", None).await;
    let api = world.api();
    let change = IntegrationChange {
        integration_type: Some("AWS_PROXY".to_owned()),
        uri: Some(arn("orders")),
        credentials: Some("arn:aws:iam::000000000000:role/api".to_owned()),
        ..IntegrationChange::default()
    };
    let id = api.create_integration(change).expect("an integration").id.clone();
    api.create_route(route("GET /", &format!("integrations/{id}"))).expect("a route");
    assert_eq!(
        world.request(&api, "GET /").await.result,
        Err(Denial::InternalServerError),
        "`null` is no answer of 1.0"
    );
    assert_eq!(world.handled("orders").len(), 1);
}

#[tokio::test]
async fn functions_that_do_not_answer() {
    let (world, api) = open("2.0").await;
    let denied = async |command: &'static str| {
        world.sandbox.script(move |_| command.to_owned());
        world.request(&api, "GET /orders/1").await.result.expect_err(command)
    };
    assert_eq!(denied("fail Oops").await, Denial::InternalServerError);
    assert_eq!(denied("exit 3").await, Denial::InternalServerError);
    assert_eq!(denied(r#"echo {"statusCode": "no"}"#).await, Denial::InternalServerError);
    world.functions().remove(
        &crate::world::here(),
        &hearth_model::identity::FunctionName::parse("orders").expect("a name"),
    );
    assert_eq!(denied(r#"echo "done""#).await, Denial::InternalServerError);
}

#[tokio::test]
async fn an_answer_is_waited_for_until_the_timeout() {
    let (world, api) = open("2.0").await;
    world.sandbox.script(|_| r#"sleep 2; echo "done""#.to_owned());
    let change = IntegrationChange { timeout_ms: Some(1_000), ..IntegrationChange::default() };
    let page = api.integrations(&Default::default()).expect("a page");
    api.update_integration(&page.items[0].id, change).expect("an integration");
    let (reply, ()) = tokio::join!(world.request(&api, "GET /orders/1"), world.advance(3));
    assert_eq!(reply.result, Err(Denial::ServiceUnavailable));
    world.services.engine().work().idle().await;
    assert_eq!(world.handled("orders").len(), 1, "it runs to its end, as on Lambda");
}

#[tokio::test]
async fn without_concurrency_there_is_no_answer() {
    let world = World::with(EngineOptions::default());
    world.deploy("orders", Some(0)).await;
    world.allow("orders");
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("GET /", &target)).expect("a route");
    assert_eq!(world.request(&api, "GET /").await.result, Err(Denial::ServiceUnavailable));
}

#[tokio::test]
async fn routes_are_throttled_each_on_its_own() {
    let (world, api) = open("2.0").await;
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("GET /other", &target)).expect("a route");
    let settings = RouteSettings { burst: Some(2), rate: Some(1.0) };
    let change = StageChange { default_route_settings: Some(settings), ..StageChange::default() };
    api.update_stage(Stage::DEFAULT, change).expect("a stage");
    let passes = async |line: &str| world.request(&api, line).await.result != Err(Denial::TooManyRequests);
    assert!(passes("GET /orders/1").await && passes("GET /orders/2").await && !passes("GET /orders/3").await);
    assert!(passes("GET /other").await);
    world.advance(1).await;
    assert!(passes("GET /orders/1").await && !passes("GET /orders/1").await);
}

#[tokio::test]
async fn whoever_signs_may_use_what_is_for_those() {
    let (world, api) = open("2.0").await;
    let target = integrate(&api, "orders", "2.0");
    let signed = RouteChange { authorization: Some("AWS_IAM".to_owned()), ..route("GET /mine", &target) };
    api.create_route(signed).expect("a route");
    assert_eq!(world.request(&api, "GET /mine").await.result, Err(Denial::Forbidden { challenge: None }));
    let account = hearth_model::identity::AccountId::parse("123456789012").expect("an account");
    let request = HttpRequest { signer: Some(("AKIA".into(), account)), ..request("GET /mine") };
    answered(&world.send_request(&api, request.clone()).await);
    let iam = &world.event("orders")["requestContext"]["authorizer"]["iam"];
    assert_eq!((&iam["accessKey"], &iam["accountId"]), (&json!("AKIA"), &json!("123456789012")));
    let open = HttpRequest { path: "/orders/1".into(), ..request };
    answered(&world.send_request(&api, open).await);
    assert_eq!(world.event("orders")["requestContext"].get("authorizer"), None);
}

#[tokio::test]
async fn what_is_too_large_for_the_function_is_refused() {
    let (world, api) = open("2.0").await;
    let request = HttpRequest { body: vec![b'x'; 7 * 1024 * 1024].into(), ..request("POST /orders/1") };
    assert_eq!(world.send_request(&api, request).await.result, Err(Denial::TooLarge));
}
