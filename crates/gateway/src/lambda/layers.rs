//! The operations on layers.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_services::lambda::{LayerFilter, LayerNotes, LayerVersion};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{call::Call, document::last_modified, upload::CodeRequest};
use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PublishRequest {
    description: Option<String>,
    license_info: Option<String>,
    compatible_runtimes: Option<Vec<String>>,
    compatible_architectures: Option<Vec<String>>,
    content: CodeRequest,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer_arn: Option<String>,
    layer_version_arn: String,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    created_date: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_runtimes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_architectures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_info: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    location: String,
    code_sha256: String,
    code_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LayerDocument {
    layer_name: String,
    layer_arn: String,
    latest_matching_version: VersionDocument,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LayerList {
    layers: Vec<LayerDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionList {
    layer_versions: Vec<VersionDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) async fn publish(call: &Call<'_>, name: &str) -> Answer {
    let name = Call::segment(name)?;
    let request: PublishRequest = call.document()?;
    let code = request.content.unpack(call).await?;
    let notes = LayerNotes {
        description: request.description,
        license: request.license_info,
        runtimes: request.compatible_runtimes.unwrap_or_default(),
        architectures: request.compatible_architectures.unwrap_or_default(),
    };
    let version = call.functions().publish_layer(&call.partition, &name, code, notes).await?;
    answer(StatusCode::CREATED, &VersionDocument::whole(call, version))
}

pub(super) fn version(call: &Call<'_>, name: &str, number: &str) -> Answer {
    let version = call.functions().layer_version(&call.partition, &Call::segment(name)?, parse(number)?)?;
    answer(StatusCode::OK, &VersionDocument::whole(call, version))
}

pub(super) fn delete(call: &Call<'_>, name: &str, number: &str) -> Answer {
    call.functions().delete_layer_version(&call.partition, &Call::segment(name)?, parse(number)?)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn versions(call: &Call<'_>, name: &str) -> Answer {
    let (name, filter, page) = (Call::segment(name)?, filter(call)?, call.page()?);
    let page = call.functions().layer_versions(&call.partition, &name, &filter, &page)?;
    let layer_versions = page.items.into_iter().map(VersionDocument::of).collect();
    answer(StatusCode::OK, &VersionList { layer_versions, next_marker: page.next_marker })
}

/// `ListLayers`, or `GetLayerVersionByArn` if that is what is to be found.
pub(super) fn list(call: &Call<'_>) -> Answer {
    if call.parameter("find")?.as_deref() == Some("LayerVersion") {
        let arn = call.parameter("Arn")?.unwrap_or_default();
        let version = call.functions().layer_version_by_arn(&call.partition, &arn)?;
        return answer(StatusCode::OK, &VersionDocument::whole(call, version));
    }
    let page = call.functions().layers_page(&call.partition, &filter(call)?, &call.page()?)?;
    let layers = page.items.into_iter().map(|version| LayerDocument {
        layer_name: version.name.to_string(),
        layer_arn: version.layer_arn(),
        latest_matching_version: VersionDocument::of(version),
    });
    answer(StatusCode::OK, &LayerList { layers: layers.collect(), next_marker: page.next_marker })
}

fn filter(call: &Call<'_>) -> Result<LayerFilter, ApiError> {
    let parameter = |name| Ok::<_, ApiError>(call.parameter(name)?.map(Into::into));
    Ok(LayerFilter {
        runtime: parameter("CompatibleRuntime")?,
        architecture: parameter("CompatibleArchitecture")?,
    })
}

/// The number of a version.
pub(super) fn parse(number: &str) -> Result<i64, ApiError> {
    number.parse().map_err(|_| {
        let message = format!("the version of a layer must be a number, not `{number}`");
        ApiError::new(ErrorCode::Validation, message)
    })
}

impl VersionDocument {
    /// As lists have it.
    fn of(version: LayerVersion) -> Self {
        Self {
            content: None,
            layer_arn: None,
            layer_version_arn: version.arn(),
            version: version.number,
            created_date: last_modified(version.created),
            description: version.notes.description,
            compatible_runtimes: version.notes.runtimes,
            compatible_architectures: version.notes.architectures,
            license_info: version.notes.license,
        }
    }

    fn whole(call: &Call<'_>, version: LayerVersion) -> Self {
        let digest = version.code.digest();
        let location = format!(
            "http://{}/_hearth/layer/{}/{}/{}/{}",
            call.host(),
            version.partition.account,
            version.partition.region,
            version.name,
            version.number
        );
        let code_sha256 = BASE64_STANDARD.encode(digest.sha256);
        let content = Content { location, code_sha256, code_size: digest.zipped_bytes };
        let layer_arn = Some(version.layer_arn());
        // AWS has a description here, and be it an empty one.
        let description = Some(version.notes.description.clone().unwrap_or_default());
        Self { content: Some(content), layer_arn, description, ..Self::of(version) }
    }
}
