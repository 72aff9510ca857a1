//! Function URLs: who may call them, what functions see, and what callers get.

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, request},
    world::World,
};

const CONFIGURATION: &str = "/2021-10-31/functions/hello/url";
const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                         https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// A URL of a running world.
struct Url {
    host: String,
    world: World,
}

impl Url {
    /// Of `hello`, for everybody.
    async fn open() -> Self {
        let url = Self::with(&json!({"AuthType": "NONE"})).await;
        url.allow("").await;
        url
    }

    async fn with(configuration: &Value) -> Self {
        let world = World::new().await;
        let created = world.call(&format!("POST {CONFIGURATION}"), configuration).await;
        assert_eq!(created.status, 201, "{}", created.body);
        Self { host: host(&created.json()), world }
    }

    /// Lets everybody call it.
    async fn allow(&self, query: &str) {
        let permission = json!({
            "StatementId": "url",
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        });
        let line = format!("POST /2015-03-31/functions/hello/policy{query}");
        assert_eq!(self.world.call(&line, &permission).await.status, 201);
    }

    fn id(&self) -> &str {
        &self.host[..32]
    }

    async fn call(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let text = request(line, headers, body).replace("host: localhost", &format!("host: {}", self.host));
        let mut client: Client = self.world.client().await;
        client.send(&text).await;
        client.answer().await
    }

    /// What a caller gets if this is what the function returns.
    async fn returning(&self, result: &str) -> Answer {
        self.call("POST /return", &[("content-type", "application/json")], result).await
    }
}

fn host(configuration: &Value) -> String {
    let url = configuration["FunctionUrl"].as_str().expect("a URL");
    url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect("a URL").to_owned()
}

fn check_forbidden(answer: &Answer, message: Option<&str>) {
    assert_eq!((answer.status, answer.json()), (403, json!({"Message": message})));
    assert_eq!(answer.header("x-amzn-errortype"), Some("AccessDeniedException"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_request_becomes_an_event() {
    let url = Url::open().await;
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
        ("Cookie", "a=1; b=2"),
        ("User-Agent", "test/echo"),
        ("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ];
    let answer = url.call("POST /pa2%2Fth/1?q=query&multiQuery=foo&multiQuery=%2Fbar", &headers, "{}").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let mut event = answer.json();
    let context = event["requestContext"].take();
    let trace = event["headers"]["x-amzn-trace-id"].take();
    assert_eq!(trace, "Root=1-5759e988-bd862e3fe1be46a994272793");
    let expected = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/pa2%2Fth/1",
        "rawQueryString": "q=query&multiQuery=foo&multiQuery=%2Fbar",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "content-length": "2",
            "content-type": "application/json",
            "cookie": "a=1; b=2",
            "host": url.host,
            "user-agent": "test/echo",
            "x-amzn-trace-id": null,
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "80",
            "x-forwarded-proto": "http",
            "x-twice": "1,2",
        },
        "queryStringParameters": {"multiQuery": "foo,/bar", "q": "query"},
        "requestContext": null,
        "body": "{}",
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
    let domain = format!("{}.lambda-url.us-east-1.localhost", url.id());
    assert_eq!(context["domainName"], domain);
    assert_eq!((&context["apiId"], &context["accountId"]), (&json!(url.id()), &json!("anonymous")));
    assert_eq!(context["time"], "01/Jan/1970:00:00:00 +0000");
    let begun = answer.header("x-amzn-trace-id").expect("a trace");
    assert!(begun.starts_with("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="), "{begun}");
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
}

#[tokio::test]
async fn what_a_function_returns_becomes_an_answer() {
    let url = Url::open().await;
    let answer = url.returning(r#"{"hello": "world"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"hello":"world"}"#));
    assert_eq!(
        (answer.header("content-type"), answer.header("content-length")),
        (Some("application/json"), Some("17"))
    );
    assert_eq!(url.returning("\"hello\"").await.body, "hello");

    let described = json!({
        "statusCode": 418,
        "headers": {"Content-Type": "image/png", "X-Some": "thing"},
        "cookies": ["a=1", "b=2"],
        "body": "UE5H",
        "isBase64Encoded": true,
    });
    let answer = url.returning(&described.to_string()).await;
    assert_eq!((answer.status, answer.body.as_str()), (418, "PNG"));
    assert_eq!((answer.header("content-type"), answer.header("x-some")), (Some("image/png"), Some("thing")));
    assert_eq!(answer.headers("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(url.returning(r#"{"statusCode": 204, "body": "x"}"#).await.body, "");
}

#[tokio::test]
async fn a_function_that_fails_is_an_internal_error() {
    let url = Url::open().await;
    for answer in [
        url.call("GET /fail", &[], "").await,
        url.returning(r#"{"statusCode": 200, "body": {}}"#).await,
        url.returning(r#"{"statusCode": 99}"#).await,
        url.returning("no json").await,
    ] {
        assert_eq!((answer.status, answer.body.as_str()), (502, "Internal Server Error"));
        assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    }
    let off = json!({"ReservedConcurrentExecutions": 0});
    url.world.call("PUT /2017-10-31/functions/hello/concurrency", &off).await;
    let throttled = url.call("GET /", &[], "").await;
    assert_eq!(
        (throttled.status, throttled.header("x-amzn-errortype")),
        (429, Some("TooManyRequestsException"))
    );
}

#[tokio::test]
async fn a_url_is_closed_until_its_policy_opens_it() {
    let url = Url::with(&json!({"AuthType": "NONE"})).await;
    check_forbidden(&url.call("GET /", &[], "").await, Some(FORBIDDEN));
    url.allow("").await;
    assert_eq!(url.call("GET /", &[], "").await.status, 200);
    let line = "DELETE /2015-03-31/functions/hello/policy/url";
    assert_eq!(url.world.call(line, &Value::Null).await.status, 204);
    check_forbidden(&url.call("GET /", &[], "").await, Some(FORBIDDEN));

    let nobody = Url { host: url.host.replace(url.id(), &"0".repeat(32)), world: url.world };
    check_forbidden(&nobody.call("GET /", &[], "").await, None);
}

#[tokio::test]
async fn a_url_for_signed_requests_is_open_to_its_own_account() {
    let url = Url::with(&json!({"AuthType": "AWS_IAM"})).await;
    check_forbidden(&url.call("GET /", &[], "").await, Some(FORBIDDEN));
    let signed = |key: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00"
        )
    };
    let own = signed("AKIDEXAMPLE");
    let answer = url.call("GET /", &[("Authorization", &own)], "").await;
    let context = answer.json()["requestContext"].take();
    assert_eq!(
        (&context["accountId"], &context["authorizer"]["iam"]["accessKey"]),
        (&json!("000000000000"), &json!("AKIDEXAMPLE"))
    );
    let presigned = url
        .call("GET /?X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Fus-east-1%2Flambda%2Faws4_request", &[], "")
        .await;
    assert_eq!(presigned.status, 200);

    let other = signed("123456789012");
    check_forbidden(&url.call("GET /", &[("Authorization", &other)], "").await, Some(FORBIDDEN));
    let permission = json!({
        "StatementId": "other",
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "123456789012",
        "FunctionUrlAuthType": "AWS_IAM",
    });
    let line = "POST /2015-03-31/functions/hello/policy";
    assert_eq!(url.world.call(line, &permission).await.status, 201);
    assert_eq!(url.call("GET /", &[("Authorization", &other)], "").await.status, 200);
}

#[tokio::test]
async fn an_aliass_url_is_closed_with_the_alias() {
    let world = World::new().await;
    let alias = json!({"Name": "live", "FunctionVersion": "$LATEST"});
    assert_eq!(world.call("POST /2015-03-31/functions/hello/aliases", &alias).await.status, 201);
    let line = format!("POST {CONFIGURATION}?Qualifier=live");
    let created = world.call(&line, &json!({"AuthType": "NONE"})).await;
    let url = Url { host: host(&created.json()), world };
    url.allow("?Qualifier=live").await;
    assert_eq!(url.call("GET /", &[], "").await.status, 200);
    let line = "DELETE /2015-03-31/functions/hello/aliases/live";
    assert_eq!(url.world.call(line, &Value::Null).await.status, 204);
    check_forbidden(&url.call("GET /", &[], "").await, Some(FORBIDDEN));
}

#[tokio::test]
async fn a_path_does_for_clients_without_names() {
    let url = Url::open().await;
    let path = format!("GET /_hearth/url/{}/a/b?c=d", url.id());
    let event = url.world.client().await.call(&path, &[], "").await.json();
    assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/a/b"), &json!("c=d")));
    let root = url.world.client().await.get(&format!("/_hearth/url/{}", url.id())).await;
    assert_eq!(root.json()["rawPath"], "/");
}

#[tokio::test]
async fn pages_of_other_origins_are_answered_as_configured() {
    let cors = json!({
        "AllowOrigins": ["https://example.com"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["x-one", "x-two"],
        "ExposeHeaders": ["x-three"],
        "AllowCredentials": true,
        "MaxAge": 60,
    });
    let url = Url::with(&json!({"AuthType": "NONE", "Cors": cors})).await;
    url.allow("").await;
    let page = ("Origin", "https://example.com");
    let preflight = url.call("OPTIONS /", &[page, ("Access-Control-Request-Method", "POST")], "").await;
    assert_eq!((preflight.status, preflight.body.as_str()), (200, ""));
    for (name, value) in [
        ("access-control-allow-origin", "https://example.com"),
        ("access-control-allow-methods", "GET,POST"),
        ("access-control-allow-headers", "x-one,x-two"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "60"),
        ("vary", "Origin"),
    ] {
        assert_eq!(preflight.header(name), Some(value), "{name}");
    }
    let own =
        json!({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://handler.example"}})
            .to_string();
    let answer = url.call("POST /return", &[page, ("content-type", "application/json")], &own).await;
    assert_eq!(answer.headers("access-control-allow-origin"), ["https://example.com"]);
    assert_eq!(answer.header("access-control-expose-headers"), Some("x-three"));
    for other in [
        url.call("GET /", &[("Origin", "https://other.example")], "").await,
        url.call("OPTIONS /", &[("Origin", "null"), ("Access-Control-Request-Method", "GET")], "").await,
    ] {
        assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    }

    let all = json!({"Cors": {"AllowOrigins": ["*"], "AllowMethods": ["*"]}});
    assert_eq!(url.world.call(&format!("PUT {CONFIGURATION}"), &all).await.status, 200);
    let preflight = url.call("OPTIONS /", &[page, ("Access-Control-Request-Method", "PUT")], "").await;
    let given =
        (preflight.header("access-control-allow-origin"), preflight.header("access-control-allow-methods"));
    assert_eq!((given, preflight.header("vary")), ((Some("*"), Some("*")), None));
}

#[tokio::test]
async fn without_sharing_the_handler_answers_preflights() {
    let url = Url::open().await;
    let headers = [("Origin", "https://example.com"), ("Access-Control-Request-Method", "POST")];
    let answer = url.call("OPTIONS /a", &headers, "").await;
    assert_eq!(answer.json()["requestContext"]["http"]["method"], "OPTIONS");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let url = Url::open().await;
    let answer = url.call("POST /", &[], &"x".repeat(7 * 1024 * 1024)).await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (413, Some("RequestTooLargeException")));
}
