//! What owners do with APIs.

use std::collections::BTreeMap;

use hearth_model::identity::{AccountId, Partition};
use hearth_services::apigateway::v2::{
    Api, ApiChange, AuthorizerChange, IntegrationChange, NewApi, PageRequest, Refusal, RouteChange,
    RouteSettings, Stage, StageChange,
};

use super::{integrate, new_api, route};
use crate::world::{World, arn, here};

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>, expected: &str) {
    let refusal = result.expect_err(expected);
    let class = match refusal {
        Refusal::NotFound(_) => "not found",
        Refusal::BadRequest(_) => "bad request",
        Refusal::Conflict(_) => "conflict",
        Refusal::NotImplemented(_) => "not implemented",
    };
    let text = format!("{class}: {refusal}");
    assert!(text.contains(expected), "{text}");
}

fn deployment_of(api: &Api, stage: &str) -> Option<String> {
    api.stage(stage).expect("a stage").deployment
}

#[tokio::test]
async fn apis_belong_to_an_account_and_region() {
    let world = World::new();
    let created = world.apis().create(&here(), &new_api()).expect("an API");
    let elsewhere = Partition { account: AccountId::parse("123456789012").expect("an account"), ..here() };
    let expected = format!("not found: Invalid API identifier specified 123456789012:{}", created.id);
    refused(world.apis().api(&elsewhere, created.id.as_str()), &expected);
    refused(world.apis().delete(&elsewhere, created.id.as_str()), "not found");
    let list =
        |partition: &Partition| world.apis().list(partition, &PageRequest::default()).expect("a page").items;
    assert_eq!((list(&here()), list(&elsewhere)), (vec![created.clone()], Vec::new()));
    world.apis().delete(&here(), created.id.as_str()).expect("it is deleted");
    assert_eq!(list(&here()), []);
}

#[tokio::test]
async fn what_is_no_api_is_refused() {
    let world = World::new();
    let check = |new: NewApi, expected: &str| refused(world.apis().create(&here(), &new), expected);
    check(NewApi { name: None, ..new_api() }, "bad request: Api name is required");
    check(
        NewApi { protocol: Some("FTP".to_owned()), ..new_api() },
        "bad request: Invalid protocol type specified: FTP",
    );
    check(
        NewApi { protocol: Some("WEBSOCKET".to_owned()), ..new_api() },
        "bad request: Route selection expression is required",
    );
    check(NewApi { name: Some(String::new()), ..new_api() }, "bad request: Name must have");
    check(
        NewApi { route_key: Some("GET /".to_owned()), ..new_api() },
        "bad request: RouteKey and CredentialsArn need a Target",
    );
    check(NewApi { target: Some("https://example.com".to_owned()), ..new_api() }, "not implemented");
    let target = Some(arn("orders"));
    check(NewApi { target, route_key: Some("nowhere".to_owned()), ..new_api() }, "not formatted properly");
}

#[tokio::test]
async fn a_quick_start_comes_with_all_that_answers() {
    let world = World::new();
    let new = NewApi { target: Some(arn("orders")), route_key: Some("GET /orders".to_owned()), ..new_api() };
    let id = world.apis().create(&here(), &new).expect("an API").id;
    let api = world.apis().api(&here(), id.as_str()).expect("it was created");
    let route = &api.routes(&PageRequest::default()).expect("a page").items[0];
    assert_eq!((route.key.to_string().as_str(), route.managed), ("GET /orders", true));
    let integration =
        api.integration(route.integration.as_deref().expect("a target")).expect("an integration");
    assert_eq!((integration.uri.clone(), integration.payload_format.as_str()), (arn("orders"), "2.0"));
    let stage = api.stage(Stage::DEFAULT).expect("a stage");
    assert!(stage.auto_deploy && stage.managed && stage.deployment.is_some());
}

#[tokio::test]
async fn an_api_is_changed_in_part() {
    let world = World::new();
    let api = world.api();
    let changed = api.update(ApiChange { description: Some("Orders".to_owned()), ..ApiChange::default() });
    let settings = changed.expect("it is changed").settings;
    assert_eq!((settings.name.as_str(), settings.description.as_deref()), ("shop", Some("Orders")));
    let changed = api.update(ApiChange { description: Some(String::new()), ..ApiChange::default() });
    assert_eq!(changed.expect("it is changed").settings.description, None);
    refused(api.update(ApiChange { version: Some("1".repeat(65)), ..ApiChange::default() }), "bad request");
}

#[tokio::test]
async fn there_is_one_route_for_a_request() {
    let world = World::new();
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    let first = api.create_route(route("GET /orders/{id}", &target)).expect("a route");
    refused(
        api.create_route(route("GET /orders/{other}", &target)),
        "conflict: Route with key GET /orders/{other} already exists for this API",
    );
    let second = api.create_route(route("GET /orders/{id}/lines", &target)).expect("a route");
    let change = RouteChange { key: Some("GET /orders/{id}".to_owned()), ..RouteChange::default() };
    refused(api.update_route(&second.id, change.clone()), "conflict");
    assert_eq!(api.update_route(&first.id, change).expect("its own key"), first);
    api.delete_route(&first.id).expect("it is deleted");
    refused(api.route(&first.id), "not found: Invalid Route identifier specified");
    refused(
        api.create_route(route("GET /a", "integrations/none")),
        "not found: Invalid Integration identifier",
    );
    refused(api.create_route(route("GET /a", "none")), "bad request: Invalid target");
    refused(api.create_route(RouteChange::default()), "bad request: Route key is required");
}

#[tokio::test]
async fn what_something_needs_is_not_deleted() {
    let world = World::new();
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    let integration = target.trim_start_matches("integrations/");
    let authorizer = AuthorizerChange {
        name: Some("pass".to_owned()),
        kind: Some("REQUEST".to_owned()),
        uri: Some(arn("check")),
        payload_format: Some("2.0".to_owned()),
        identity_sources: Some(vec!["$request.header.Pass".to_owned()]),
        ..AuthorizerChange::default()
    };
    let authorizer = api.create_authorizer(authorizer).expect("an authorizer").id.clone();
    let custom = RouteChange {
        authorization: Some("CUSTOM".to_owned()),
        authorizer: Some(authorizer.clone()),
        ..route("GET /orders", &target)
    };
    refused(
        api.create_route(RouteChange { authorization: Some("JWT".to_owned()), ..custom.clone() }),
        "bad request: The authorization type JWT does not fit",
    );
    refused(api.create_route(RouteChange { authorizer: None, ..custom.clone() }), "needs an authorizer");
    refused(
        api.create_route(RouteChange { scopes: Some(vec!["a".to_owned()]), ..custom.clone() }),
        "need the authorization type JWT",
    );
    let created = api.create_route(custom).expect("a route").id.clone();
    refused(api.delete_integration(integration), "conflict: Cannot delete Integration");
    refused(api.delete_authorizer(&authorizer), "conflict: Cannot delete Authorizer");
    api.delete_route(&created).expect("it is deleted");
    api.delete_integration(integration).expect("nothing needs it");
    api.delete_authorizer(&authorizer).expect("nothing needs it");
    refused(api.delete_authorizer(&authorizer), "not found");
}

#[tokio::test]
async fn integrations_are_what_hearth_can_do() {
    let world = World::new();
    let api = world.api();
    let valid = || IntegrationChange {
        integration_type: Some("AWS_PROXY".to_owned()),
        uri: Some(arn("orders")),
        ..IntegrationChange::default()
    };
    let created = api.create_integration(valid()).expect("an integration");
    assert_eq!((created.payload_format.as_str(), created.timeout.as_millis()), ("1.0", 30_000));
    let check = |change: IntegrationChange, expected: &str| {
        refused(api.create_integration(change.clone()), expected);
        refused(api.update_integration(&created.id, change), expected);
    };
    let text = |text: &str| Some(text.to_owned());
    check(IntegrationChange { integration_type: text("HTTP_PROXY"), ..valid() }, "not implemented");
    check(IntegrationChange { integration_type: text("OTHER"), ..valid() }, "bad request");
    check(IntegrationChange { connection_type: text("VPC_LINK"), ..valid() }, "not implemented");
    check(IntegrationChange { payload_format: text("3.0"), ..valid() }, "bad request");
    check(IntegrationChange { timeout_ms: Some(49), ..valid() }, "bad request: Timeout should be between");
    check(
        IntegrationChange { timeout_ms: Some(30_001), ..valid() },
        "bad request: Timeout should be between",
    );
    check(IntegrationChange { method: text("GET"), ..valid() }, "bad request");
    refused(api.create_integration(IntegrationChange::default()), "Integration type is required");
}

#[tokio::test]
async fn a_stage_has_what_was_deployed_last() {
    let world = World::new();
    let api = world.api();
    let manual = api.create_stage("prod", StageChange::default(), BTreeMap::new()).expect("a stage");
    assert_eq!((manual.auto_deploy, manual.deployment), (false, None));
    refused(
        api.create_stage("prod", StageChange::default(), BTreeMap::new()),
        "conflict: Stage already exists",
    );
    refused(api.create_deployment(None, Some("prod")), "At least one route is required");
    let first = deployment_of(&api, Stage::DEFAULT);
    let target = integrate(&api, "orders", "2.0");
    api.create_route(route("GET /", &target)).expect("a route");
    let second = deployment_of(&api, Stage::DEFAULT);
    assert_ne!(first, second, "every change is deployed");
    assert_eq!(deployment_of(&api, "prod"), None);

    let deployed = api.create_deployment(Some("first".to_owned()), Some("prod")).expect("a deployment");
    assert_eq!((deployed.automatic, deployed.description.as_deref()), (false, Some("first")));
    assert_eq!(deployment_of(&api, "prod"), Some(deployed.id.clone()));
    refused(api.create_deployment(None, Some(Stage::DEFAULT)), "AutoDeploy");
    refused(api.create_deployment(None, Some("none")), "not found: Invalid stage identifier");
    refused(api.delete_deployment(&deployed.id), "Active stages");
    let change = StageChange { deployment: Some("none".to_owned()), ..StageChange::default() };
    refused(api.update_stage("prod", change), "not found: Invalid deployment");
    api.delete_stage("prod").expect("it is deleted");
    api.delete_deployment(&deployed.id).expect("no stage has it");
}

#[tokio::test]
async fn settings_of_routes_are_kept_by_their_keys() {
    let world = World::new();
    let api = world.api();
    let settings = RouteSettings { burst: Some(1), rate: Some(2.0) };
    let change = StageChange {
        route_settings: Some([("GET /".to_owned(), settings)].into()),
        ..StageChange::default()
    };
    assert_eq!(api.update_stage(Stage::DEFAULT, change).expect("a stage").route_settings["GET /"], settings);
    api.delete_route_settings(Stage::DEFAULT, "GET /").expect("they are deleted");
    refused(api.delete_route_settings(Stage::DEFAULT, "GET /"), "not found");
}

#[tokio::test]
async fn apis_and_stages_have_tags() {
    let world = World::new();
    let api = world.api();
    let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    for stage in [None, Some(Stage::DEFAULT)] {
        api.tag(stage, tags(&[("a", "1"), ("b", "2")])).expect("tags");
        api.untag(stage, &["a".to_owned()]).expect("tags");
        assert_eq!(api.tags(stage), Ok(tags(&[("b", "2")])));
        refused(api.tag(stage, tags(&[("aws:a", "")])), "bad request: Invalid tag key");
    }
    refused(api.tags(Some("none")), "not found");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::new();
    let api = world.api();
    let target = integrate(&api, "orders", "2.0");
    for number in 0..5 {
        api.create_route(route(&format!("GET /{number}"), &target)).expect("a route");
    }
    let mut seen = Vec::new();
    let mut request = PageRequest { token: None, most: Some("2".to_owned()) };
    loop {
        let page = api.routes(&request).expect("a page");
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|route| route.key.to_string()));
        request.token = page.next_token;
        if request.token.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["GET /0", "GET /1", "GET /2", "GET /3", "GET /4"]);
}
