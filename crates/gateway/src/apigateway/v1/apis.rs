//! The operations on REST APIs, and on what belongs to them but for methods.

use hearth_services::apigateway::v1::{Page, Refusal, document::Resource};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Answer,
    call::{Call, accepted, created, found, listed},
};
use crate::error::ApiError;

/// Answers a request about what is below `/restapis`; `None` if there is no such operation.
pub(super) fn answer(call: &Call<'_>, method: &str, segments: &[&str]) -> Option<Answer> {
    match *segments {
        [] | [_] => api(call, method, segments),
        [api, "resources", ref rest @ ..] => resources(call, method, api, rest),
        [api, "deployments" | "stages", ..] => deployed(call, method, api, &segments[1..]),
        [api, ref rest @ ..] => parts(call, method, api, rest),
    }
    .map(Result::flatten)
}

fn api(call: &Call<'_>, method: &str, segments: &[&str]) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("POST", []) => call.document().map(|new| created(apis.create_api(partition, new))),
        ("GET", []) => call.page().map(|page| listed(apis.apis(partition, &page))),
        ("GET", [id]) => Ok(found(apis.api(partition, id))),
        ("PATCH", [id]) => call.patch().map(|patch| found(apis.update_api(partition, id, &patch))),
        ("DELETE", [id]) => Ok(accepted(apis.delete_api(partition, id))),
        _ => return None,
    })
}

fn resources(
    call: &Call<'_>,
    method: &str,
    api: &str,
    segments: &[&str],
) -> Option<Result<Answer, ApiError>> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase", deny_unknown_fields)]
    struct NewResource {
        path_part: String,
    }
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("GET", []) => call.page().and_then(|page| shown(call, apis.resources(partition, api, &page))),
        ("POST", [parent]) => call.document().map(|NewResource { path_part }| {
            created(apis.create_resource(partition, api, parent, &path_part))
        }),
        ("GET", [id]) => shown_one(call, apis.resource(partition, api, id)),
        ("PATCH", [id]) => call.patch().map(|patch| found(apis.update_resource(partition, api, id, &patch))),
        ("DELETE", [id]) => Ok(accepted(apis.delete_resource(partition, api, id))),
        _ => return None,
    })
}

fn deployed(call: &Call<'_>, method: &str, api: &str, segments: &[&str]) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("POST", ["deployments"]) => {
            call.document().map(|new| created(apis.create_deployment(partition, api, new)))
        }
        ("GET", ["deployments"]) => call.page().map(|page| listed(apis.deployments(partition, api, &page))),
        ("GET", ["deployments", id]) => Ok(found(apis.deployment(partition, api, id))),
        ("PATCH", ["deployments", id]) => {
            call.patch().map(|patch| found(apis.update_deployment(partition, api, id, &patch)))
        }
        ("DELETE", ["deployments", id]) => Ok(accepted(apis.delete_deployment(partition, api, id))),
        ("POST", ["stages"]) => call.document().map(|new| created(apis.create_stage(partition, api, new))),
        ("GET", ["stages"]) => call.parameter("deploymentId").map(|deployment| {
            let stages = apis.stages(partition, api, deployment.as_deref());
            listed(stages.map(|items| Page { items, position: None }))
        }),
        ("GET", ["stages", name]) => Ok(found(apis.stage(partition, api, name))),
        ("PATCH", ["stages", name]) => {
            call.patch().map(|patch| found(apis.update_stage(partition, api, name, &patch)))
        }
        ("DELETE", ["stages", name]) => Ok(accepted(apis.delete_stage(partition, api, name))),
        ("DELETE", ["stages", name, "cache", "authorizers"]) => {
            Ok(accepted(apis.flush_authorizers(partition, api, name)))
        }
        _ => return None,
    })
}

fn parts(call: &Call<'_>, method: &str, api: &str, segments: &[&str]) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("POST", ["authorizers"]) => {
            call.document().map(|new| created(apis.create_authorizer(partition, api, new)))
        }
        ("GET", ["authorizers"]) => call.page().map(|page| listed(apis.authorizers(partition, api, &page))),
        ("GET", ["authorizers", id]) => Ok(found(apis.authorizer(partition, api, id))),
        ("PATCH", ["authorizers", id]) => {
            call.patch().map(|patch| found(apis.update_authorizer(partition, api, id, &patch)))
        }
        ("DELETE", ["authorizers", id]) => Ok(accepted(apis.delete_authorizer(partition, api, id))),
        ("GET", ["gatewayresponses"]) => {
            let responses = apis.gateway_responses(partition, api);
            Ok(listed(responses.map(|items| Page { items, position: None })))
        }
        ("GET", ["gatewayresponses", kind]) => Ok(found(apis.gateway_response(partition, api, kind))),
        ("PUT", ["gatewayresponses", kind]) => {
            call.document().map(|new| created(apis.put_gateway_response(partition, api, kind, new)))
        }
        ("PATCH", ["gatewayresponses", kind]) => {
            call.patch().map(|patch| found(apis.update_gateway_response(partition, api, kind, &patch)))
        }
        ("DELETE", ["gatewayresponses", kind]) => {
            Ok(accepted(apis.delete_gateway_response(partition, api, kind)))
        }
        ("POST", ["models"]) => call.document().map(|new| created(apis.create_model(partition, api, new))),
        ("GET", ["models"]) => call.page().map(|page| listed(apis.models(partition, api, &page))),
        ("GET", ["models", name]) => Ok(found(apis.model(partition, api, name))),
        ("PATCH", ["models", name]) => {
            call.patch().map(|patch| found(apis.update_model(partition, api, name, &patch)))
        }
        ("DELETE", ["models", name]) => Ok(accepted(apis.delete_model(partition, api, name))),
        ("POST", ["requestvalidators"]) => {
            call.document().map(|new| created(apis.create_validator(partition, api, new)))
        }
        ("GET", ["requestvalidators"]) => {
            call.page().map(|page| listed(apis.validators(partition, api, &page)))
        }
        ("GET", ["requestvalidators", id]) => Ok(found(apis.validator(partition, api, id))),
        ("PATCH", ["requestvalidators", id]) => {
            call.patch().map(|patch| found(apis.update_validator(partition, api, id, &patch)))
        }
        ("DELETE", ["requestvalidators", id]) => Ok(accepted(apis.delete_validator(partition, api, id))),
        _ => return None,
    })
}

/// Resources, with all of their methods only if that is asked for.
fn shown(call: &Call<'_>, page: Result<Page<Resource>, Refusal>) -> Result<Answer, ApiError> {
    let embed = embeds_methods(call)?;
    Ok(listed(page.map(|page| page.map(|resource| document(&resource, embed)))))
}

fn shown_one(call: &Call<'_>, resource: Result<Resource, Refusal>) -> Result<Answer, ApiError> {
    let embed = embeds_methods(call)?;
    Ok(found(resource.map(|resource| document(&resource, embed))))
}

fn embeds_methods(call: &Call<'_>) -> Result<bool, ApiError> {
    Ok(call.parameters("embed")?.iter().any(|embed| embed == "methods"))
}

fn document(resource: &Resource, embed: bool) -> Value {
    let mut document = serde_json::to_value(resource).expect("documents have texts as keys");
    if let Some(Value::Object(methods)) = document.get_mut("resourceMethods").filter(|_| !embed) {
        methods.values_mut().for_each(|method| *method = Value::Object(Map::new()));
    }
    document
}
