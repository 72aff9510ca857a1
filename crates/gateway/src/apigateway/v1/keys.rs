//! The operations on API keys, usage plans and tags.

use std::borrow::Cow;

use hearth_services::apigateway::v1::{KeysRequest, UsageByKey, document::Texts};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Answer,
    call::{Call, accepted, bad_request, created, done, found, listed},
};
use crate::{error::ApiError, rest_json};

/// What an account may do; nothing of it can be changed.
pub(super) fn account() -> Answer {
    let throttle = json!({"burstLimit": 5_000, "rateLimit": 10_000.0});
    let account = json!({"throttleSettings": throttle, "features": ["UsagePlans"], "apiKeyVersion": "4"});
    rest_json::answer(StatusCode::OK, &account)
}

/// Answers a request about what is in one of these collections; `None` if there is no such operation.
pub(super) fn answer(call: &Call<'_>, method: &str, collection: &str, segments: &[&str]) -> Option<Answer> {
    match collection {
        "apikeys" => keys(call, method, segments),
        "usageplans" => plans(call, method, segments),
        _ => tags(call, method, &segments.join("/")),
    }
    .map(Result::flatten)
}

fn keys(call: &Call<'_>, method: &str, segments: &[&str]) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("POST", []) => call.document().map(|new| created(apis.create_key(partition, new))),
        ("GET", []) => keys_request(call).map(|request| listed(apis.keys(partition, &request))),
        ("GET", [id]) => {
            call.flag("includeValue").map(|include_value| found(apis.key(partition, id, include_value)))
        }
        ("PATCH", [id]) => call.patch().map(|patch| found(apis.update_key(partition, id, &patch))),
        ("DELETE", [id]) => Ok(accepted(apis.delete_key(partition, id))),
        _ => return None,
    })
}

fn keys_request(call: &Call<'_>) -> Result<KeysRequest, ApiError> {
    Ok(KeysRequest {
        name: call.parameter("name")?.map(Cow::into_owned),
        customer: call.parameter("customerId")?.map(Cow::into_owned),
        include_values: call.flag("includeValues")?,
        page: call.page()?,
    })
}

fn plans(call: &Call<'_>, method: &str, segments: &[&str]) -> Option<Result<Answer, ApiError>> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase", deny_unknown_fields)]
    struct NewPlanKey {
        key_id: String,
        key_type: String,
    }
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("POST", []) => call.document().map(|new| created(apis.create_plan(partition, new))),
        ("GET", []) => call
            .parameter("keyId")
            .and_then(|key| Ok(listed(apis.plans(partition, key.as_deref(), &call.page()?)))),
        ("GET", [id]) => Ok(found(apis.plan(partition, id))),
        ("PATCH", [id]) => call.patch().map(|patch| found(apis.update_plan(partition, id, &patch))),
        ("DELETE", [id]) => Ok(accepted(apis.delete_plan(partition, id))),
        ("POST", [id, "keys"]) => call.document().map(|NewPlanKey { key_id, key_type }| {
            created(apis.add_key_to_plan(partition, id, &key_id, &key_type))
        }),
        ("GET", [id, "keys"]) => call
            .parameter("name")
            .and_then(|name| Ok(listed(apis.plan_keys(partition, id, name.as_deref(), &call.page()?)))),
        ("GET", [id, "keys", key]) => Ok(found(apis.plan_key(partition, id, key))),
        ("DELETE", [id, "keys", key]) => Ok(accepted(apis.remove_key_from_plan(partition, id, key))),
        ("GET", [id, "usage"]) => usage(call, id),
        _ => return None,
    })
}

fn usage(call: &Call<'_>, plan: &str) -> Result<Answer, ApiError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Usage<'a> {
        usage_plan_id: &'a str,
        start_date: &'a str,
        end_date: &'a str,
        values: std::collections::BTreeMap<String, Vec<[u32; 2]>>,
    }
    let date = |name: &'static str| {
        let date = call.parameter(name)?;
        date.ok_or_else(|| bad_request(format!("`{name}` is missing: it must be like 2026-11-21")))
    };
    let (first, last, key) = (date("startDate")?, date("endDate")?, call.parameter("keyId")?);
    let usage = call.apis().usage(&call.partition, plan, key.as_deref(), [&first, &last]);
    Ok(found(usage.map(|usage: UsageByKey| Usage {
        usage_plan_id: plan,
        start_date: &first,
        end_date: &last,
        values: usage.into_iter().collect(),
    })))
}

fn tags(call: &Call<'_>, method: &str, arn: &str) -> Option<Result<Answer, ApiError>> {
    #[derive(Default, Deserialize, Serialize)]
    #[serde(default)]
    struct Tags {
        tags: Texts,
    }
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match method {
        "GET" => Ok(found(apis.tags(partition, arn).map(|tags| Tags { tags }))),
        "PUT" => call.document().map(|Tags { tags }| done(apis.tag(partition, arn, tags))),
        "DELETE" => call.parameters("tagKeys").map(|keys| done(apis.untag(partition, arn, &keys))),
        _ => return None,
    })
}
