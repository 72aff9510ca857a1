//! A function's settings in requests.

use std::collections::BTreeMap;

use hearth_services::lambda::{LoggingChange, Refusal, SettingsChange};
use serde::Deserialize;
use serde_json::Value;

/// What `CreateFunction` and `UpdateFunctionConfiguration` have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct SettingsRequest {
    runtime: Option<String>,
    handler: Option<String>,
    role: Option<String>,
    description: Option<String>,
    timeout: Option<i64>,
    memory_size: Option<i64>,
    ephemeral_storage: Option<EphemeralStorage>,
    environment: Option<Environment>,
    tracing_config: Option<TracingConfig>,
    snap_start: Option<SnapStart>,
    logging_config: Option<LoggingConfig>,
    layers: Option<Vec<String>>,
    vpc_config: Value,
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Value,
    file_system_configs: Value,
    image_config: Value,
    capacity_provider_config: Value,
    durable_config: Value,
    tenancy_config: Value,
    runtime_config: Value,
    accelerator_config: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EphemeralStorage {
    size: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    target_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TracingConfig {
    mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SnapStart {
    apply_on: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct LoggingConfig {
    log_format: Option<String>,
    log_group: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
}

impl From<LoggingConfig> for LoggingChange {
    fn from(config: LoggingConfig) -> Self {
        Self {
            format: config.log_format,
            group: config.log_group,
            application_level: config.application_log_level,
            system_level: config.system_log_level,
        }
    }
}

impl SettingsRequest {
    /// The change that is asked for.
    ///
    /// What AWS acts on and Hearth does not is refused, unless it is what holds anyway.
    pub(super) fn read(self) -> Result<SettingsChange, Refusal> {
        self.refuse_what_is_not_there()?;
        Ok(SettingsChange {
            runtime: self.runtime,
            handler: self.handler,
            role: self.role,
            description: self.description,
            timeout: self.timeout,
            memory: self.memory_size,
            ephemeral_storage: self.ephemeral_storage.and_then(|storage| storage.size),
            environment: self.environment.map(|environment| environment.variables.unwrap_or_default()),
            layers: self.layers,
            dead_letter: self.dead_letter_config.and_then(|config| config.target_arn),
            logging: self.logging_config.map(LoggingChange::from),
        })
    }

    fn refuse_what_is_not_there(&self) -> Result<(), Refusal> {
        let unsupported = [
            ("VpcConfig", &self.vpc_config),
            ("KMSKeyArn", &self.kms_key_arn),
            ("FileSystemConfigs", &self.file_system_configs),
            ("ImageConfig", &self.image_config),
            ("CapacityProviderConfig", &self.capacity_provider_config),
            ("DurableConfig", &self.durable_config),
            ("TenancyConfig", &self.tenancy_config),
            ("RuntimeConfig", &self.runtime_config),
            ("AcceleratorConfig", &self.accelerator_config),
        ];
        let given = unsupported.into_iter().find(|(_, value)| !says_nothing(value)).map(|(name, _)| name);
        let mode = self.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_deref());
        let apply_on = self.snap_start.as_ref().and_then(|snap_start| snap_start.apply_on.as_deref());
        let given = given
            .or(mode.filter(|mode| *mode != "PassThrough").map(|_| "TracingConfig"))
            .or(apply_on.filter(|apply_on| *apply_on != "None").map(|_| "SnapStart"));
        given.map_or(Ok(()), |name| Err(not_there(name)))
    }
}

/// AWS would act on this, and Hearth does not: better no function than one that behaves differently.
pub(super) fn not_there(name: &str) -> Refusal {
    let message =
        format!("`{name}` is not part of Hearth: leave it out, or give it the value that it has by default");
    Refusal::InvalidParameter(message.into())
}

/// Whether a value is empty all the way down, as tools send it for what their users did not set.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(says_nothing),
        Value::Object(members) => members.values().all(says_nothing),
    }
}
