//! Functions that decide who may call.

use serde_json::{Value, json};

use super::{Api, body, outcome, read, with};
use crate::world::{arn, here};

const UNAUTHORIZED: (u16, &str, Option<&str>) =
    (401, r#"{"message":"Unauthorized"}"#, Some("UnauthorizedException"));

/// An API whose method `GET /pets/{id}` is guarded by the function `guard`.
struct Guarded {
    api: Api,
    authorizer: String,
}

impl Guarded {
    async fn new(authorizer: Value) -> Self {
        let api = Api::new().await;
        api.world.deploy("guard", None).await;
        api.allow("guard");
        let document = json!({
            "name": "guard",
            "type": "TOKEN",
            "authorizerUri": format!(
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations",
                arn("guard")
            ),
        });
        let document = with(document, authorizer);
        let authorizer =
            api.apis().create_authorizer(&here(), &api.id, read(document)).expect("an authorizer").id;
        for path in ["/pets/{id}", "/other"] {
            api.put("GET", path, json!({"authorizationType": "CUSTOM", "authorizerId": authorizer}));
        }
        api.deploy();
        let guarded = Self { api, authorizer };
        guarded.decides(&decision("Allow", "*"));
        guarded
    }

    /// Lets the guard return this, and the other function an answer.
    fn decides(&self, decision: &Value) {
        self.guards(&format!("echo {decision}"));
    }

    fn guards(&self, commands: &str) {
        let commands = commands.to_owned();
        self.api.world.sandbox.script(move |event| {
            if event.contains("methodArn") { commands.clone() } else { r#"echo {"body":"pet"}"#.to_owned() }
        });
    }

    async fn check(&self, token: &str, expected: (u16, &str, Option<&str>)) {
        let answer = self.api.call_with("GET /prod/pets/1", &[("authorization", token)], "").await;
        assert_eq!(outcome(&answer), expected, "{token}");
    }

    fn asked(&self) -> usize {
        self.api
            .world
            .sandbox
            .take_handled()
            .iter()
            .filter(|handled| handled.invoked_function_arn.ends_with(":guard"))
            .count()
    }
}

fn decision(effect: &str, resource: &str) -> Value {
    let statement = json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource});
    json!({"principalId": "me", "policyDocument": {"Statement": [statement]}, "context": {"level": 3}})
}

#[tokio::test]
async fn a_token_is_shown_to_the_guard() {
    let guarded = Guarded::new(Value::Null).await;
    guarded.check("secret", (200, "pet", None)).await;
    let handled = guarded.api.world.sandbox.take_handled();
    let event: Value = serde_json::from_slice(&handled[0].event).expect("JSON");
    let method = format!("arn:aws:execute-api:us-east-1:000000000000:{}/prod/GET/pets/1", guarded.api.id);
    assert_eq!(event, json!({"type": "TOKEN", "methodArn": method, "authorizationToken": "secret"}));
    let event: Value = serde_json::from_slice(&handled[1].event).expect("JSON");
    let expected = json!({"principalId": "me", "level": "3", "integrationLatency": 0});
    assert_eq!(event["requestContext"]["authorizer"], expected);
    let nobody = guarded.api.call("GET /prod/pets/1").await;
    assert_eq!(outcome(&nobody), UNAUTHORIZED);
}

#[tokio::test]
async fn decisions_are_policies() {
    let denied = |message: &'static str| (403, message, Some("AccessDeniedException"));
    let guarded = Guarded::new(json!({"authorizerResultTtlInSeconds": 0})).await;
    let method = |path: &str| format!("arn:aws:execute-api:us-east-1:000000000000:{}/{path}", guarded.api.id);
    guarded.decides(&decision("Deny", "*"));
    let explicit = r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#;
    guarded.check("a", denied(explicit)).await;
    guarded.decides(&decision("Allow", &method("*/POST/*")));
    guarded.check("a", denied(r#"{"Message":"User is not authorized to access this resource"}"#)).await;
    guarded.decides(&decision("Allow", &method("prod/GET/pets/*")));
    guarded.check("a", (200, "pet", None)).await;
}

#[tokio::test]
async fn a_guard_that_fails() {
    let guarded = Guarded::new(json!({"authorizerResultTtlInSeconds": 0})).await;
    let failed = (500, r#"{"message":null}"#, Some("AuthorizerConfigurationException"));
    guarded.guards("fail Error Unauthorized");
    guarded.check("a", UNAUTHORIZED).await;
    for commands in ["fail Error", "crash", "echo null", r#"echo {"principalId":"me"}"#] {
        guarded.guards(commands);
        guarded.check("a", failed).await;
    }
    let mut nested = decision("Allow", "*");
    nested["context"] = json!({"list": [1]});
    guarded.decides(&nested);
    guarded.check("a", failed).await;
}

#[tokio::test]
async fn tokens_that_do_not_look_like_any_are_not_shown() {
    let guarded = Guarded::new(json!({"identityValidationExpression": "Bearer [a-z]+"})).await;
    for token in ["Bearer 1", "Bearer", "a Bearer a"] {
        guarded.check(token, UNAUTHORIZED).await;
    }
    assert_eq!(guarded.asked(), 0);
    guarded.check("Bearer abc", (200, "pet", None)).await;
}

#[tokio::test]
async fn decisions_are_kept_for_a_while() {
    let guarded = Guarded::new(json!({"authorizerResultTtlInSeconds": 60})).await;
    for token in ["a", "a", "b"] {
        guarded.check(token, (200, "pet", None)).await;
    }
    assert_eq!(guarded.asked(), 2);
    // What was decided is the policy, for whichever method.
    let answer = guarded.api.call_with("GET /prod/other", &[("authorization", "a")], "").await;
    assert_eq!((answer.answer.status.as_u16(), guarded.asked()), (200, 0));
    guarded.api.world.advance(60).await;
    guarded.check("a", (200, "pet", None)).await;
    assert_eq!(guarded.asked(), 1);
    guarded.api.apis().flush_authorizers(&here(), &guarded.api.id, "prod").expect("a stage");
    guarded.check("a", (200, "pet", None)).await;
    assert_eq!(guarded.asked(), 1);
}

#[tokio::test]
async fn a_request_is_told_apart_by_its_parts() {
    let sources = "method.request.header.X-User, method.request.querystring.tenant, context.stage";
    let guarded = Guarded::new(json!({"type": "REQUEST", "identitySource": sources})).await;
    let api = &guarded.api;
    assert_eq!(outcome(&api.call("GET /prod/pets/1?tenant=a").await), UNAUTHORIZED);
    let answer = api.call_with("GET /prod/pets/1?tenant=a", &[("x-user", "me")], "ignored").await;
    assert_eq!(body(&answer), "pet");
    let handled = api.world.sandbox.take_handled();
    let event: Value = serde_json::from_slice(&handled[0].event).expect("JSON");
    assert_eq!((&event["type"], &event["resource"]), (&json!("REQUEST"), &json!("/pets/{id}")));
    assert_eq!((&event["pathParameters"], event.get("body")), (&json!({"id": "1"}), None));
    for (line, asked) in [("GET /prod/pets/2?tenant=a", 0), ("GET /prod/pets/2?tenant=b", 1)] {
        api.call_with(line, &[("x-user", "me")], "").await;
        assert_eq!(guarded.asked(), asked, "{line}");
    }
}

#[tokio::test]
async fn a_guard_needs_a_permission_of_its_own() {
    let guarded = Guarded::new(Value::Null).await;
    let functions = guarded.api.world.functions();
    functions.remove_permission(&here(), "guard", None, None, "apis").expect("it was there");
    let failed = (500, r#"{"message":null}"#, Some("AuthorizerConfigurationException"));
    guarded.check("a", failed).await;
    let used = guarded.api.apis().delete_authorizer(&here(), &guarded.api.id, &guarded.authorizer);
    assert_eq!(used.expect_err("it is used").to_string(), "Authorizer is in use");
}
