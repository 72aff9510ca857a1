//! The operations on resource policies. A statement travels as JSON in a text, as IAM writes it.

use hearth_services::lambda::{LayerPermission, Permission, PolicyView};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{call::Call, layers};
use crate::rest_json::{self, Answer, answer};

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
    invoked_via_function_url: Option<bool>,
    revision_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AddToLayerRequest {
    statement_id: String,
    action: String,
    principal: String,
    organization_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AddAnswer {
    statement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    policy: String,
    revision_id: String,
}

pub(super) fn add(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let request: AddRequest = call.document()?;
    let permission = Permission {
        statement_id: request.statement_id,
        action: request.action,
        principal: request.principal,
        source_arn: request.source_arn,
        source_account: request.source_account,
        event_source_token: request.event_source_token,
        principal_organization: request.principal_organization,
        url_authorization: request.function_url_auth_type,
        via_url: request.invoked_via_function_url,
    };
    let revision = request.revision_id.as_deref();
    let functions = call.functions();
    let added =
        functions.add_permission(&call.partition, &name, qualifier.as_deref(), revision, permission)?;
    answer(StatusCode::CREATED, &AddAnswer { statement: added.document(), revision_id: None })
}

pub(super) fn policy(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let policy = call.functions().policy(&call.partition, &name, qualifier.as_deref())?;
    answer(StatusCode::OK, &PolicyDocument::of(policy))
}

pub(super) fn remove(call: &Call<'_>, name: &str, statement: &str) -> Answer {
    let (name, statement) = (Call::segment(name)?, Call::segment(statement)?);
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

/// `AddLayerVersionPermission`.
pub(super) fn add_to_layer(call: &Call<'_>, name: &str, number: &str) -> Answer {
    let (name, number, revision) =
        (Call::segment(name)?, layers::parse(number)?, call.parameter("RevisionId")?);
    let request: AddToLayerRequest = call.document()?;
    let permission = LayerPermission {
        statement_id: request.statement_id,
        action: request.action,
        principal: request.principal,
        organization: request.organization_id,
    };
    let functions = call.functions();
    let (statement, revision) =
        functions.add_layer_permission(&call.partition, &name, number, revision.as_deref(), permission)?;
    let added = AddAnswer { statement: statement.document(), revision_id: Some(revision.to_string()) };
    answer(StatusCode::CREATED, &added)
}

/// `GetLayerVersionPolicy`.
pub(super) fn of_layer(call: &Call<'_>, name: &str, number: &str) -> Answer {
    let policy =
        call.functions().layer_policy(&call.partition, &Call::segment(name)?, layers::parse(number)?)?;
    answer(StatusCode::OK, &PolicyDocument::of(policy))
}

/// `RemoveLayerVersionPermission`.
pub(super) fn remove_from_layer(call: &Call<'_>, name: &str, number: &str, statement: &str) -> Answer {
    let (name, statement, revision) =
        (Call::segment(name)?, Call::segment(statement)?, call.parameter("RevisionId")?);
    call.functions().remove_layer_permission(
        &call.partition,
        &name,
        layers::parse(number)?,
        revision.as_deref(),
        &statement,
    )?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

impl PolicyDocument {
    fn of(view: PolicyView) -> Self {
        Self { policy: view.document, revision_id: view.revision.to_string() }
    }
}
