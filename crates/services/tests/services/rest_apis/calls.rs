//! Calls that functions and mocks answer, and those that they do not.

use hearth_services::apigateway::v1::MethodPlace;
use serde_json::{Value, json};

use super::{Api, body, header, integration, outcome, patch, read};
use crate::world::here;

const INTERNAL: &str = r#"{"message": "Internal server error"}"#;
const INTERNAL_TYPE: Option<&str> = Some("InternalServerErrorException");

#[tokio::test]
async fn the_most_specific_resource_gets_the_call() {
    let api = Api::new().await;
    for (method, path) in [
        ("ANY", "/{proxy+}"),
        ("GET", "/pets"),
        ("GET", "/pets/{id}"),
        ("ANY", "/pets/{id}/toys"),
        ("GET", "/"),
    ] {
        api.put(method, path, Value::Null);
    }
    api.deploy();
    api.says(&json!({"statusCode": 200}));
    for (line, resource, parameters) in [
        ("GET /prod", "/", Value::Null),
        ("GET /prod/", "/", Value::Null),
        ("GET /prod/pets", "/pets", Value::Null),
        ("GET /prod/pets/", "/pets", Value::Null),
        ("GET /prod/pets/1", "/pets/{id}", json!({"id": "1"})),
        ("PUT /prod/pets/1/toys", "/pets/{id}/toys", json!({"id": "1"})),
        ("DELETE /prod/pets/1", "/{proxy+}", json!({"proxy": "pets/1"})),
        ("GET /prod/a/b/c", "/{proxy+}", json!({"proxy": "a/b/c"})),
    ] {
        assert_eq!(api.call(line).await.answer.status, 200, "{line}");
        let event = api.event("orders");
        assert_eq!((&event["resource"], &event["pathParameters"]), (&json!(resource), &parameters), "{line}");
    }
    let token =
        (403, r#"{"message":"Missing Authentication Token"}"#, Some("MissingAuthenticationTokenException"));
    assert_eq!(outcome(&api.call("POST /prod").await), token);
    let forbidden = (403, r#"{"message":"Forbidden"}"#, Some("ForbiddenException"));
    assert_eq!(outcome(&api.call("GET /other/pets").await), forbidden);
}

/// The paths of `test_lambda_aws_proxy_integration`, as recorded.
#[tokio::test]
async fn paths_are_told_as_recorded() {
    let api = Api::new().await;
    api.put("ANY", "/{proxy+}", Value::Null);
    api.put("ANY", "/hardcoded", Value::Null);
    api.deploy();
    api.says(&json!({}));
    let encoded = "proxy-value/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com";
    for (sent, path, proxy, full) in [
        ("/proxy-value", "/proxy-value", Some("proxy-value"), "/prod/proxy-value"),
        ("/proxy-value/", "/proxy-value/", Some("proxy-value"), "/prod/proxy-value/"),
        (
            "/proxy-value//double-slash",
            "/proxy-value//double-slash",
            Some("proxy-value//double-slash"),
            "/prod/proxy-value//double-slash",
        ),
        ("//proxy-value", "/proxy-value", Some("proxy-value"), "/prod//proxy-value"),
        (&format!("/{encoded}"), &format!("/{encoded}"), Some(encoded), &format!("/prod/{encoded}")),
        ("//hardcoded", "/hardcoded", None, "/prod//hardcoded"),
    ] {
        api.call(&format!("GET /prod{sent}")).await;
        let event = api.event("orders");
        assert_eq!(event["path"], path, "{sent}");
        assert_eq!(event["pathParameters"].get("proxy").and_then(Value::as_str), proxy, "{sent}");
        assert_eq!(event["requestContext"]["path"], full, "{sent}");
    }
}

#[tokio::test]
async fn a_function_learns_what_the_front_knows() {
    let api = Api::new().await;
    api.put("POST", "/pets/{id}", json!({"operationName": "AddPet"}));
    api.deploy();
    api.patch_stage(&[("replace", "/variables/table", "pets")]);
    api.says(&json!({"statusCode": 201, "headers": {"X-One": "1"}, "body": "made"}));
    let headers =
        [("content-type", "application/json"), ("content-length", "2"), ("x-twice", "1"), ("x-twice", "2")];
    let answer = api.call_with("POST /prod/pets/7?a=1&a=2", &headers, "{}").await;
    assert_eq!(outcome(&answer), (201, "made", None));
    assert_eq!(
        (header(&answer, "x-one"), header(&answer, "content-type")),
        (Some("1"), Some("application/json"))
    );
    assert_eq!(answer.extended_request_id.len(), 16);
    let event = api.event("orders");
    assert_eq!(event["headers"], json!({"Content-Type": "application/json", "x-twice": "2"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"a": ["1", "2"]}));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    assert_eq!(event["stageVariables"], json!({"table": "pets"}));
    let context = &event["requestContext"];
    assert_eq!((&context["stage"], &context["operationName"]), (&json!("prod"), &json!("AddPet")));
    assert_eq!((&context["apiId"], &context["httpMethod"]), (&json!(api.id), &json!("POST")));
    assert_eq!(context["extendedRequestId"], answer.extended_request_id);
}

#[tokio::test]
async fn functions_that_give_no_answer() {
    let api = Api::new().await;
    api.put("ANY", "/{proxy+}", Value::Null);
    api.deploy();
    for commands in ["fail ValueError", "crash", r#"echo "text""#, "echo null", r#"echo {"other": 1}"#] {
        api.does(commands);
        assert_eq!(outcome(&api.call("GET /prod/a").await), (502, INTERNAL, INTERNAL_TYPE), "{commands}");
    }
    let functions = api.world.functions();
    functions.remove_permission(&here(), "orders", None, None, "apis").expect("it was there");
    api.says(&json!({}));
    assert_eq!(outcome(&api.call("GET /prod/a").await), (500, INTERNAL, INTERNAL_TYPE));
}

#[tokio::test]
async fn a_function_that_is_throttled_is_an_internal_error() {
    let api = Api::new().await;
    api.put("ANY", "/{proxy+}", Value::Null);
    api.deploy();
    api.world.functions().reserve(&here(), "orders", Some(0)).expect("it can be off");
    assert_eq!(outcome(&api.call("GET /prod/a").await), (500, INTERNAL, INTERNAL_TYPE));
}

#[tokio::test]
async fn a_function_has_29_seconds() {
    let api = Api::new().await;
    api.put("ANY", "/{proxy+}", Value::Null);
    api.deploy();
    api.does("hang");
    let call = api.call("GET /prod/a");
    let advance = async {
        tokio::task::yield_now().await;
        api.world.advance(29).await;
    };
    let (answer, ()) = tokio::join!(call, advance);
    assert_eq!(answer.answer.status, 502, "the function's own timeout of 3 seconds comes first");
    let place = api.resource("/{proxy+}");
    let place = MethodPlace { api: &api.id, resource: &place, method: "ANY" };
    let shorter = patch(&[("replace", "/timeoutInMillis", "50")]);
    api.apis().update_integration(&here(), place, &shorter).expect("it can be shorter");
    api.deploy();
    let call = api.call("GET /prod/a");
    let advance = async {
        tokio::task::yield_now().await;
        api.world.advance(1).await;
    };
    let (answer, ()) = tokio::join!(call, advance);
    assert_eq!(outcome(&answer), (504, r#"{"message": "Endpoint request timed out"}"#, INTERNAL_TYPE));
}

#[tokio::test]
async fn a_stage_serves_what_was_deployed() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    api.deploy();
    api.says(&json!({}));
    api.put("GET", "/b", Value::Null);
    assert_eq!(api.call("GET /prod/b").await.answer.status, 403);
    api.deploy();
    assert_eq!(api.call("GET /prod/b").await.answer.status, 200);
    api.apis().delete_resource(&here(), &api.id, &api.resource("/a")).expect("it was there");
    assert_eq!(api.call("GET /prod/a").await.answer.status, 200);
    let off = patch(&[("replace", "/disableExecuteApiEndpoint", "true")]);
    api.apis().update_api(&here(), &api.id, &off).expect("it can be off");
    assert_eq!(api.call("GET /prod/a").await.answer.status, 403);
}

#[tokio::test]
async fn stage_variables_name_functions() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    let resource = api.resource("/a");
    let place = MethodPlace { api: &api.id, resource: &resource, method: "GET" };
    let named = read(integration("${stageVariables.function}"));
    api.apis().put_integration(&here(), place, named).expect("an integration");
    api.deploy();
    api.says(&json!({"body": "mine"}));
    assert_eq!(outcome(&api.call("GET /prod/a").await), (500, INTERNAL, INTERNAL_TYPE));
    api.patch_stage(&[("replace", "/variables/function", "orders")]);
    assert_eq!(body(&api.call("GET /prod/a").await), "mine");
}

#[tokio::test]
async fn bodies_are_binary_if_their_types_are() {
    let api = Api::new().await;
    api.put("ANY", "/a", Value::Null);
    let binary = patch(&[("add", "/binaryMediaTypes/image~1png", "")]);
    api.apis().update_api(&here(), &api.id, &binary).expect("it is changed");
    api.deploy();
    api.says(&json!({"body": "UE5H", "isBase64Encoded": true}));
    for (content_type, accept, sent, received) in [
        ("image/png", "image/png", "UE5H", "PNG"),
        ("text/plain", "image/png;q=0.8, text/html", "PNG", "PNG"),
        ("image/png; a=b", "text/html, image/png", "UE5H", "UE5H"),
        ("text/plain", "*/*", "PNG", "UE5H"),
    ] {
        let headers = [("content-type", content_type), ("accept", accept)];
        let answer = api.call_with("POST /prod/a", &headers, "PNG").await;
        assert_eq!(body(&answer), received, "{content_type} {accept}");
        assert_eq!(api.event("orders")["body"], sent, "{content_type} {accept}");
    }
}

#[tokio::test]
async fn a_mock_answers_preflights() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    let resource = api.resource("/a");
    let place = MethodPlace { api: &api.id, resource: &resource, method: "OPTIONS" };
    api.apis().put_method(&here(), place, read(json!({"authorizationType": "NONE"}))).expect("a method");
    let mock = json!({"type": "MOCK", "requestTemplates": {"application/json": "{ statusCode: 204 }"}});
    api.apis().put_integration(&here(), place, read(mock)).expect("an integration");
    let response = json!({
        "responseParameters": {
            "method.response.header.Access-Control-Allow-Origin": "'*'",
            "method.response.header.Access-Control-Allow-Headers": "'Content-Type,Authorization'",
        },
    });
    api.apis().put_integration_response(&here(), place, "204", read(response)).expect("an answer");
    api.deploy();
    let answer = api.call("OPTIONS /prod/a").await;
    assert_eq!(outcome(&answer), (204, "", None));
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&answer, "access-control-allow-headers"), Some("Content-Type,Authorization"));
    assert_eq!(api.world.handled("orders").len(), 0);
}

#[tokio::test]
async fn owners_say_what_errors_look_like() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    let mine = json!({
        "statusCode": "404",
        "responseParameters": {
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            "gatewayresponse.header.X-Agent": "method.request.header.User-Agent",
            "gatewayresponse.header.X-None": "method.request.querystring.none",
        },
        "responseTemplates": {
            "application/json":
                r#"{"m":$context.error.messageString,"t":"$context.error.responseType","s":"$context.stage"}"#,
            "text/plain": "no: $context.error.message",
        },
    });
    let apis = api.apis();
    apis.put_gateway_response(&here(), &api.id, "MISSING_AUTHENTICATION_TOKEN", read(mine))
        .expect("it is set");
    let class = json!({"responseTemplates": {"application/json": "{\"e\":$context.error.messageString}"}});
    apis.put_gateway_response(&here(), &api.id, "DEFAULT_5XX", read(class)).expect("it is set");
    api.deploy();
    let answer = api.call_with("GET /prod/b", &[("user-agent", "me")], "").await;
    let expected = r#"{"m":"Missing Authentication Token","t":"MISSING_AUTHENTICATION_TOKEN","s":"prod"}"#;
    assert_eq!(outcome(&answer), (404, expected, Some("MissingAuthenticationTokenException")));
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!((header(&answer, "x-agent"), header(&answer, "x-none")), (Some("me"), None));
    let answer = api.call_with("GET /prod/b", &[("accept", "text/plain")], "").await;
    assert_eq!(
        (body(&answer), header(&answer, "content-type")),
        ("no: Missing Authentication Token", Some("text/plain"))
    );
    api.does("crash");
    let answer = api.call("GET /prod/a").await;
    assert_eq!(outcome(&answer), (502, r#"{"e":"Internal server error"}"#, INTERNAL_TYPE));
}

#[tokio::test]
async fn parameters_that_must_be_there_are_missed() {
    let api = Api::new().await;
    let validator = json!({"name": "parameters", "validateRequestParameters": true});
    let validator = api.apis().create_validator(&here(), &api.id, read(validator)).expect("a validator").id;
    let parameters = json!({
        "method.request.querystring.page": true,
        "method.request.header.X-Tenant": true,
        "method.request.querystring.size": false,
    });
    api.put("GET", "/a", json!({"requestValidatorId": validator, "requestParameters": parameters}));
    api.deploy();
    api.says(&json!({}));
    let answer = api.call("GET /prod/a?page=1").await;
    let expected = r#"{"message":"Missing required request parameters: [X-Tenant]"}"#;
    assert_eq!(outcome(&answer), (400, expected, Some("BadRequestException")));
    let answer = api.call_with("GET /prod/a?page=1", &[("x-tenant", "me")], "").await;
    assert_eq!(answer.answer.status, 200);
}

#[tokio::test]
async fn methods_are_throttled() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    api.put("GET", "/b/{id}", Value::Null);
    api.deploy();
    api.says(&json!({}));
    api.patch_stage(&[
        ("replace", "/*/*/throttling/burstLimit", "2"),
        ("replace", "/*/*/throttling/rateLimit", "1"),
        ("replace", "/~1b~1{id}/GET/throttling/burstLimit", "1"),
        ("replace", "/~1b~1{id}/GET/throttling/rateLimit", "0.1"),
    ]);
    let mut statuses = Vec::new();
    for line in ["GET /prod/a", "GET /prod/a", "GET /prod/a", "GET /prod/b/1", "GET /prod/b/1"] {
        statuses.push(api.call(line).await.answer.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429, 200, 429]);
    let refused = api.call("GET /prod/a").await;
    let expected = (429, r#"{"message":"Too Many Requests"}"#, Some("TooManyRequestsException"));
    assert_eq!(outcome(&refused), expected);
    api.world.advance(1).await;
    assert_eq!(api.call("GET /prod/a").await.answer.status, 200);
    assert_eq!(api.call("GET /prod/b/1").await.answer.status, 429);
}
