//! HTTP APIs and WebSocket APIs.

use std::{collections::BTreeMap, time::Duration};

use hearth_services::apigateway::v2::{
    Api, ApiChange, Apis, AuthorizerChange, CorsConfiguration, Denial, HttpRequest, IntegrationChange,
    NewApi, RouteChange, RouteSettings, StageChange,
};

use super::Lasting;
use crate::world::{World, arn, here};

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("team".to_owned(), "a".to_owned())])
}

fn integration() -> IntegrationChange {
    IntegrationChange { integration_type: text("AWS_PROXY"), uri: Some(arn("orders")), ..Default::default() }
}

fn route(key: &str, integration: &str) -> RouteChange {
    RouteChange { key: text(key), target: Some(format!("integrations/{integration}")), ..Default::default() }
}

/// Everything that can be asked for.
fn all(api: &Api) -> String {
    let page = Default::default();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        api.view(),
        api.routes(&page).expect("a page").items,
        api.integrations(&page).expect("a page").items,
        api.authorizers(&page).expect("a page").items,
        api.deployments(&page).expect("a page").items,
        api.stages(&page).expect("a page").items,
    )
}

fn http_api(world: &World) -> String {
    let apis = world.services.apis();
    let cors = CorsConfiguration { allow_origins: vec!["*".to_owned()], ..CorsConfiguration::default() };
    let settings = ApiChange { cors: Some(cors), description: text("all of it"), ..ApiChange::default() };
    let new =
        NewApi { name: text("shop"), protocol: text("HTTP"), settings, tags: tags(), ..NewApi::default() };
    let id = apis.create(&here(), &new).expect("an API").id;
    let api = apis.api(&here(), id.as_str()).expect("it was made");
    let change = IntegrationChange { payload_format: text("2.0"), ..integration() };
    let target = api.create_integration(change).expect("an integration").id.clone();
    api.create_route(route("GET /orders/{id}", &target)).expect("a route");
    let jwt = AuthorizerChange {
        name: text("jwt"),
        kind: text("JWT"),
        identity_sources: Some(vec!["$request.header.Authorization".to_owned()]),
        issuer: text("https://example.com"),
        audience: Some(vec!["shop".to_owned()]),
        ..AuthorizerChange::default()
    };
    let jwt = api.create_authorizer(jwt).expect("an authorizer").id.clone();
    let request = AuthorizerChange {
        name: text("request"),
        kind: text("REQUEST"),
        identity_sources: Some(vec!["$request.querystring.who".to_owned(), "$context.stage".to_owned()]),
        uri: Some(arn("orders")),
        payload_format: text("2.0"),
        simple_responses: Some(true),
        result_ttl_s: Some(60),
        ..AuthorizerChange::default()
    };
    api.create_authorizer(request).expect("an authorizer");
    let closed = RouteChange {
        authorization: text("JWT"),
        authorizer: Some(jwt),
        scopes: Some(vec!["read".to_owned()]),
        ..route("ANY /closed/{proxy+}", &target)
    };
    api.create_route(closed).expect("a route");
    let settings = RouteSettings { burst: Some(7), rate: Some(0.1) };
    let stage = StageChange {
        auto_deploy: Some(true),
        default_route_settings: Some(settings),
        variables: Some(BTreeMap::from([("fn".to_owned(), "orders".to_owned())])),
        ..StageChange::default()
    };
    api.create_stage("live", stage, tags()).expect("a stage");
    let deployment = api.create_deployment(text("by hand"), None).expect("a deployment").id;
    let stage = StageChange { deployment: Some(deployment), ..StageChange::default() };
    api.create_stage("old", stage, BTreeMap::new()).expect("a stage");
    // Only the stage that is deployed automatically has it.
    api.create_route(route("GET /later", &target)).expect("a route");
    id.to_string()
}

fn websocket_api(world: &World) -> String {
    let apis = world.services.apis();
    let settings = ApiChange { route_selection: text("$request.body.action"), ..ApiChange::default() };
    let new = NewApi { name: text("chat"), protocol: text("WEBSOCKET"), settings, ..NewApi::default() };
    let id = apis.create(&here(), &new).expect("an API").id;
    let api = apis.api(&here(), id.as_str()).expect("it was made");
    let target = api.create_integration(integration()).expect("an integration").id.clone();
    let two_way = RouteChange { response_selection: text("$default"), ..route("say", &target) };
    let say = api.create_route(two_way).expect("a route").id.clone();
    api.create_route_response(&say, Some("$default")).expect("a response");
    api.tag(None, tags()).expect("it is tagged");
    id.to_string()
}

/// One of each kind.
pub(super) fn make(world: &World) {
    http_api(world);
    websocket_api(world);
}

/// Whether there is a route for a request, whatever becomes of it.
async fn is_routed(world: &World, api: &str, path: &str) -> bool {
    let apis = world.services.apis();
    let Some(place) = apis.find(api).and_then(|api| Apis::locate(api, path)) else { return false };
    let request = HttpRequest { method: "GET".into(), path: path.into(), ..HttpRequest::default() };
    apis.answer(&place, &request, Box::default).await.result != Err(Denial::NotFound)
}

#[tokio::test]
async fn apis_of_the_second_version_are_there_again() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    let (http, websocket) = (http_api(&world), websocket_api(&world));
    let gone = world
        .services
        .apis()
        .create(&here(), &NewApi { name: text("gone"), protocol: text("HTTP"), ..NewApi::default() });
    let gone = gone.expect("an API").id.to_string();
    let held = world.services.apis().find(&gone).expect("it is there");
    world.services.apis().delete(&here(), &gone).expect("it is there");
    // Somebody was still at it.
    held.tag(None, tags()).expect("it is tagged");
    let find = |world: &World, id: &str| all(&world.services.apis().find(id).expect("it is there"));
    let before = [&http, &websocket].map(|id| find(&world, id));

    let world = lasting.restart(&world, Duration::from_secs(5)).await;
    assert_eq!([&http, &websocket].map(|id| find(&world, id)), before);
    assert!(world.services.apis().find(&gone).is_none());
    assert!(world.services.apis().find(&websocket).is_some_and(|api| api.is_websocket()));
    assert!(
        is_routed(&world, &http, "/live/orders/7").await && is_routed(&world, &http, "/old/orders/7").await
    );
    assert!(is_routed(&world, &http, "/live/later").await && !is_routed(&world, &http, "/old/later").await);
}
