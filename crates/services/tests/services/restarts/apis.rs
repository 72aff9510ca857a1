//! APIs.

use std::time::Duration;

use hearth_model::identity::RequestId;
use hearth_services::apigateway::v1::{ApiCall, MethodPlace, PatchOperation, RestApis};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Lasting;
use crate::world::{World, here};

fn read<T: DeserializeOwned>(document: Value) -> T {
    serde_json::from_value(document).expect("a document")
}

fn patch(operation: &str, path: &str, value: &str) -> Vec<PatchOperation> {
    vec![read(json!({"op": operation, "path": path, "value": value}))]
}

/// The status and the body of `GET /prod/ping`.
async fn ping(world: &World, api: &str) -> (u16, String) {
    let call = ApiCall {
        api,
        stage: "prod",
        path: "/ping",
        method: "GET",
        query: "",
        headers: vec![("x-api-key".to_owned(), "k".repeat(20))],
        body: Ok(Default::default()),
        source: "127.0.0.1",
        request_id: RequestId::from_random(7),
    };
    let answer = world.services.rest_apis().serve(call).await;
    (answer.answer.status.as_u16(), String::from_utf8(answer.answer.body.into()).expect("text"))
}

/// Everything that can be asked for.
fn all(apis: &RestApis, api: &str) -> Vec<String> {
    let page = Default::default();
    let (here, text) =
        (here(), |document: Result<Value, serde_json::Error>| document.expect("JSON").to_string());
    let to = |items: Vec<Value>| items.into_iter().map(Ok).map(text).collect::<Vec<_>>();
    let values = |documents: Vec<Result<Value, serde_json::Error>>| {
        to(documents.into_iter().map(|document| document.expect("JSON")).collect())
    };
    let mut all = vec![text(serde_json::to_value(apis.api(&here, api).expect("an API")))];
    let resources = apis.resources(&here, api, &page).expect("a page").items;
    all.extend(values(resources.iter().map(serde_json::to_value).collect()));
    let authorizers = apis.authorizers(&here, api, &page).expect("a page").items;
    all.extend(values(authorizers.iter().map(serde_json::to_value).collect()));
    let deployments = apis.deployments(&here, api, &page).expect("a page").items;
    all.extend(values(deployments.iter().map(serde_json::to_value).collect()));
    let stages = apis.stages(&here, api, None).expect("stages");
    all.extend(values(stages.iter().map(serde_json::to_value).collect()));
    let plans = apis.plans(&here, None, &page).expect("a page").items;
    all.extend(values(plans.iter().map(serde_json::to_value).collect()));
    let key = apis.keys(&here, &read_keys()).expect("a page").items;
    all.extend(values(key.iter().map(serde_json::to_value).collect()));
    all
}

fn read_keys() -> hearth_services::apigateway::v1::KeysRequest {
    hearth_services::apigateway::v1::KeysRequest { include_values: true, ..Default::default() }
}

/// An API with everything that belongs to it, a key and a usage plan: their identifiers.
pub(super) fn make(world: &World) -> Made {
    let apis = world.services.rest_apis();
    let new = json!({"name": "shop", "description": "all of it", "binaryMediaTypes": ["image/png"], "tags": {"team": "a"}});
    let api = apis.create_api(&here(), read(new)).expect("an API");
    let resource =
        apis.create_resource(&here(), &api.id, &api.root_resource_id, "ping").expect("a resource").id;
    let place = MethodPlace { api: &api.id, resource: &resource, method: "GET" };
    let method = json!({"authorizationType": "NONE", "apiKeyRequired": true});
    apis.put_method(&here(), place, read(method)).expect("a method");
    let mock = json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}});
    apis.put_integration(&here(), place, read(mock)).expect("an integration");
    apis.put_method_response(&here(), place, "200", read(json!({}))).expect("a response");
    let templates = json!({"responseTemplates": {"application/json": "pong"}});
    apis.put_integration_response(&here(), place, "200", read(templates)).expect("a response");
    let deployment = json!({"stageName": "prod", "variables": {"a": "b"}});
    apis.create_deployment(&here(), &api.id, read(deployment)).expect("a deployment");
    let throttle = patch("replace", "/*/*/throttling/rateLimit", "100.5");
    apis.update_stage(&here(), &api.id, "prod", &throttle).expect("a stage");
    let burst = patch("replace", "/*/*/throttling/burstLimit", "50");
    apis.update_stage(&here(), &api.id, "prod", &burst).expect("a stage");
    let key = json!({"name": "mine", "enabled": true, "value": "k".repeat(20)});
    let key = apis.create_key(&here(), read(key)).expect("a key");
    let stage = json!({"apiId": api.id, "stage": "prod"});
    let plan = json!({"name": "plan", "apiStages": [stage], "throttle": {"rateLimit": 0.1, "burstLimit": 7}});
    let plan = apis.create_plan(&here(), read(plan)).expect("a plan");
    apis.add_key_to_plan(&here(), &plan.id, &key.id, "API_KEY").expect("a key");
    Made { api: api.id.clone(), resource, key: key.id }
}

/// What was made.
pub(super) struct Made {
    api: String,
    resource: String,
    key: String,
}

#[tokio::test]
async fn rest_apis_are_called_as_before() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    let apis = world.services.rest_apis();
    let Made { api, resource, key } = make(&world);
    let place = MethodPlace { api: &api, resource: &resource, method: "GET" };
    let gone = apis.create_api(&here(), read(json!({"name": "gone"}))).expect("an API").id;
    apis.delete_api(&here(), &gone).expect("it is there");
    assert_eq!(ping(&world, &api).await, (200, "pong".to_owned()));
    // What is not deployed is kept, and not served.
    let templates = json!({"responseTemplates": {"application/json": "later"}});
    apis.put_integration_response(&here(), place, "200", read(templates)).expect("a response");
    let before = all(apis, &api);

    let world = lasting.restart(&world, Duration::ZERO).await;
    let apis = world.services.rest_apis();
    assert_eq!(all(apis, &api), before);
    assert_eq!(ping(&world, &api).await, (200, "pong".to_owned()));
    assert!(!apis.has(&gone));
    apis.create_deployment(&here(), &api, read(json!({"stageName": "prod"}))).expect("a deployment");
    assert_eq!(ping(&world, &api).await, (200, "later".to_owned()));
    apis.delete_key(&here(), &key).expect("it is there");
    let world = lasting.restart(&world, Duration::ZERO).await;
    assert_eq!(ping(&world, &api).await.0, 403);
}
