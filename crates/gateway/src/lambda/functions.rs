//! `CreateFunction` and its relatives.

use std::collections::BTreeMap;

use hearth_services::lambda::{Architecture, CodeChange, NewFunction};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    call::Call,
    code_signing,
    concurrency::Reserved,
    document::Configuration,
    settings::{SettingsRequest, not_there, says_nothing},
    upload::CodeRequest,
};
use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Answer, answer},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    #[serde(default)]
    function_name: String,
    #[serde(default)]
    code: CodeRequest,
    package_type: Option<String>,
    architectures: Option<Vec<String>>,
    tags: Option<BTreeMap<String, String>>,
    publish: Option<bool>,
    #[serde(default)]
    publish_to: Value,
    code_signing_config_arn: Option<String>,
    #[serde(flatten)]
    settings: SettingsRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateCodeRequest {
    #[serde(flatten)]
    code: CodeRequest,
    architectures: Option<Vec<String>>,
    revision_id: Option<String>,
    dry_run: Option<bool>,
    publish: Option<bool>,
    #[serde(default)]
    publish_to: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateConfigurationRequest {
    revision_id: Option<String>,
    #[serde(flatten)]
    settings: SettingsRequest,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionDocument {
    configuration: Configuration,
    code: CodeLocation,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Reserved>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CodeLocation {
    repository_type: &'static str,
    location: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionList {
    functions: Vec<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) async fn create(call: Call<'_>) -> Answer {
    let request: CreateRequest = call.document()?;
    if request.package_type.as_deref().is_some_and(|kind| kind != "Zip") {
        return Err(not_there("PackageType").into());
    }
    if !says_nothing(&request.publish_to) {
        return Err(not_there("PublishTo").into());
    }
    if let Some(arn) = request.code_signing_config_arn.filter(|arn| !arn.is_empty()) {
        return Err(code_signing::not_found(&arn));
    }
    let architecture = request.architectures.as_deref().map(Architecture::parse).transpose()?;
    let new = NewFunction {
        settings: request.settings.read()?,
        architecture: architecture.unwrap_or_default(),
        code: request.code.unpack(&call).await?,
        tags: request.tags.unwrap_or_default(),
        publish: request.publish.unwrap_or(false),
    };
    let created = call.functions().create(&call.partition, &request.function_name, new).await?;
    answer(StatusCode::CREATED, &Configuration::of(&created))
}

pub(super) async fn update_code(call: Call<'_>, name: &str) -> Answer {
    let name = Call::segment(name)?;
    let request: UpdateCodeRequest = call.document()?;
    if !says_nothing(&request.publish_to) {
        return Err(not_there("PublishTo").into());
    }
    let change = CodeChange {
        code: request.code.unpack(&call).await?,
        architecture: request.architectures.as_deref().map(Architecture::parse).transpose()?,
        revision: request.revision_id,
        dry_run: request.dry_run.unwrap_or(false),
        publish: request.publish.unwrap_or(false),
    };
    let updated = call.functions().update_code(&call.partition, &name, change).await?;
    answer(StatusCode::OK, &Configuration::of(&updated))
}

pub(super) async fn update_configuration(call: &Call<'_>, name: &str) -> Answer {
    let name = Call::segment(name)?;
    let request: UpdateConfigurationRequest = call.document()?;
    let change = request.settings.read()?;
    let revision = request.revision_id.as_deref();
    let updated = call.functions().update_configuration(&call.partition, &name, revision, change).await?;
    answer(StatusCode::OK, &Configuration::of(&updated))
}

pub(super) fn function(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let description = call.functions().describe(&call.partition, &name, qualifier.as_deref())?;
    let deployed = &description.view.deployed;
    let partition = &description.view.partition;
    let location = format!(
        "http://{}/_hearth/code/{}/{}/{}/{}",
        call.host(),
        partition.account,
        partition.region,
        deployed.content.settings.configuration.name,
        deployed.version
    );
    let document = FunctionDocument {
        configuration: Configuration::of(&description.view),
        code: CodeLocation { repository_type: "S3", location },
        tags: description.tags,
        concurrency: description
            .reserved_concurrency
            .map(|reserved| Reserved { reserved_concurrent_executions: Some(reserved) }),
    };
    answer(StatusCode::OK, &document)
}

pub(super) fn configuration(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let description = call.functions().describe(&call.partition, &name, qualifier.as_deref())?;
    answer(StatusCode::OK, &Configuration::of(&description.view))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let all_versions = match call.parameter("FunctionVersion")?.as_deref() {
        None | Some("") => false,
        Some("ALL") => true,
        Some(other) => {
            let message = format!(
                "1 validation error detected: Value '{other}' at 'functionVersion' failed to satisfy constraint: Member \
                 must satisfy enum value set: [ALL]"
            );
            return Err(ApiError::new(ErrorCode::Validation, message));
        }
    };
    if call.parameter("MasterRegion")?.is_some_and(|region| !region.is_empty()) {
        return Err(not_there("MasterRegion").into());
    }
    let page = call.functions().page(&call.partition, all_versions, &call.page()?)?;
    let functions = page.items.iter().map(Configuration::listed).collect();
    answer(StatusCode::OK, &FunctionList { functions, next_marker: page.next_marker })
}

pub(super) fn delete(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    call.functions().delete(&call.partition, &name, qualifier.as_deref())?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}
