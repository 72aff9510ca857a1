//! What answers about functions look like.
//!
//! Source: recorded answers; `FunctionConfiguration` in the API's published model.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_model::{function::FunctionConfiguration, logging::LogFormat, time::Timestamp};
use hearth_services::lambda::{FunctionView, MountedLayer, Phase, RuntimeManagement};
use serde::Serialize;

const CREATING: &str = "The function is being created.";

/// `FunctionConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Configuration {
    function_name: String,
    function_arn: String,
    runtime: String,
    role: String,
    handler: String,
    code_size: u64,
    description: String,
    timeout: u32,
    memory_size: u32,
    last_modified: String,
    code_sha256: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    tracing_config: TracingConfig,
    revision_id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status_reason_code: Option<&'static str>,
    package_type: &'static str,
    architectures: [&'static str; 1],
    ephemeral_storage: EphemeralStorage,
    snap_start: SnapStart,
    runtime_version_config: RuntimeVersionConfig,
    logging_config: LoggingConfig,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Layer>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Layer {
    arn: String,
    code_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    target_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TracingConfig {
    mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EphemeralStorage {
    size: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SnapStart {
    apply_on: &'static str,
    optimization_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuntimeVersionConfig {
    runtime_version_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingConfig {
    log_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_log_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_log_level: Option<&'static str>,
    log_group: String,
}

impl LoggingConfig {
    fn of(configuration: &FunctionConfiguration) -> Self {
        let levels = match configuration.logging.format {
            LogFormat::Text => None,
            LogFormat::Json(levels) => Some(levels),
        };
        Self {
            log_format: if levels.is_some() { "JSON" } else { "Text" },
            application_log_level: levels.map(|levels| levels.application.as_str()),
            system_log_level: levels.map(|levels| levels.system.as_str()),
            log_group: configuration.logging.group_of(&configuration.name).to_string(),
        }
    }
}

impl Configuration {
    /// The document of one function; lists say nothing of how far a change has come.
    pub(super) fn of(view: &FunctionView) -> Self {
        let deployed = &view.deployed;
        let settings = &deployed.content.settings;
        let configuration = &settings.configuration;
        let digest = deployed.content.code.digest();
        let updating = deployed.phase == Phase::Updating;
        let variables =
            configuration.environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            function_name: configuration.name.to_string(),
            function_arn: view.arn(),
            runtime: configuration.runtime.to_string(),
            role: settings.role.clone(),
            handler: configuration.handler.clone(),
            code_size: digest.zipped_bytes,
            description: settings.description.clone(),
            timeout: configuration.timeout.get(),
            memory_size: configuration.memory.get(),
            last_modified: last_modified(deployed.modified),
            code_sha256: BASE64_STANDARD.encode(digest.sha256),
            version: deployed.version.to_string(),
            dead_letter_config: configuration
                .dead_letter
                .as_ref()
                .map(|queue| DeadLetterConfig { target_arn: queue.to_string() }),
            environment: settings.names_environment.then(|| Environment { variables: variables.collect() }),
            tracing_config: TracingConfig { mode: "PassThrough" },
            revision_id: deployed.revision.to_string(),
            state: match deployed.phase {
                Phase::Creating => "Pending",
                Phase::Updating | Phase::Done => "Active",
                Phase::Failed { .. } => "Failed",
            },
            state_reason: match &deployed.phase {
                Phase::Creating => Some(CREATING.into()),
                Phase::Failed { reason } => Some(Arc::clone(reason)),
                Phase::Updating | Phase::Done => None,
            },
            state_reason_code: match deployed.phase {
                Phase::Creating => Some("Creating"),
                Phase::Failed { .. } => Some("InternalError"),
                Phase::Updating | Phase::Done => None,
            },
            last_update_status: match deployed.phase {
                Phase::Creating => None,
                Phase::Updating => Some("InProgress"),
                Phase::Done | Phase::Failed { .. } => Some("Successful"),
            },
            last_update_status_reason: updating.then_some(CREATING),
            last_update_status_reason_code: updating.then_some("Creating"),
            package_type: "Zip",
            architectures: [settings.architecture.as_str()],
            ephemeral_storage: EphemeralStorage { size: configuration.ephemeral_storage.get() },
            snap_start: SnapStart { apply_on: "None", optimization_status: "Off" },
            runtime_version_config: RuntimeVersionConfig {
                runtime_version_arn: RuntimeManagement::runtime_version(&view.partition.region),
            },
            logging_config: LoggingConfig::of(configuration),
            layers: deployed.content.layers.iter().filter_map(Layer::of).collect(),
        }
    }

    /// The document of one of many: lists do not tell how far a change has come.
    pub(super) fn listed(view: &FunctionView) -> Self {
        Self {
            state: "Active",
            state_reason: None,
            state_reason_code: None,
            last_update_status: None,
            ..Self::of(view)
        }
    }
}

impl Layer {
    /// Layers that were deployed with their function have no ARN to be known by.
    fn of(layer: &MountedLayer) -> Option<Self> {
        Some(Self { arn: layer.arn.clone()?, code_size: layer.code.digest().zipped_bytes })
    }
}

/// `2026-11-21T04:14:18.000+0000`.
pub(super) fn last_modified(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_is_written_as_aws_writes_it() {
        let at = Timestamp::from_unix_millis(1_700_498_767_042);
        assert_eq!(last_modified(at), "2023-11-20T16:46:07.042+0000");
    }
}
