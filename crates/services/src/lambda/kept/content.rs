//! Versions as they are written.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use hearth_engine::journal::Unreadable;
use hearth_model::{
    cold_start::{ColdStartModel, Profile},
    destination::Destination,
    function::{EnvironmentVariables, EphemeralStorage, FunctionConfiguration, MemorySize, Runtime, Timeout},
    identity::{FunctionName, Version},
    logging::{ApplicationLogLevel, LogFormat, LogLevels, LoggingConfiguration, SystemLogLevel},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::files::{CodeFiles, Hash};
use crate::{
    kept::unreadable,
    lambda::{Architecture, Code, Content, DeployedVersion, MountedLayer, Phase, RevisionId, Settings},
};

/// A published version.
#[derive(Serialize, Deserialize)]
pub(super) enum VersionDocument {
    V1(VersionV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct VersionV1 {
    settings: SettingsV1,
    code: Hash,
    layers: Vec<LayerV1>,
    revision: [u8; 16],
    modified: i64,
}

/// A layer that is mounted.
#[derive(Serialize, Deserialize)]
struct LayerV1 {
    arn: Option<String>,
    code: Hash,
}

#[derive(Serialize, Deserialize)]
struct SettingsV1 {
    runtime: String,
    handler: String,
    memory_mib: u32,
    timeout_s: u32,
    ephemeral_storage_mib: u32,
    environment: BTreeMap<String, String>,
    names_environment: bool,
    /// The levels of what the function and the platform write, as JSON.
    log_levels: Option<(String, String)>,
    log_group: Option<String>,
    dead_letter: Option<String>,
    cold_start: ColdStartV1,
    description: String,
    role: String,
    arm: bool,
}

#[derive(Serialize, Deserialize)]
struct ColdStartV1 {
    profile: Option<String>,
    package_bytes: u64,
    vpc: bool,
    seed: u64,
}

/// Code that is read from files, each of them once.
pub(super) struct Codes<'a> {
    files: &'a CodeFiles,
    read: HashMap<Hash, Arc<Code>>,
}

impl<'a> Codes<'a> {
    pub(super) fn new(files: &'a CodeFiles) -> Self {
        Self { files, read: HashMap::new() }
    }

    /// Those that have been read.
    pub(super) fn hashes(&self) -> impl Iterator<Item = Hash> {
        self.read.keys().copied()
    }

    /// The code of a hash. If its file is missing or damaged, who has it does without: that is no reason to do without everything
    /// else.
    pub(super) fn find(&mut self, hash: Hash) -> Arc<Code> {
        let code = self.read.entry(hash).or_insert_with(|| {
            let restored = self.files.read(hash).and_then(|zip| {
                Code::restored(zip, hash).map_err(|error| format!("its code cannot be unzipped: {error}"))
            });
            Arc::new(restored.unwrap_or_else(|reason| Code::lost(hash, &reason)))
        });
        Arc::clone(code)
    }
}

impl VersionV1 {
    pub(super) fn of(deployed: &DeployedVersion) -> Self {
        let Content { settings, code, layers } = &deployed.content;
        let layer = |MountedLayer { arn, code }: &MountedLayer| LayerV1 {
            arn: arn.clone(),
            code: code.digest().sha256,
        };
        Self {
            settings: SettingsV1::of(settings),
            code: code.digest().sha256,
            layers: layers.iter().map(layer).collect(),
            revision: deployed.revision.to_bytes(),
            modified: deployed.modified.as_unix_nanos(),
        }
    }

    /// The hashes of all code that it needs.
    pub(super) fn codes(&self) -> impl Iterator<Item = Hash> {
        self.layers.iter().map(|layer| layer.code).chain([self.code])
    }

    pub(super) fn read(
        self,
        name: FunctionName,
        version: Version,
        codes: &mut Codes<'_>,
    ) -> Result<DeployedVersion, Unreadable> {
        let layers = self.layers.into_iter();
        let layers = layers.map(|LayerV1 { arn, code }| MountedLayer { arn, code: codes.find(code) });
        let layers = layers.collect();
        let content = Content { settings: self.settings.read(name)?, code: codes.find(self.code), layers };
        Ok(DeployedVersion {
            version,
            content,
            revision: RevisionId::from_bytes(self.revision),
            modified: Timestamp::from_unix_nanos(self.modified),
            phase: Phase::Done,
        })
    }
}

impl SettingsV1 {
    fn of(settings: &Settings) -> Self {
        let Settings { configuration, description, role, architecture, names_environment } = settings;
        let FunctionConfiguration {
            name: _,
            runtime,
            handler,
            memory,
            timeout,
            ephemeral_storage,
            environment,
            reserved_concurrency: _,
            logging: LoggingConfiguration { format, group },
            dead_letter,
            cold_start: ColdStartModel { profile, package_bytes, vpc, seed },
        } = configuration;
        let log_levels = match format {
            LogFormat::Text => None,
            LogFormat::Json(LogLevels { application, system }) => {
                Some((application.to_string(), system.to_string()))
            }
        };
        Self {
            runtime: runtime.to_string(),
            handler: handler.clone(),
            memory_mib: memory.get(),
            timeout_s: timeout.get(),
            ephemeral_storage_mib: ephemeral_storage.get(),
            environment: environment
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            names_environment: *names_environment,
            log_levels,
            log_group: group.as_ref().map(|group| group.as_str().to_owned()),
            dead_letter: dead_letter.as_ref().map(|queue| queue.as_str().to_owned()),
            cold_start: ColdStartV1 {
                profile: profile.map(|profile| profile.as_str().to_owned()),
                package_bytes: *package_bytes,
                vpc: *vpc,
                seed: *seed,
            },
            description: description.clone(),
            role: role.clone(),
            arm: *architecture == Architecture::Arm64,
        }
    }

    fn read(self, name: FunctionName) -> Result<Settings, Unreadable> {
        let format = match self.log_levels {
            None => LogFormat::Text,
            Some((application, system)) => LogFormat::Json(LogLevels {
                application: ApplicationLogLevel::parse(&application)
                    .ok_or_else(|| unreadable(format!("`{application}` is no log level")))?,
                system: SystemLogLevel::parse(&system)
                    .ok_or_else(|| unreadable(format!("`{system}` is no log level")))?,
            }),
        };
        let ColdStartV1 { profile, package_bytes, vpc, seed } = self.cold_start;
        let profile = profile.map(|name| {
            Profile::parse(&name).ok_or_else(|| unreadable(format!("`{name}` is no cold-start profile")))
        });
        let configuration = FunctionConfiguration {
            name,
            runtime: Runtime::parse(&self.runtime).map_err(wrong)?,
            handler: self.handler,
            memory: MemorySize::try_from(self.memory_mib).map_err(wrong)?,
            timeout: Timeout::try_from(self.timeout_s).map_err(wrong)?,
            ephemeral_storage: EphemeralStorage::try_from(self.ephemeral_storage_mib).map_err(wrong)?,
            environment: EnvironmentVariables::new(self.environment).map_err(wrong)?,
            reserved_concurrency: None,
            logging: LoggingConfiguration {
                format,
                group: self.log_group.map(|name| name.parse().map_err(wrong)).transpose()?,
            },
            dead_letter: self.dead_letter.as_deref().map(destination).transpose()?,
            cold_start: ColdStartModel { profile: profile.transpose()?, package_bytes, vpc, seed },
        };
        Ok(Settings {
            configuration,
            description: self.description,
            role: self.role,
            architecture: if self.arm { Architecture::Arm64 } else { Architecture::X86_64 },
            names_environment: self.names_environment,
        })
    }
}

pub(super) fn destination(arn: &str) -> Result<Arc<Destination>, Unreadable> {
    Destination::parse(arn).map(Arc::new).map_err(|error| unreadable(format!("`{arn}`: {error}")))
}

/// What is written is not allowed.
pub(super) fn wrong(error: impl std::error::Error) -> Unreadable {
    unreadable(error.to_string())
}
