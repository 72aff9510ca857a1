//! What becomes of messages.

use hearth_services::apigateway::v2::{Closing, Outgoing, RouteSettings, StageChange};
use serde_json::{Value, json};

use super::{Chat, received};

const JOIN: &str = r#"{"action": "join"}"#;

/// The message of an answer that is API Gateway's own.
fn message(answer: &str) -> Value {
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    assert_eq!(answer["connectionId"].as_str().expect("an identifier").len(), 16);
    assert_eq!(answer["requestId"].as_str().expect("an identifier").len(), 16);
    answer["message"].clone()
}

#[tokio::test]
async fn a_message_takes_the_route_that_it_names() {
    let chat = Chat::with_routes(&["join", "$default", "$connect", "$disconnect"]).await;
    let session = chat.open().await;
    chat.events();
    for (sent, route) in [
        (JOIN, "join"),
        (r#"{"action": "leave"}"#, "$default"),
        (r#"{"action": "$connect"}"#, "$default"),
        (r#"{"action": "$disconnect"}"#, "$default"),
        ("hello", "$default"),
    ] {
        session.receive(sent.to_owned()).await;
        chat.settle().await;
        let [event] = &*chat.events() else { panic!("one invocation") };
        let context = &event["requestContext"];
        assert_eq!((&context["routeKey"], &event["body"]), (&json!(route), &json!(sent)));
        assert_eq!((&context["eventType"], &context["stage"]), (&json!("MESSAGE"), &json!("prod")));
        assert_eq!(context["connectionId"], json!(session.connection().id()));
        assert_eq!(context["messageId"].as_str().expect("an identifier").len(), 16);
        assert_ne!(context["messageId"], context["requestId"]);
    }
}

#[tokio::test]
async fn a_message_without_a_route_is_forbidden() {
    let chat = Chat::with_routes(&["join"]).await;
    let session = chat.open().await;
    session.receive("hello".to_owned()).await;
    assert_eq!(message(&received(&session).await), "Forbidden");
}

#[tokio::test]
async fn clients_get_what_functions_return_if_the_route_has_a_response() {
    let chat = Chat::with_routes(&["join"]).await;
    chat.two_way_route("$default");
    chat.answers(r#"{"statusCode": 500, "body": "done"}"#);
    let session = chat.open().await;
    session.receive(JOIN.to_owned()).await;
    chat.settle().await;
    session.receive("hello".to_owned()).await;
    assert_eq!(received(&session).await, "done", "and nothing before");
    chat.answers(r#"{"body": "aGk=", "isBase64Encoded": true}"#);
    session.receive("hello".to_owned()).await;
    assert_eq!(received(&session).await, "hi");
}

#[tokio::test]
async fn clients_are_told_that_functions_fail() {
    let chat = Chat::with_routes(&["join"]).await;
    let session = chat.open().await;
    for script in ["fail Oops", "echo null", r#"echo "done""#, r#"echo {"other": 1}"#, "exit 1"] {
        chat.world.sandbox.script(move |_| script.to_owned());
        session.receive(JOIN.to_owned()).await;
        assert_eq!(message(&received(&session).await), "Internal server error", "{script}");
    }
    chat.world.functions().remove_permission(&crate::world::here(), "chat", None, None, "apis").expect("one");
    chat.answers("{}");
    session.receive(JOIN.to_owned()).await;
    assert_eq!(message(&received(&session).await), "Internal server error", "nobody let it in");
}

#[tokio::test]
async fn messages_are_throttled_by_the_stage() {
    let chat = Chat::with_routes(&["join"]).await;
    let settings = RouteSettings { burst: Some(1), rate: Some(0.1) };
    let change = StageChange {
        route_settings: Some([("join".to_owned(), settings)].into()),
        ..StageChange::default()
    };
    chat.api.update_stage("prod", change).expect("a stage");
    let session = chat.open().await;
    session.receive(JOIN.to_owned()).await;
    chat.settle().await;
    session.receive(JOIN.to_owned()).await;
    assert_eq!(message(&received(&session).await), "Too Many Requests");
    chat.world.advance(10).await;
    chat.events();
    session.receive(JOIN.to_owned()).await;
    chat.settle().await;
    assert_eq!(chat.events().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_handled_is_work_and_an_open_connection_is_none() {
    let chat = Chat::with_routes(&["join"]).await;
    let session = chat.open().await;
    let work = chat.world.services.engine().work();
    assert_eq!(work.running(), 0);
    chat.world.sandbox.script(|_| "sleep 5".to_owned());
    session.receive(JOIN.to_owned()).await;
    assert!(work.running() > 0);
}

#[tokio::test]
async fn a_client_that_does_not_read_what_functions_return_is_told_to_go() {
    let chat = Chat::new().await;
    chat.two_way_route("$default");
    chat.answers(r#"{"body": "done"}"#);
    let session = chat.open().await;
    for _ in 0..1_025 {
        session.receive("hello".to_owned()).await;
    }
    assert_eq!(session.over().await, Closing::SLOW_READER);
    chat.settle().await;
    for _ in 0..1_024 {
        assert_eq!(received(&session).await, "done");
    }
    assert_eq!(session.next().await, Outgoing::Close(Closing::SLOW_READER));
}
