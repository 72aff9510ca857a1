//! The operations on resource policies. A statement travels as JSON in a text, as IAM writes it.

use hearth_services::lambda::{Permission, Principal, Statement};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    call::{Call, answer, segment},
    settings::{not_there, says_nothing},
};
use crate::{body::AnswerBody, error::ApiError, rest_json};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AddRequest {
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    principal_organization: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Value,
    revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AddAnswer {
    statement: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    policy: String,
    revision_id: String,
}

pub(super) fn add(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    let (name, qualifier) = (segment(name)?, call.parameter("Qualifier")?);
    let request: AddRequest = call.document()?;
    if !says_nothing(&request.invoked_via_function_url) {
        return Err(not_there("InvokedViaFunctionUrl").into());
    }
    let permission = Permission {
        statement_id: request.statement_id,
        action: request.action,
        principal: request.principal,
        source_arn: request.source_arn,
        source_account: request.source_account,
        event_source_token: request.event_source_token,
        principal_organization: request.principal_organization,
        url_authorization: request.function_url_auth_type,
    };
    let revision = request.revision_id.as_deref();
    let functions = call.functions();
    let added =
        functions.add_permission(&call.partition, &name, qualifier.as_deref(), revision, permission)?;
    answer(StatusCode::CREATED, &AddAnswer { statement: document(&added).to_string() })
}

pub(super) fn policy(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    let (name, qualifier) = (segment(name)?, call.parameter("Qualifier")?);
    let policy = call.functions().policy(&call.partition, &name, qualifier.as_deref())?;
    let statements: Vec<Value> = policy.statements.iter().map(document).collect();
    let text = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string();
    answer(StatusCode::OK, &PolicyDocument { policy: text, revision_id: policy.revision.to_string() })
}

pub(super) fn remove(call: &Call<'_>, name: &str, statement: &str) -> Result<Response<AnswerBody>, ApiError> {
    let (name, statement) = (segment(name)?, segment(statement)?);
    let (qualifier, revision) = (call.parameter("Qualifier")?, call.parameter("RevisionId")?);
    call.functions().remove_permission(
        &call.partition,
        &name,
        qualifier.as_deref(),
        revision.as_deref(),
        &statement,
    )?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

fn document(statement: &Statement) -> Value {
    let Statement { resource, principal, permission } = statement;
    let principal = match principal {
        Principal::Anybody => json!("*"),
        Principal::Service(name) => json!({"Service": name}),
        Principal::Identity(arn) => json!({"AWS": arn}),
    };
    let mut document = json!({
        "Sid": permission.statement_id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": permission.action,
        "Resource": resource,
    });
    let condition = condition(permission);
    if !condition.is_empty() {
        document["Condition"] = Value::Object(condition);
    }
    document
}

fn condition(permission: &Permission) -> Map<String, Value> {
    let equals: Map<String, Value> = [
        ("lambda:FunctionUrlAuthType", &permission.url_authorization),
        ("aws:PrincipalOrgID", &permission.principal_organization),
        ("AWS:SourceAccount", &permission.source_account),
        ("lambda:EventSourceToken", &permission.event_source_token),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?))))
    .collect();
    let mut condition = Map::new();
    if !equals.is_empty() {
        condition.insert("StringEquals".to_owned(), Value::Object(equals));
    }
    if let Some(arn) = &permission.source_arn {
        condition.insert("ArnLike".to_owned(), json!({"AWS:SourceArn": arn}));
    }
    condition
}
