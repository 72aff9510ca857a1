//! Functions that decide who connects.

use hearth_services::apigateway::v2::{AuthorizerChange, HttpRequest, RouteChange};
use serde_json::{Value, json};

use super::{Chat, request};
use crate::world::arn;

/// A world whose function also decides who connects, by a parameter of the query.
async fn guarded() -> Chat {
    let chat = Chat::with_routes(&["$default"]).await;
    let change = AuthorizerChange {
        name: Some("check".to_owned()),
        kind: Some("REQUEST".to_owned()),
        uri: Some(arn("chat")),
        identity_sources: Some(vec!["route.request.querystring.pass".to_owned()]),
        ..AuthorizerChange::default()
    };
    let authorizer = chat.api.create_authorizer(change).expect("an authorizer");
    let connect = RouteChange {
        key: Some("$connect".to_owned()),
        target: Some(chat.target.clone()),
        authorization: Some("CUSTOM".to_owned()),
        authorizer: Some(authorizer.id.clone()),
        ..RouteChange::default()
    };
    chat.api.create_route(connect).expect("a route");
    chat
}

fn with_pass() -> HttpRequest<'static> {
    HttpRequest { query: "pass=x".into(), ..request() }
}

/// Lets the function say this when it is asked, and `{}` otherwise.
fn says(chat: &Chat, answer: &Value) {
    let answer = answer.to_string();
    chat.world.sandbox.script(move |event| {
        if event.contains(r#""type":"REQUEST""#) { format!("echo {answer}") } else { "echo {}".to_owned() }
    });
}

fn policy(effect: &str) -> Value {
    let statement = json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*"});
    json!({
        "principalId": "me",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"level": 3},
    })
}

#[tokio::test]
async fn what_is_said_of_a_client_is_told_with_all_of_its_messages() {
    let chat = guarded().await;
    says(&chat, &policy("Allow"));
    let hearth_services::apigateway::v2::Handshake::Accepted { session, .. } =
        chat.connect(&with_pass()).await
    else {
        panic!("it was refused");
    };
    session.receive("hello".to_owned()).await;
    chat.settle().await;
    let events = chat.events();
    let [asked, connect, message] = &*events else { panic!("three invocations: {events:?}") };
    let arn = format!("arn:aws:execute-api:us-east-1:000000000000:{}/prod/$connect", chat.api.id());
    assert_eq!((&asked["type"], &asked["methodArn"]), (&json!("REQUEST"), &json!(arn)));
    assert_eq!(asked["queryStringParameters"], json!({"pass": "x"}));
    let expected = json!({"principalId": "me", "level": "3"});
    for event in [connect, message] {
        assert_eq!(event["requestContext"]["authorizer"], expected);
    }
}

#[tokio::test]
async fn who_is_not_let_in_does_not_connect() {
    let chat = guarded().await;
    let refused = async |request: &HttpRequest<'_>| {
        let (status, body) = chat.refused(request).await;
        (status, body["message"].as_str().expect("a message").to_owned())
    };
    assert_eq!(refused(&request()).await, (401, "Unauthorized".to_owned()));
    assert!(chat.events().is_empty(), "nobody is asked about who does not say who it is");
    says(&chat, &policy("Deny"));
    assert_eq!(refused(&with_pass()).await, (403, "Forbidden".to_owned()));
    says(&chat, &json!({}));
    assert_eq!(refused(&with_pass()).await, (500, "Internal server error".to_owned()));
    chat.world.sandbox.script(|_| "fail Oops".to_owned());
    assert_eq!(refused(&with_pass()).await, (500, "Internal server error".to_owned()));
    chat.world.sandbox.script(|_| "fail Error Unauthorized".to_owned());
    assert_eq!(refused(&with_pass()).await, (401, "Unauthorized".to_owned()));
    let connected =
        |event: &Value| event["requestContext"]["eventType"] == "CONNECT" && event["type"].is_null();
    assert!(!chat.events().iter().any(connected));
}
