//! How connections begin and end, and what their owners do with them.

use bytes::Bytes;
use hearth_services::apigateway::v2::{
    Closing, Connection, Handshake, IntegrationChange, NoConnection, Outgoing, PageRequest, StageChange,
    Undelivered,
};
use serde_json::json;

use super::{Chat, received, request};
use crate::world::here;

#[tokio::test]
async fn a_connection_is_told_at_its_begin_and_at_its_end() {
    let chat = Chat::with_routes(&["$connect", "$disconnect"]).await;
    let change = StageChange {
        variables: Some([("table".to_owned(), "rooms".to_owned())].into()),
        ..StageChange::default()
    };
    chat.api.update_stage("prod", change).expect("a stage");
    let session = chat.open().await;
    let id = session.connection().id().to_owned();
    let [connect] = &*chat.events() else { panic!("one invocation") };
    assert_eq!(connect["headers"]["User-Agent"], "tests");
    assert_eq!(connect["stageVariables"], json!({"table": "rooms"}));
    let context = &connect["requestContext"];
    assert_eq!((&context["eventType"], &context["routeKey"]), (&json!("CONNECT"), &json!("$connect")));
    assert_eq!(context["identity"], json!({"sourceIp": "127.0.0.1", "userAgent": "tests"}));
    let connected = context["connectedAt"].as_i64().expect("a time");
    chat.world.advance(5).await;
    session.end(1005, "Client-side close frame status not set");
    chat.settle().await;
    let [disconnect] = &*chat.events() else { panic!("one invocation") };
    let context = &disconnect["requestContext"];
    assert_eq!((&context["eventType"], &context["connectionId"]), (&json!("DISCONNECT"), &json!(id)));
    assert_eq!(
        (&context["disconnectStatusCode"], &context["connectedAt"]),
        (&json!(1005), &json!(connected))
    );
    assert_eq!(context["disconnectReason"], "Client-side close frame status not set");
    assert_eq!(context["requestTimeEpoch"], json!(connected + 5_000));
    let gone = chat.apis().connection(None, &id, here().account);
    assert_eq!(gone.err(), Some(NoConnection::Gone));
}

#[tokio::test]
async fn a_connection_that_nobody_ends_was_broken() {
    let chat = Chat::with_routes(&["$disconnect"]).await;
    drop(chat.open().await);
    chat.settle().await;
    assert_eq!(chat.events()[0]["requestContext"]["disconnectStatusCode"], 1006);
}

#[tokio::test]
async fn functions_decide_who_connects() {
    let chat = Chat::with_routes(&["$connect", "$disconnect"]).await;
    chat.answers(r#"{"statusCode": 401, "body": "{\"who\": null}"}"#);
    assert_eq!(chat.refused(&request()).await, (401, json!({"who": null})));
    chat.world.sandbox.script(|_| "fail Oops".to_owned());
    let (status, body) = chat.refused(&request()).await;
    assert_eq!((status, &body["message"]), (502, &json!("Internal server error")));
    assert!(body["connectionId"].is_string() && body["requestId"].is_string(), "{body}");
    chat.answers("null");
    assert_eq!(chat.refused(&request()).await.0, 502);
    chat.settle().await;
    assert_eq!(chat.events().len(), 3, "who never connected does not disconnect");
    chat.answers(r#"{"headers": {"Sec-WebSocket-Protocol": "v2"}}"#);
    let Handshake::Accepted { subprotocol, .. } = chat.connect(&request()).await else {
        panic!("it was refused");
    };
    assert_eq!(subprotocol.expect("it chose one"), "v2");
}

#[tokio::test]
async fn a_function_that_takes_too_long_lets_nobody_connect() {
    let chat = Chat::with_routes(&["$connect"]).await;
    let page = chat.api.integrations(&PageRequest::default()).expect("a page");
    let change = IntegrationChange { timeout_ms: Some(1_000), ..IntegrationChange::default() };
    chat.api.update_integration(&page.items[0].id, change).expect("an integration");
    chat.world.sandbox.script(|_| "sleep 2; echo {}".to_owned());
    let connect = request();
    let ((status, body), ()) = tokio::join!(chat.refused(&connect), chat.world.advance(3));
    assert_eq!((status, &body["message"]), (504, &json!("Endpoint request timed out")));
}

#[tokio::test]
async fn owners_post_to_connections() {
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    let connection = chat.found(&session);
    connection.post(Bytes::from("hello")).expect("there is room");
    assert_eq!(received(&session).await, "hello");
    let before = connection.view();
    assert_eq!((before.source.as_str(), before.user_agent.as_deref()), ("127.0.0.1", Some("tests")));
    chat.world.advance(5).await;
    session.touch();
    let after = connection.view();
    assert_eq!(after.connected, before.connected);
    assert_eq!(after.last_active.as_unix_millis() - before.last_active.as_unix_millis(), 5_000);
    connection.post(Bytes::from("bye")).expect("there is room");
    connection.close(Closing::NORMAL);
    assert_eq!(connection.post(Bytes::from("late")), Err(Undelivered::Gone));
    assert_eq!(received(&session).await, "bye");
    assert_eq!(session.next().await, Outgoing::Close(Closing::NORMAL));
}

#[tokio::test]
async fn connections_are_found_by_their_owner_alone() {
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    let (id, me) = (session.connection().id().to_owned(), here().account);
    let other = hearth_model::identity::AccountId::parse("111111111111").expect("an account");
    let place = |path: &str| chat.apis().locate_socket(chat.api.id().as_str(), path);
    let found = |path: Option<&str>, id: &str, account| {
        let place = path.map(|path| place(path).expect("a place"));
        chat.apis().connection(place.as_ref(), id, account).map(|connection| connection.id().to_owned())
    };
    let path = format!("/prod/@connections/{id}");
    assert_eq!(place(&path).expect("a place").connection(), Some(id.as_str()));
    let encoded = format!("/prod/%40connections/{}", id.replace('=', "%3D"));
    assert_eq!(place(&encoded).expect("a place").connection(), Some(id.as_str()));
    assert!(place("/prod/other").is_none() && place("/other").is_none() && place("/").is_none());
    assert_eq!(found(Some(&path), &id, me), Ok(id.clone()));
    assert_eq!(found(None, &id, me), Ok(id.clone()));
    assert_eq!(found(Some(&path), &id, other), Err(NoConnection::Forbidden));
    assert_eq!(found(None, &id, other), Err(NoConnection::Forbidden));
    assert_eq!(found(None, "nothing", me), Err(NoConnection::Invalid));
    assert_eq!(found(None, "AAAAAAAAAAAAAAA=", me), Err(NoConnection::Gone));
    let stage = StageChange { auto_deploy: Some(true), ..StageChange::default() };
    chat.api.create_stage("test", stage, Default::default()).expect("a stage");
    assert_eq!(found(Some("/test"), &id, me), Err(NoConnection::Gone), "it is at another stage");
}

#[tokio::test]
async fn connections_that_are_idle_end() {
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    let over = async {
        let closing = session.over().await;
        (closing, chat.world.clock.wall())
    };
    let start = chat.world.clock.wall();
    let (ended, ()) = tokio::join!(over, async {
        chat.world.advance(300).await;
        session.touch();
        chat.world.advance(599).await;
        chat.world.advance(1).await;
    });
    assert_eq!(ended.0, Closing::GOING_AWAY);
    assert_eq!(ended.1.as_unix_millis() - start.as_unix_millis(), 900_000);
}

#[tokio::test]
async fn connections_that_are_open_for_too_long_end() {
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    let busy = async {
        for _ in 0..24 {
            chat.world.advance(300).await;
            session.touch();
        }
    };
    let (closing, ()) = tokio::join!(session.over(), busy);
    assert_eq!(closing, Closing::GOING_AWAY);
    assert_eq!(Connection::DURATION.as_secs(), 24 * 300);
}

#[tokio::test]
async fn connections_end_with_their_stage_and_their_api() {
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    chat.api.delete_stage("prod").expect("a stage");
    assert_eq!(session.next().await, Outgoing::Close(Closing::GOING_AWAY));
    let chat = Chat::with_routes(&[]).await;
    let session = chat.open().await;
    chat.apis().delete(&here(), chat.api.id().as_str()).expect("an API");
    assert_eq!(session.next().await, Outgoing::Close(Closing::GOING_AWAY));
}
