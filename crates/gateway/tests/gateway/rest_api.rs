//! REST APIs: their management API on the wire, and calls over HTTP.

use serde_json::{Value, json};

use crate::{
    client::{Answer, request},
    world::World,
};

const SIGNED: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0",
);

/// A world with an API that gives all calls of `prod` to `hello`.
struct Api {
    world: World,
    id: String,
}

impl Api {
    async fn new() -> Self {
        let world = World::new().await;
        let created = manage(&world, "POST /restapis", &json!({"name": "shop"})).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let (id, root) = (text(&created, "id"), text(&created, "rootResourceId"));
        let api = Self { world, id };
        let proxy = api.manage(&format!("POST /resources/{root}"), &json!({"pathPart": "{proxy+}"})).await;
        assert_eq!(proxy.status, 201, "{}", proxy.body);
        let method = format!("PUT /resources/{}/methods/ANY", text(&proxy, "id"));
        let put = api.manage(&method, &json!({"authorizationType": "NONE"})).await;
        assert_eq!((put.status, put.json()["httpMethod"].take()), (201, json!("ANY")), "{}", put.body);
        let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:hello/invocations";
        let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "credentials": "arn:aws:iam::000000000000:role/a"});
        let put = api.manage(&format!("{method}/integration"), &integration).await;
        assert_eq!(put.status, 201, "{}", put.body);
        let deployed = api.manage("POST /deployments", &json!({"stageName": "prod"})).await;
        assert_eq!(deployed.status, 201, "{}", deployed.body);
        api
    }

    /// Sends a request about what belongs to the API.
    async fn manage(&self, line: &str, document: &Value) -> Answer {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        manage(&self.world, &format!("{method} /restapis/{}{path}", self.id), document).await
    }

    async fn call(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = format!("host: {}.execute-api.us-east-1.localhost:4566", self.id);
        let text = request(line, headers, body).replace("host: localhost", &host);
        let mut client = self.world.client().await;
        client.send(&text).await;
        client.answer().await
    }
}

async fn manage(world: &World, line: &str, document: &Value) -> Answer {
    let body = if document.is_null() { String::new() } else { document.to_string() };
    world.client().await.call(line, &[SIGNED], &body).await
}

fn text(answer: &Answer, member: &str) -> String {
    answer.json()[member].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_function_answers_calls() {
    let api = Api::new().await;
    let returned =
        json!({"statusCode": 201, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "body": "made"});
    let answer = api.call("POST /prod/return", &[], &returned.to_string()).await;
    assert_eq!((answer.status, answer.body.as_str()), (201, "made"));
    assert_eq!(answer.headers("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(answer.header("x-amz-apigw-id").map(str::len), Some(16));
    assert!(answer.header("x-amzn-trace-id").is_some_and(|trace| trace.starts_with("Root=1-")));
    assert_eq!(answer.header("x-amzn-errortype"), None);
    let path = format!("POST /_aws/execute-api/{}/prod/return", api.id);
    let answer = api.world.client().await.call(&path, &[], r#"{"body": "by path"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "by path"));
}

#[tokio::test]
async fn who_gets_no_answer_is_told_why() {
    let api = Api::new().await;
    let check = |answer: &Answer, status: u16, body: &str, error_type: &str| {
        assert_eq!((answer.status, answer.body.as_str()), (status, body));
        assert_eq!(answer.header("x-amzn-errortype"), Some(error_type));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    };
    let answer = api.call("GET /prod", &[], "").await;
    check(
        &answer,
        403,
        r#"{"message":"Missing Authentication Token"}"#,
        "MissingAuthenticationTokenException",
    );
    let answer = api.call("GET /other/a", &[], "").await;
    check(&answer, 403, r#"{"message":"Forbidden"}"#, "ForbiddenException");
    // It gives its event back, which is no answer.
    let answer = api.call("GET /prod/a", &[], "").await;
    check(&answer, 502, r#"{"message": "Internal server error"}"#, "InternalServerErrorException");
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    let answer = api.call("POST /prod/a", &[], &large).await;
    let message = r#"{"message":"HTTP content length exceeded 10485760 bytes."}"#;
    check(&answer, 413, message, "RequestTooLargeException");
}

#[tokio::test]
async fn documents_are_shown_and_changed() {
    let api = Api::new().await;
    let shown = api.manage("GET ", &Value::Null).await;
    assert_eq!((shown.status, text(&shown, "name")), (200, "shop".to_owned()));
    let patch = json!({"patchOperations": [{"op": "replace", "path": "/name", "value": "store"}]});
    assert_eq!(text(&api.manage("PATCH ", &patch).await, "name"), "store");
    let resources = api.manage("GET /resources?limit=1", &Value::Null).await.json();
    assert_eq!((&resources["item"][0]["path"], &resources["position"]), (&json!("/"), &json!("/")));
    let resources = api.manage("GET /resources?position=%2F", &Value::Null).await.json();
    assert_eq!(resources["item"][0]["resourceMethods"], json!({"ANY": {}}));
    let resources = api.manage("GET /resources?embed=methods", &Value::Null).await.json();
    let integration = &resources["item"][1]["resourceMethods"]["ANY"]["methodIntegration"];
    assert_eq!(integration["type"], "AWS_PROXY");
    let arn = format!("arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{}", api.id);
    let tagged = manage(&api.world, &format!("PUT /tags/{arn}"), &json!({"tags": {"a": "b"}})).await;
    assert_eq!(tagged.status, 204);
    let tags = manage(&api.world, &format!("GET /tags/{arn}"), &Value::Null).await;
    assert_eq!(tags.json(), json!({"tags": {"a": "b"}}));
    assert_eq!(api.manage("DELETE ", &Value::Null).await.status, 202);
    let gone = api.manage("GET ", &Value::Null).await;
    let message = format!("Invalid API identifier specified 000000000000:{}", api.id);
    assert_eq!((gone.status, text(&gone, "message")), (404, message));
    assert_eq!(gone.header("x-amzn-errortype"), Some("NotFoundException"));
}

#[tokio::test]
async fn what_hearth_does_not_have_is_refused_by_name() {
    let api = Api::new().await;
    let check = |answer: &Answer, status: u16, expected: &str| {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(expected), "{}", answer.body);
    };
    let policy = json!({"name": "a", "policy": "{}"});
    check(&manage(&api.world, "POST /restapis", &policy).await, 400, "unknown field `policy`");
    check(&manage(&api.world, "POST /restapis?mode=import", &Value::Null).await, 501, "POST /restapis");
    check(&manage(&api.world, "GET /domainnames", &Value::Null).await, 501, "GET /domainnames");
    check(&api.manage("GET /documentation/parts", &Value::Null).await, 501, "documentation/parts");
    // Without a signature it is a bucket's name.
    let answer = api.world.client().await.get("/restapis").await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert!(answer.body.contains("NoSuchBucket"), "{}", answer.body);
}
