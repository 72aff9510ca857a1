//! HTTP APIs: the management API, what functions see, and what callers get.

use serde_json::{Value, json};

use crate::{
    api::{Api, with},
    client::{Answer, request},
    world::World,
};

/// An HTTP API with the stage `$default`.
async fn open(settings: &Value) -> Api {
    let new = with(json!({"name": "shop", "protocolType": "HTTP"}), settings);
    let stage = json!({"stageName": "$default", "autoDeploy": true});
    Api::create_in(World::new().await, &new, &json!({"payloadFormatVersion": "2.0"}), &stage).await
}

impl Api {
    async fn route(&self, key: &str) -> Value {
        self.create("routes", &json!({"routeKey": key, "target": self.target})).await
    }

    async fn call(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = format!("{}.execute-api.us-east-1.localhost:4566", self.id);
        let text = request(line, headers, body).replace("host: localhost", &format!("host: {host}"));
        let mut client = self.world.client().await;
        client.send(&text).await;
        client.answer().await
    }
}

fn check_message(answer: &Answer, status: u16, message: &str) {
    assert_eq!((answer.status, answer.json()), (status, json!({"message": message})));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn documents_have_what_the_published_model_has() {
    let api = open(&json!({"corsConfiguration": {"allowOrigins": ["*"], "maxAge": 60}})).await;
    let shown = api.world.call(&format!("GET /v2/apis/{}", api.id), &json!({})).await;
    let expected = json!({
        "apiEndpoint": format!("http://{}.execute-api.us-east-1.localhost", api.id),
        "apiId": api.id,
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "corsConfiguration": {"allowOrigins": ["*"], "maxAge": 60},
        "createdDate": "1970-01-01T00:00:00Z",
        "disableExecuteApiEndpoint": false,
        "ipAddressType": "ipv4",
        "name": "shop",
        "protocolType": "HTTP",
        "routeSelectionExpression": "$request.method $request.path",
        "tags": {},
    });
    assert_eq!(shown.json(), expected);
    let route = api.route("GET /a").await;
    let expected = json!({
        "apiKeyRequired": false,
        "authorizationType": "NONE",
        "routeId": route["routeId"],
        "routeKey": "GET /a",
        "target": api.target,
    });
    assert_eq!(route, expected);
    let stage =
        api.world.call(&format!("GET /v2/apis/{}/stages/%24default", api.id), &json!({})).await.json();
    let message = format!(
        "Successfully deployed stage with deployment ID '{}'",
        stage["deploymentId"].as_str().expect("one")
    );
    let expected = json!({
        "autoDeploy": true,
        "createdDate": "1970-01-01T00:00:00Z",
        "defaultRouteSettings": {"detailedMetricsEnabled": false},
        "deploymentId": stage["deploymentId"],
        "lastDeploymentStatusMessage": message,
        "lastUpdatedDate": "1970-01-01T00:00:00Z",
        "routeSettings": {},
        "stageName": "$default",
        "stageVariables": {},
        "tags": {},
    });
    assert_eq!(stage, expected);
}

#[tokio::test]
async fn errors_are_of_the_classes_of_api_gateway() {
    let api = open(&json!({})).await;
    let check = async |line: &str, document: Value, status: u16, class: &str, message: &str| {
        let answer = api.world.call(&line.replace("API", &api.id), &document).await;
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (status, Some(class)),
            "{}",
            answer.body
        );
        let text = answer.json().to_string();
        assert!(text.contains(message), "{text}");
    };
    check(
        "GET /v2/apis/none",
        json!({}),
        404,
        "NotFoundException",
        "Invalid API identifier specified 000000000000:none",
    )
    .await;
    check("POST /v2/apis", json!({"name": 1}), 400, "BadRequestException", "Invalid request body").await;
    check(
        "POST /v2/apis/API/stages",
        json!({"stageName": "$default"}),
        409,
        "ConflictException",
        "Stage already exists",
    )
    .await;
    check(
        "POST /v2/apis/API/routes",
        json!({"routeKey": "/a"}),
        400,
        "BadRequestException",
        "not formatted properly",
    )
    .await;
    check(
        "POST /v2/apis/API/routes",
        json!({"routeKey": "GET /a", "apiKeyRequired": true}),
        501,
        "NotImplementedException",
        "apiKeyRequired",
    )
    .await;
    check("GET /v2/apis/API/models", json!({}), 501, "NotImplementedException", "does not have this part")
        .await;
    check("PUT /v2/apis/API", json!({}), 405, "MethodNotAllowedException", "takes GET, PATCH, DELETE").await;
}

#[tokio::test]
async fn resources_are_tagged_by_their_arns() {
    let api = open(&json!({"tags": {"a": "1"}})).await;
    let arn = format!("arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2F{}", api.id);
    let tagged = api.world.call(&format!("POST /v2/tags/{arn}"), &json!({"tags": {"b": "2"}})).await;
    assert_eq!((tagged.status, tagged.json()), (201, json!({})));
    let untagged = api.world.call(&format!("DELETE /v2/tags/{arn}?tagKeys=a"), &json!({})).await;
    assert_eq!(untagged.status, 204);
    let tags = api.world.call(&format!("GET /v2/tags/{arn}"), &json!({})).await;
    assert_eq!(tags.json(), json!({"tags": {"b": "2"}}));
}

#[tokio::test]
async fn a_request_reaches_its_function_by_host_and_by_path() {
    let api = open(&json!({})).await;
    api.route("ANY /echo/{id}").await;
    let answer = api.call("GET /echo/7?a=1", &[("X-One", "1"), ("X-One", "2")], "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("apigw-requestid").map(str::len), Some(16));
    let event = answer.json();
    assert_eq!((&event["routeKey"], &event["rawPath"]), (&json!("ANY /echo/{id}"), &json!("/echo/7")));
    assert_eq!(
        (&event["headers"]["x-one"], &event["headers"]["x-forwarded-port"]),
        (&json!("1,2"), &json!("4566"))
    );
    assert_eq!(event["requestContext"]["domainName"], format!("{}.execute-api.us-east-1.localhost", api.id));
    for path in ["", "/$default", "/%24default"] {
        let line = format!("GET /_aws/execute-api/{}{path}/echo/8", api.id);
        let answer = api.world.client().await.call(&line, &[], "").await;
        assert_eq!(answer.json()["pathParameters"], json!({"id": "8"}), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_a_function_returns_is_the_answer() {
    let api = open(&json!({})).await;
    api.route("$default").await;
    let returned = async |result: Value| {
        api.call("POST /return", &[("content-type", "application/json")], &result.to_string()).await
    };
    let answer = returned(json!({
        "statusCode": 201,
        "headers": {"X-Kind": "test"},
        "cookies": ["a=1", "b=2"],
        "body": "eA==",
        "isBase64Encoded": true,
    }))
    .await;
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-kind")), (201, "x", Some("test")));
    check_message(&returned(json!({"statusCode": "no"})).await, 500, "Internal Server Error");
    check_message(&api.call("GET /fail", &[], "").await, 500, "Internal Server Error");
    let head = returned(json!({"statusCode": 204})).await;
    assert_eq!((head.status, head.body.as_str()), (204, ""));
}

#[tokio::test]
async fn what_nobody_answers_is_not_found() {
    let api = open(&json!({})).await;
    api.route("GET /a").await;
    check_message(&api.call("GET /b", &[], "").await, 404, "Not Found");
    check_message(&api.call("POST /a", &[], "").await, 404, "Not Found");
    let answer = api.world.client().await.call("GET /_aws/execute-api/none/a", &[], "").await;
    check_message(&answer, 404, "Not Found");
}

#[tokio::test]
async fn too_many_and_too_much() {
    let api = open(&json!({})).await;
    api.route("ANY /a").await;
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    check_message(&api.call("POST /a", &[], &large).await, 413, "Request Entity Too Large");
    let line = format!("PATCH /v2/apis/{}/stages/%24default", api.id);
    let settings = json!({"defaultRouteSettings": {"throttlingBurstLimit": 1, "throttlingRateLimit": 1.0}});
    assert_eq!(api.world.call(&line, &settings).await.status, 200);
    assert_eq!(api.call("GET /a", &[], "").await.status, 200);
    check_message(&api.call("GET /a", &[], "").await, 429, "Too Many Requests");
}

#[tokio::test]
async fn tokens_are_asked_for() {
    let api = open(&json!({})).await;
    let authorizer = json!({
        "name": "tokens",
        "authorizerType": "JWT",
        "identitySource": ["$request.header.Authorization"],
        "jwtConfiguration": {"issuer": "https://issuer.example.com", "audience": ["shop"]},
    });
    let authorizer = api.create("authorizers", &authorizer).await;
    let route = json!({
        "routeKey": "GET /a",
        "target": api.target,
        "authorizationType": "JWT",
        "authorizerId": authorizer["authorizerId"],
    });
    api.create("routes", &route).await;
    let answer = api.call("GET /a", &[], "").await;
    check_message(&answer, 401, "Unauthorized");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let answer = api.call("GET /a", &[("authorization", "Bearer a.b.c")], "").await;
    check_message(&answer, 401, "Unauthorized");
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
}

#[tokio::test]
async fn an_api_answers_preflights_itself() {
    let cors = json!({
        "allowOrigins": ["http://shop.example"],
        "allowMethods": ["GET", "PUT"],
        "allowHeaders": ["x-one"],
        "exposeHeaders": ["x-two"],
        "allowCredentials": true,
        "maxAge": 60,
    });
    let api = open(&json!({"corsConfiguration": cors})).await;
    api.route("ANY /return").await;
    let origin = ("origin", "http://shop.example");
    let asks = [origin, ("access-control-request-method", "PUT")];
    let answer = api.call("OPTIONS /return", &asks, "").await;
    let headers = |answer: &Answer| {
        ["origin", "methods", "headers", "credentials"]
            .map(|name| answer.header(&format!("access-control-allow-{name}")).map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    let expected = [some("http://shop.example"), some("GET,PUT"), some("x-one"), some("true")];
    assert_eq!((answer.status, headers(&answer)), (204, expected));
    assert_eq!(answer.header("access-control-max-age"), Some("60"));

    let said = json!({"statusCode": 200, "headers": {"access-control-allow-origin": "*"}});
    let body = said.to_string();
    let answer = api.call("PUT /return", &[origin], &body).await;
    assert_eq!(headers(&answer)[0], some("http://shop.example"), "what the function says is replaced");
    assert_eq!(answer.header("access-control-expose-headers"), Some("x-two"));
    let answer = api.call("PUT /return", &[("origin", "http://other.example")], &body).await;
    assert_eq!(headers(&answer), [None, None, None, None]);
    let asks = [("origin", "http://other.example"), asks[1]];
    let answer = api.call("OPTIONS /return", &asks, "").await;
    assert_eq!((answer.status, headers(&answer)), (204, [None, None, None, None]));

    api.route("OPTIONS /return").await;
    let answer =
        api.call("OPTIONS /return", &[origin, ("access-control-request-method", "PUT")], &body).await;
    assert_eq!(answer.status, 200, "a route of its own answers");
}
