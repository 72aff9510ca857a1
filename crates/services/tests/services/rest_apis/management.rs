//! What owners do with REST APIs; refusals are AWS's where one was recorded.

use hearth_services::apigateway::v1::{MethodPlace, PageRequest, Refusal, document::NewRestApi};
use serde_json::{Value, json};

use super::{Api, integration, patch, read};
use crate::world::{World, here};

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>, expected: &str) {
    assert_eq!(result.expect_err("it is refused").to_string(), expected);
}

#[tokio::test]
async fn an_api_is_a_document() {
    let world = World::new();
    let apis = world.services.rest_apis();
    let new: NewRestApi = read(json!({"name": "shop", "tags": {"a": "b"}}));
    let created = apis.create_api(&here(), new).expect("an API");
    let document = serde_json::to_value(&created).expect("JSON");
    let expected = json!({
        "id": created.id,
        "name": "shop",
        "createdDate": 1_709_572_958,
        "apiKeySource": "HEADER",
        "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "tags": {"a": "b"},
        "disableExecuteApiEndpoint": false,
        "rootResourceId": created.root_resource_id,
    });
    assert_eq!(document, expected);
    assert_eq!(apis.api(&here(), &created.id), Ok(created.clone()));
    let operations = patch(&[
        ("add", "/binaryMediaTypes/image~1png", ""),
        ("add", "/binaryMediaTypes/image~1jpeg", ""),
        ("replace", "/name", "other"),
        ("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"),
    ]);
    let updated = apis.update_api(&here(), &created.id, &operations).expect("it is changed");
    assert_eq!(
        (updated.name.as_str(), updated.endpoint_configuration.types),
        ("other", vec!["REGIONAL".to_owned()])
    );
    assert_eq!(updated.binary_media_types, ["image/png", "image/jpeg"]);
    apis.delete_api(&here(), &created.id).expect("it was there");
    let message = format!("Invalid API identifier specified 000000000000:{}", created.id);
    refused(apis.api(&here(), &created.id), &message);
}

#[tokio::test]
async fn apis_that_cannot_be() {
    let world = World::new();
    let create = |document: Value| world.services.rest_apis().create_api(&here(), read(document));
    refused(create(json!({"name": "a", "description": ""})), "Description cannot be an empty string");
    let types = |types: &[&str]| json!({"name": "a", "endpointConfiguration": {"types": types}});
    refused(create(types(&[])), "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
    refused(create(types(&["EDGE", "REGIONAL"])), "Cannot create an api with multiple Endpoint Types.");
    refused(
        create(types(&["wrong"])),
        "1 validation error detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy \
         constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]",
    );
    let private =
        json!({"name": "a", "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}});
    refused(create(private), "Only dualstack ipAddressType is supported for Private APIs.");
    let unsupported = serde_json::from_value::<NewRestApi>(json!({"name": "a", "policy": "{}"}));
    assert!(unsupported.expect_err("unsupported").to_string().contains("unknown field `policy`"));
}

/// `test_resource_lifecycle`, `test_update_resource_behaviour` and `test_create_proxy_resource_validation`, as recorded.
#[tokio::test]
async fn resources_are_a_tree() {
    let api = Api::new().await;
    let (apis, root) = (api.apis(), api.resource("/"));
    let create = |parent: &str, part: &str| apis.create_resource(&here(), &api.id, parent, part);
    let update = |id: &str, op: &str, path: &str, value: &str| {
        apis.update_resource(&here(), &api.id, id, &patch(&[(op, path, value)]))
    };
    let pets = create(&root, "pets").expect("a resource").id;
    let below = create(&pets, "subpets").expect("a resource");
    assert_eq!(below.path, "/pets/subpets");
    assert_eq!(update(&pets, "replace", "/pathPart", "dogs").expect("it is renamed").path, "/dogs");
    assert_eq!(apis.resource(&here(), &api.id, &below.id).expect("it is there").path, "/dogs/subpets");
    refused(create("unknown", "a"), "Invalid Resource identifier specified");
    refused(create(&root, "dogs"), "Another resource with the same parent already has this name: dogs");
    refused(update(&pets, "replace", "/parentId", &below.id), "Resources cannot be cyclical.");
    refused(
        update(&pets, "replace", "/invalid", "a"),
        "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
    );
    refused(
        update(&pets, "add", "/pathPart", "a"),
        "Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations",
    );
    let moved = update(&below.id, "replace", "/parentId", &root).expect("it is moved");
    assert_eq!(moved.path, "/subpets");
    let proxy = create(&root, "{proxy+}").expect("a resource").id;
    refused(
        create(&root, "{other}"),
        "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
    );
    refused(create(&proxy, "a"), "Cannot create a child of a resource with a greedy path variable: {proxy+}");
    apis.delete_resource(&here(), &api.id, &pets).expect("it was there");
    let page = PageRequest { limit: Some(2), ..PageRequest::default() };
    let first = apis.resources(&here(), &api.id, &page).expect("a page");
    let paths: Vec<_> = first.items.iter().map(|resource| resource.path.as_str()).collect();
    assert_eq!(paths, ["/", "/subpets"]);
    let page = PageRequest { position: first.position, ..page };
    let second = apis.resources(&here(), &api.id, &page).expect("a page");
    assert_eq!((second.items.len(), second.position), (1, None));
}

/// `test_put_method_validation` and `test_update_method_validation`, as recorded.
#[tokio::test]
async fn methods_are_checked() {
    let api = Api::new().await;
    let root = api.resource("/");
    let put = |method: &str, document: Value| {
        let place = MethodPlace { api: &api.id, resource: &root, method };
        api.apis().put_method(&here(), place, read(document))
    };
    refused(
        put("wrong", json!({"authorizationType": "NONE"})),
        "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
    );
    refused(
        put("GET", json!({"authorizationType": "CUSTOM"})),
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid \
         authorizer.",
    );
    refused(
        put("GET", json!({"authorizationType": "AWS_IAM"})),
        "Hearth does not support the authorization type AWS_IAM: use NONE or CUSTOM",
    );
    refused(
        put("GET", json!({"authorizationType": "NONE", "requestModels": {"application/json": "petModel"}})),
        "Invalid model identifier specified: petModel",
    );
    let twice = json!({"method.request.header.a": true, "method.request.querystring.a": true});
    refused(
        put("GET", json!({"authorizationType": "NONE", "requestParameters": twice})),
        "Parameter names must be unique across querystring, header and path",
    );
    put("GET", json!({"authorizationType": "NONE"})).expect("a method");
    refused(put("GET", json!({"authorizationType": "NONE"})), "Method already exists for this resource");
    let place = MethodPlace { api: &api.id, resource: &root, method: "GET" };
    let update =
        |op: &str, path: &str| api.apis().update_method(&here(), place, &patch(&[(op, path, "true")]));
    refused(update("add", "/apiKeyRequired"), "Invalid patch operation specified. Must be one of: [replace]");
    refused(update("replace", "/httpMethod"), "Invalid patch path /httpMethod");
    refused(
        update("replace", "/requestModels/application/json"),
        "Invalid patch path /requestModels/application/json",
    );
    assert!(update("replace", "/apiKeyRequired").expect("it is changed").api_key_required);
}

#[tokio::test]
async fn integrations_that_hearth_does_not_have_are_refused() {
    let api = Api::new().await;
    let root = api.resource("/");
    let place = MethodPlace { api: &api.id, resource: &root, method: "GET" };
    let put = |document: Value| api.apis().put_integration(&here(), place, read(document));
    refused(put(integration("orders")), "Invalid Method identifier specified");
    api.apis().put_method(&here(), place, read(json!({"authorizationType": "NONE"}))).expect("a method");
    refused(api.apis().integration(&here(), place), "Invalid Integration identifier specified");
    refused(
        put(json!({"type": "HTTP", "uri": "http://example.com"})),
        "Hearth does not support integrations of type 'HTTP': use AWS_PROXY with a Lambda function, or MOCK",
    );
    let mut long = integration("orders");
    long["timeoutInMillis"] = json!(29_001);
    refused(put(long), "Timeout should be between 50 ms and 29000 ms");
    let variable = json!({"type": "MOCK", "requestTemplates": {"application/json": "$input.body"}});
    assert!(put(variable).is_err());
    let put = put(integration("orders")).expect("an integration");
    let document = serde_json::to_value(&put).expect("JSON");
    let expected = json!({
        "type": "AWS_PROXY",
        "httpMethod": "POST",
        "uri": put.uri,
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29_000,
        "cacheNamespace": root,
        "cacheKeyParameters": [],
    });
    assert_eq!(document, expected);
    api.apis().delete_integration(&here(), place).expect("it was there");
    refused(api.apis().integration(&here(), place), "Invalid Integration identifier specified");
}

#[tokio::test]
async fn deployments_need_methods_and_stages_need_deployments() {
    let api = Api::new().await;
    let apis = api.apis();
    let deploy = || apis.create_deployment(&here(), &api.id, read(json!({"stageName": "prod"})));
    refused(deploy(), "The REST API doesn't contain any methods");
    let root = api.resource("/");
    let place = MethodPlace { api: &api.id, resource: &root, method: "GET" };
    apis.put_method(&here(), place, read(json!({"authorizationType": "NONE"}))).expect("a method");
    refused(deploy(), "No integration defined for method");
    apis.put_integration(&here(), place, read(integration("orders"))).expect("an integration");
    let deployment = deploy().expect("a deployment").id;
    refused(
        apis.delete_deployment(&here(), &api.id, &deployment),
        "Active stages pointing to this deployment must be moved or deleted",
    );
    let stage = json!({"stageName": "prod", "deploymentId": deployment});
    refused(apis.create_stage(&here(), &api.id, read(stage)), "Stage already exists");
    let stage = json!({"stageName": "test", "deploymentId": "unknown"});
    refused(apis.create_stage(&here(), &api.id, read(stage)), "Invalid Deployment identifier specified");
    let update = |path: &str, value: &str| {
        apis.update_stage(&here(), &api.id, "prod", &patch(&[("replace", path, value)]))
    };
    refused(
        update("/*/*/logging/loglevel", "INFO"),
        "Hearth does not support `logging/loglevel` = 'INFO': of methods' settings only the throttling acts",
    );
    refused(update("/tracingEnabled", "true"), "Hearth does not support `tracingEnabled`: nothing is traced");
    let updated = update("/variables/a", "b").expect("it is changed");
    assert_eq!(updated.variables.get("a").map(String::as_str), Some("b"));
    apis.delete_stage(&here(), &api.id, "prod").expect("it was there");
    apis.delete_deployment(&here(), &api.id, &deployment).expect("no stage has it");
    refused(apis.stage(&here(), &api.id, "prod"), "Invalid stage identifier specified");
}

#[tokio::test]
async fn gateway_responses_have_defaults() {
    let api = Api::new().await;
    let apis = api.apis();
    let shown = |name: &str| {
        let response = apis.gateway_response(&here(), &api.id, name).expect("a response");
        serde_json::to_value(response).expect("JSON")
    };
    let default = json!({
        "responseType": "QUOTA_EXCEEDED",
        "statusCode": "429",
        "responseParameters": {},
        "responseTemplates": {"application/json": "{\"message\":$context.error.messageString}"},
        "defaultResponse": true,
    });
    assert_eq!(shown("QUOTA_EXCEEDED"), default);
    assert_eq!(shown("DEFAULT_4XX").get("statusCode"), None);
    assert_eq!(apis.gateway_responses(&here(), &api.id).expect("a list").len(), 21);
    let class = json!({"statusCode": "599", "responseParameters": {"gatewayresponse.header.a": "'b'"}});
    apis.put_gateway_response(&here(), &api.id, "DEFAULT_5XX", read(class)).expect("it is set");
    let inherited = shown("INTEGRATION_FAILURE");
    assert_eq!((&inherited["statusCode"], &inherited["defaultResponse"]), (&json!("599"), &json!(true)));
    apis.delete_gateway_response(&here(), &api.id, "DEFAULT_5XX").expect("it was set");
    assert_eq!(shown("INTEGRATION_FAILURE")["statusCode"], "504");
    assert!(apis.gateway_response(&here(), &api.id, "OTHER").is_err());
}

#[tokio::test]
async fn what_has_an_arn_has_tags() {
    let api = Api::new().await;
    api.put("GET", "/a", Value::Null);
    api.deploy();
    let arn = |path: &str| format!("arn:aws:apigateway:us-east-1::/restapis/{}{path}", api.id);
    for path in ["", "/stages/prod"] {
        let tags = [("a", "1"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        api.apis().tag(&here(), &arn(path), tags.into()).expect("it is there");
        api.apis().untag(&here(), &arn(path), &["a".to_owned()]).expect("it is there");
        let tags = api.apis().tags(&here(), &arn(path)).expect("it is there");
        assert_eq!(tags, [("b".to_owned(), "2".to_owned())].into());
    }
    assert!(api.apis().tags(&here(), &arn("/stages/other")).is_err());
}
