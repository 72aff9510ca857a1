//! Functions that decide who is let in.

use std::sync::Arc;

use hearth_services::apigateway::v2::{Api, AuthorizerChange, Denial, RouteChange, Stage};
use serde_json::{Value, json};

use super::{answered, integrate, route, with_header};
use crate::world::{World, arn};

const FORBIDDEN: Denial = Denial::Forbidden { challenge: None };

/// A world with an API that asks `check` whom to let in to `orders`, by a header.
struct Guarded {
    world: World,
    api: Arc<Api>,
    authorizer: String,
}

impl Guarded {
    async fn new(change: AuthorizerChange) -> Self {
        let world = World::new();
        for function in ["orders", "check"] {
            world.deploy(function, None).await;
            world.allow(function);
        }
        let api = world.api();
        let target = integrate(&api, "orders", "2.0");
        let change = AuthorizerChange {
            name: Some("check".to_owned()),
            kind: Some("REQUEST".to_owned()),
            uri: Some(arn("check")),
            identity_sources: Some(vec!["$request.header.Pass".to_owned()]),
            ..change
        };
        let authorizer = api.create_authorizer(change).expect("an authorizer").id.clone();
        for key in ["GET /orders/{id}", "GET /other"] {
            let guarded = RouteChange {
                authorization: Some("CUSTOM".to_owned()),
                authorizer: Some(authorizer.clone()),
                ..route(key, &target)
            };
            api.create_route(guarded).expect("a route");
        }
        Self { world, api, authorizer }
    }

    fn simple() -> AuthorizerChange {
        AuthorizerChange {
            payload_format: Some("2.0".to_owned()),
            simple_responses: Some(true),
            ..AuthorizerChange::default()
        }
    }

    /// Lets the authorizer answer like this, and the other function with a text.
    fn says(&self, answer: &Value) {
        let answer = answer.to_string();
        self.world.sandbox.script(move |event| {
            if event.contains(r#""type":"REQUEST""#) {
                format!("echo {answer}")
            } else {
                r#"echo "done""#.to_owned()
            }
        });
    }

    async fn call(&self, line: &str, pass: &str) -> Result<(), Denial> {
        let reply = self.world.send_request(&self.api, with_header(line, "pass", pass)).await;
        reply.result.map(drop)
    }

    /// How often each of the functions was invoked since the last call.
    fn asked(&self) -> usize {
        self.world.handled("check").len()
    }
}

fn allow(resource: &str) -> Value {
    json!({
        "principalId": "me",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource}],
        },
        "context": {"level": 3, "teams": ["a"]},
    })
}

#[tokio::test]
async fn yes_or_no() {
    let guarded = Guarded::new(Guarded::simple()).await;
    guarded.says(&json!({"isAuthorized": true, "context": {"level": 3}}));
    assert_eq!(guarded.call("GET /orders/7?a=1", "x").await, Ok(()));
    let handled = guarded.world.sandbox.take_handled();
    let events: Vec<Value> =
        handled.iter().map(|handled| serde_json::from_slice(&handled.event).expect("JSON")).collect();
    let [asked, event] = &*events else { panic!("two functions are invoked") };
    assert_eq!((&asked["version"], &asked["type"]), (&json!("2.0"), &json!("REQUEST")));
    assert_eq!(asked["identitySource"], json!(["x"]));
    let arn =
        format!("arn:aws:execute-api:us-east-1:000000000000:{}/$default/GET/orders/7", guarded.api.id());
    assert_eq!((&asked["routeArn"], &asked["routeKey"]), (&json!(arn), &json!("GET /orders/{id}")));
    assert_eq!((&asked["pathParameters"], asked.get("body")), (&json!({"id": "7"}), None));
    assert_eq!(event["requestContext"]["authorizer"], json!({"lambda": {"level": 3}}));

    guarded.says(&json!({"isAuthorized": false}));
    assert_eq!(guarded.call("GET /orders/7", "y").await, Err(FORBIDDEN));
}

#[tokio::test]
async fn a_policy_says_what_a_caller_may_do() {
    let format =
        || AuthorizerChange { payload_format: Some("1.0".to_owned()), ..AuthorizerChange::default() };
    let guarded = Guarded::new(format()).await;
    guarded.says(&allow("arn:aws:execute-api:us-east-1:000000000000:*/$default/GET/orders/*"));
    assert_eq!(guarded.call("GET /orders/7", "x").await, Ok(()));
    let handled = guarded.world.sandbox.take_handled();
    let asked: Value = serde_json::from_slice(&handled[0].event).expect("JSON");
    assert_eq!((&asked["version"], &asked["identitySource"]), (&json!("1.0"), &json!("x")));
    let event: Value = serde_json::from_slice(&handled[1].event).expect("JSON");
    assert_eq!(event["requestContext"]["authorizer"], json!({"lambda": {"level": 3, "teams": ["a"]}}));
    assert_eq!(guarded.call("GET /other", "x").await, Err(FORBIDDEN), "the same policy decides");
    assert_eq!(guarded.asked(), 0, "and nobody is asked again");
}

#[tokio::test]
async fn who_does_not_say_who_it_is_is_not_asked_about() {
    let guarded = Guarded::new(Guarded::simple()).await;
    guarded.says(&json!({"isAuthorized": true}));
    let denied = guarded.world.request(&guarded.api, "GET /orders/7").await.result;
    assert_eq!(denied, Err(Denial::Unauthorized { challenge: None }));
    assert_eq!(guarded.asked(), 0);
}

#[tokio::test]
async fn answers_count_for_a_while() {
    let guarded = Guarded::new(AuthorizerChange { result_ttl_s: Some(10), ..Guarded::simple() }).await;
    guarded.says(&json!({"isAuthorized": true}));
    let asked = async |pass: &str| {
        guarded.call("GET /orders/7", pass).await.expect("it is let in");
        guarded.asked()
    };
    assert_eq!((asked("x").await, asked("x").await, asked("y").await), (1, 0, 1));
    guarded.world.advance(10).await;
    assert_eq!((asked("x").await, asked("x").await), (1, 0));
    guarded.api.reset_authorizers(Stage::DEFAULT).expect("a stage");
    assert_eq!(asked("x").await, 1);
    let never = AuthorizerChange { result_ttl_s: Some(0), ..AuthorizerChange::default() };
    guarded.api.update_authorizer(&guarded.authorizer, never).expect("an authorizer");
    assert_eq!((asked("x").await, asked("x").await), (1, 1));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    let guarded = Guarded::new(Guarded::simple()).await;
    for answer in [json!({}), json!({"isAuthorized": "yes"}), json!("yes")] {
        guarded.says(&answer);
        assert_eq!(guarded.call("GET /orders/7", "x").await, Err(Denial::InternalServerError), "{answer}");
    }
    guarded.world.sandbox.script(|_| "fail Oops".to_owned());
    assert_eq!(guarded.call("GET /orders/7", "x").await, Err(Denial::InternalServerError));
}

#[tokio::test]
async fn an_authorizer_may_look_at_all_of_a_request() {
    let sources = ["$request.querystring.key", "$context.httpMethod", "$context.identity.sourceIp"];
    let guarded = Guarded::new(Guarded::simple()).await;
    let change = AuthorizerChange {
        identity_sources: Some(sources.map(str::to_owned).into()),
        ..AuthorizerChange::default()
    };
    guarded.api.update_authorizer(&guarded.authorizer, change).expect("an authorizer");
    guarded.says(&json!({"isAuthorized": true}));
    answered(&guarded.world.request(&guarded.api, "GET /orders/7?key=a%20b").await);
    let event = guarded.world.event("check");
    assert_eq!(event["identitySource"], json!(["a b", "GET", "127.0.0.1"]));
}
