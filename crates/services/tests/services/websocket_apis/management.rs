//! The management API.

use hearth_services::apigateway::v2::{
    ApiChange, AuthorizerChange, IntegrationChange, NewApi, PageRequest, Refusal, RouteChange, RouteSettings,
    StageChange,
};

use super::{ACTION, Chat, create};
use crate::world::{World, arn, here};

fn is_bad<T: std::fmt::Debug>(result: Result<T, Refusal>, expected: &str) {
    match result {
        Err(Refusal::BadRequest(message)) => assert!(message.contains(expected), "{message}"),
        other => panic!("{other:?} instead of a refusal with `{expected}`"),
    }
}

#[tokio::test]
async fn an_api_says_how_messages_find_their_routes() {
    let world = World::new();
    let api = create(&world, ACTION);
    assert_eq!(api.view().settings.protocol.route_selection(), ACTION);
    let change =
        |selection: &str| ApiChange { route_selection: Some(selection.to_owned()), ..ApiChange::default() };
    let changed = api.update(change("${request.body.type}")).expect("an API").settings;
    assert_eq!(changed.protocol.route_selection(), "${request.body.type}");
    is_bad(api.update(change("$request.header.a")), "Invalid route selection expression");

    let create = |settings: ApiChange, target: Option<&str>| {
        let new = NewApi {
            name: Some("chat".to_owned()),
            protocol: Some("WEBSOCKET".to_owned()),
            settings,
            target: target.map(str::to_owned),
            ..NewApi::default()
        };
        world.services.apis().create(&here(), &new)
    };
    is_bad(create(ApiChange::default(), None), "Route selection expression is required");
    is_bad(create(change("nothing"), None), "Invalid route selection expression");
    is_bad(create(change(ACTION), Some(&arn("chat"))), "Only HTTP APIs");
    is_bad(create(ApiChange { cors: Some(Default::default()), ..change(ACTION) }, None), "Only HTTP APIs");
}

#[tokio::test]
async fn routes_have_the_keys_of_messages_and_of_connections() {
    let chat = Chat::new().await;
    for key in ["$connect", "$disconnect", "$default", "join", "GET /a"] {
        chat.route(key);
        let again = RouteChange { key: Some(key.to_owned()), ..RouteChange::default() };
        assert!(matches!(chat.api.create_route(again), Err(Refusal::Conflict(_))), "{key}");
    }
    let create = |change: RouteChange| chat.api.create_route(change);
    for key in ["", "$other"] {
        let change = RouteChange { key: Some(key.to_owned()), ..RouteChange::default() };
        is_bad(create(change), "Invalid route key");
    }
    let guarded = |key: &str, authorization: &str| RouteChange {
        key: Some(key.to_owned()),
        authorization: Some(authorization.to_owned()),
        authorizer: Some("a".to_owned()),
        ..RouteChange::default()
    };
    is_bad(create(guarded("other", "CUSTOM")), "only $connect");
    is_bad(create(guarded("other", "JWT")), "JWT");
}

#[tokio::test]
async fn routes_have_one_response() {
    let chat = Chat::new().await;
    let route = chat.route("join");
    is_bad(chat.api.create_route_response(&route, None), "Invalid route response key");
    is_bad(chat.api.create_route_response(&route, Some("ok")), "Invalid route response key");
    let id = chat.api.create_route_response(&route, Some("$default")).expect("a response");
    let again = chat.api.create_route_response(&route, Some("$default"));
    assert!(matches!(again, Err(Refusal::Conflict(_))));
    let all = chat.api.route_responses(&route, &PageRequest::default()).expect("a page");
    assert_eq!(all.items, std::slice::from_ref(&id));
    assert_eq!(chat.api.route_response(&route, &id, None), Ok(id.clone()));
    chat.api.delete_route_response(&route, &id).expect("it is there");
    for gone in [
        chat.api.route_response(&route, &id, None).map(drop),
        chat.api.delete_route_response(&route, &id),
        chat.api.route_response("none", &id, None).map(drop),
    ] {
        assert!(matches!(gone, Err(Refusal::NotFound(_))), "{gone:?}");
    }
    let selects =
        |text: &str| RouteChange { response_selection: Some(text.to_owned()), ..RouteChange::default() };
    is_bad(chat.api.update_route(&route, selects("$other")).map(drop), "Invalid route response selection");
    assert!(chat.api.update_route(&route, selects("$default")).expect("a route").selects_response);
}

#[tokio::test]
async fn integrations_and_authorizers_are_of_their_kind() {
    let chat = Chat::new().await;
    let integration = |change: IntegrationChange| {
        chat.api.create_integration(IntegrationChange {
            integration_type: Some("AWS_PROXY".to_owned()),
            uri: Some(arn("chat")),
            ..change
        })
    };
    let made = integration(IntegrationChange::default()).expect("an integration");
    assert_eq!((made.timeout.as_secs(), made.payload_format.as_str()), (29, "1.0"));
    let longest = IntegrationChange { timeout_ms: Some(29_001), ..IntegrationChange::default() };
    is_bad(integration(longest), "between 50 ms and 29000 ms, not 29001");
    let format = IntegrationChange { payload_format: Some("2.0".to_owned()), ..IntegrationChange::default() };
    is_bad(integration(format), "payload format version 1.0");

    let authorizer = |change: AuthorizerChange| {
        chat.api.create_authorizer(AuthorizerChange {
            name: Some("check".to_owned()),
            kind: change.kind.clone().or(Some("REQUEST".to_owned())),
            uri: Some(arn("chat")),
            ..change
        })
    };
    let text = |text: &str| Some(text.to_owned());
    is_bad(authorizer(AuthorizerChange { kind: text("JWT"), ..Default::default() }), "type REQUEST");
    let with_format = AuthorizerChange { payload_format: text("2.0"), ..Default::default() };
    is_bad(authorizer(with_format), "no payload format version");
    let sources = |source: &str| AuthorizerChange {
        identity_sources: Some(vec![source.to_owned()]),
        ..AuthorizerChange::default()
    };
    is_bad(authorizer(sources("$request.header.Pass")), "Invalid identity source");
    let made = authorizer(sources("route.request.header.Pass")).expect("an authorizer");
    let hearth_services::apigateway::v2::AuthorizerKind::Request(request) = &made.kind else {
        panic!("it asks a function");
    };
    assert_eq!(request.identity_texts(), ["route.request.header.pass"]);
}

#[tokio::test]
async fn stages_have_settings_for_routes() {
    let chat = Chat::new().await;
    let settings = |key: &str| StageChange {
        route_settings: Some([(key.to_owned(), RouteSettings { burst: Some(1), rate: None })].into()),
        ..StageChange::default()
    };
    chat.api.update_stage("prod", settings("$connect")).expect("a stage");
    chat.api.update_stage("prod", settings("join")).expect("a stage");
    is_bad(chat.api.update_stage("prod", settings("$other")).map(drop), "Invalid route key");
}
