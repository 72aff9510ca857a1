//! Creating, reading, changing and deleting functions.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_model::{
    identity::{FunctionName, Partition, Version},
    reference::{FunctionReference, NameShape, Qualifier},
};

use crate::lambda::{
    Architecture, Code, Content, DeployedVersion, DeploymentError, Functions, InvalidUpload, Page,
    PageRequest, Phase, Refusal, Settings, SettingsChange, entry::Entry, tags::check_tags,
};

/// What `CreateFunction` asks for.
#[derive(Debug)]
pub struct NewFunction {
    /// How it is to be configured.
    pub settings: SettingsChange,
    /// The instruction set that it was built for.
    pub architecture: Architecture,
    /// What runs.
    pub code: Code,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether version 1 shall be published at once.
    pub publish: bool,
}

/// What `UpdateFunctionCode` asks for.
#[derive(Debug)]
pub struct CodeChange {
    /// What shall run.
    pub code: Code,
    /// The instruction set that it was built for; none leaves it as it is.
    pub architecture: Option<Architecture>,
    /// The revision that the caller has seen.
    pub revision: Option<String>,
    /// Whether everything shall be checked and nothing be changed.
    pub dry_run: bool,
    /// Whether a version of the new code shall be published.
    pub publish: bool,
}

/// A version as it was asked for.
#[derive(Clone, Debug)]
pub struct FunctionView {
    /// Where it lives.
    pub partition: Partition,
    /// By what it was named; stands in the ARN.
    pub qualifier: Option<Qualifier>,
    /// The version.
    pub deployed: DeployedVersion,
}

/// What `GetFunction` tells beside the version.
#[derive(Clone, Debug)]
pub struct FunctionDescription {
    /// The version.
    pub view: FunctionView,
    /// The function's tags.
    pub tags: BTreeMap<String, String>,
    /// The function's reserved concurrency.
    pub reserved_concurrency: Option<u32>,
}

impl FunctionView {
    /// The ARN, with the qualifier by which the version was named.
    #[must_use]
    pub fn arn(&self) -> String {
        let arn = self.deployed.content.settings.configuration.name.arn(&self.partition);
        match &self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }
}

impl Functions {
    /// `CreateFunction`. The function can be invoked when this returns.
    ///
    /// # Errors
    /// If there is one of this name, a setting is not allowed, or the code cannot be loaded.
    pub async fn create(
        &self,
        partition: &Partition,
        name: &str,
        new: NewFunction,
    ) -> Result<FunctionView, Refusal> {
        let reference = FunctionReference::parse(NameShape::Plain, name, None)?;
        let partition = self.partition_of(partition, &reference)?;
        check_tags(&new.tags)?;
        let layers = self.mount(&partition, new.settings.layers.as_deref().unwrap_or_default())?;
        let settings = Settings::create(reference.name, new.architecture, new.settings)?;
        if let Some(queue) = &settings.configuration.dead_letter {
            self.check_dead_letter(&partition.region, queue)?;
        }
        let content = Content { settings, code: Arc::new(new.code), layers };
        let created = self.insert(&partition, content, None, new.tags).await?;
        if new.publish {
            let name = &created.content.settings.configuration.name;
            let entry = self.entry(&partition, name).ok_or_else(|| not_found(name, &partition))?;
            let published = self.publish_entry(&entry, None)?;
            // AWS answers with the version's number and state, and with the function's ARN.
            let deployed = DeployedVersion { phase: Phase::Creating, ..published };
            return Ok(FunctionView { partition, qualifier: None, deployed });
        }
        Ok(FunctionView { partition, qualifier: None, deployed: created })
    }

    /// `UpdateFunctionCode`. From when this returns, invocations are served by the new code.
    ///
    /// # Errors
    /// If there is no such function, it is another revision, is being changed, or the code cannot be loaded.
    pub async fn update_code(
        &self,
        partition: &Partition,
        name: &str,
        change: CodeChange,
    ) -> Result<FunctionView, Refusal> {
        let code = Arc::new(change.code);
        let content = |deployed: &DeployedVersion| {
            let mut content = Content { code, ..deployed.content.clone() };
            content.settings.architecture = change.architecture.unwrap_or(content.settings.architecture);
            Ok(content)
        };
        let revision = change.revision.as_deref();
        if change.dry_run {
            let (partition, entry) = self.entry_to_change(partition, name)?;
            let deployed = entry.state().latest.clone();
            check_revision(&deployed, revision)?;
            let changed = DeployedVersion::updated(content(&deployed)?, self.now()).done();
            return Ok(FunctionView { partition, qualifier: None, deployed: changed });
        }
        let view = self.change(partition, name, revision, content).await?;
        if !change.publish {
            return Ok(view);
        }
        let (partition, entry) = self.entry_to_change(&view.partition, name)?;
        let published = self.publish_entry(&entry, None)?;
        let deployed = DeployedVersion { phase: Phase::Creating, ..published };
        Ok(FunctionView { partition, qualifier: Some(deployed.version.into()), deployed })
    }

    /// `UpdateFunctionConfiguration`. From when this returns, invocations are served by new environments.
    ///
    /// # Errors
    /// If there is no such function, it is another revision, is being changed, or a setting is not allowed.
    pub async fn update_configuration(
        &self,
        partition: &Partition,
        name: &str,
        revision: Option<&str>,
        change: SettingsChange,
    ) -> Result<FunctionView, Refusal> {
        let layers = change.layers.as_deref().map(|arns| self.mount(partition, arns)).transpose()?;
        let names_queue = change.dead_letter.is_some();
        let content = |deployed: &DeployedVersion| {
            let Content { code, layers: before, .. } = deployed.content.clone();
            let settings = deployed.content.settings.changed(change)?;
            if let Some(queue) = settings.configuration.dead_letter.as_ref().filter(|_| names_queue) {
                self.check_dead_letter(&partition.region, queue)?;
            }
            Ok(Content { settings, code, layers: layers.unwrap_or(before) })
        };
        self.change(partition, name, revision, content).await
    }

    /// `GetFunction`.
    ///
    /// # Errors
    /// If there is no such function, version or alias.
    pub fn describe(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<FunctionDescription, Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let partition = self.partition_of(partition, &reference)?;
        let not_found = || Refusal::function_not_found(&reference, &partition);
        let entry = self.entry(&partition, &reference.name).ok_or_else(not_found)?;
        let state = entry.state();
        let qualifier = reference.qualifier.clone();
        let deployed = state.qualified(qualifier.as_ref().unwrap_or(&Qualifier::LATEST)).cloned();
        let deployed = deployed.ok_or_else(not_found)?;
        let view = FunctionView { partition: partition.clone(), qualifier, deployed };
        let (tags, reserved_concurrency) = (state.tags.clone(), state.reserved_concurrency);
        Ok(FunctionDescription { view, tags, reserved_concurrency })
    }

    /// `ListFunctions`: `$LATEST` of each, or all versions.
    ///
    /// # Errors
    /// If the page is none.
    pub fn page(
        &self,
        partition: &Partition,
        all_versions: bool,
        request: &PageRequest,
    ) -> Result<Page<FunctionView>, Refusal> {
        let latest = |entry: &Arc<Entry>| FunctionView {
            partition: partition.clone(),
            qualifier: None,
            deployed: entry.state().latest.clone(),
        };
        let entries = self.entries(partition);
        let views = if all_versions {
            entries.iter().flat_map(|entry| versions(partition, entry)).collect()
        } else {
            entries.iter().map(latest).collect()
        };
        request.of(views, page_key)
    }

    /// `DeleteFunction`: the function with everything that belongs to it, or one published version. Invocations that run
    /// finish. A version that is not there is no error, as on AWS.
    ///
    /// # Errors
    /// If there is no such function, the qualifier is no published version, or an alias points to it.
    pub fn delete(&self, partition: &Partition, name: &str, qualifier: Option<&str>) -> Result<(), Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let partition = self.partition_of(partition, &reference)?;
        let not_found = || not_found(&reference.name, &partition);
        match &reference.qualifier {
            None => self.remove(&partition, &reference.name).map(drop).ok_or_else(not_found),
            Some(Qualifier::Version(Version::Latest)) => {
                Err(Refusal::invalid("$LATEST version cannot be deleted without deleting the function."))
            }
            Some(Qualifier::Version(Version::Published(number))) => {
                let entry = self.entry(&partition, &reference.name).ok_or_else(not_found)?;
                self.delete_version(&entry, *number)
            }
            Some(Qualifier::Alias(_) | Qualifier::Nothing(_)) => {
                Err(Refusal::invalid("Deletion of aliases is not currently supported."))
            }
        }
    }

    /// The code of a function as a zip, if there is such a function.
    #[must_use]
    pub fn zip(&self, partition: &Partition, name: &str, version: Option<&str>) -> Option<Bytes> {
        let code = self.describe(partition, name, version).ok()?.view.deployed.content.code;
        code.download()
    }

    async fn change(
        &self,
        partition: &Partition,
        name: &str,
        revision: Option<&str>,
        content: impl FnOnce(&DeployedVersion) -> Result<Content, Refusal>,
    ) -> Result<FunctionView, Refusal> {
        let (partition, entry) = self.entry_to_change(partition, name)?;
        let _change = self.begin_change(&entry)?;
        let deployed = entry.state().latest.clone();
        check_revision(&deployed, revision)?;
        let content = content(&deployed)?;
        let reserved = entry.state().reserved_concurrency;
        let changed = self.replace(&entry, content, reserved).await?;
        Ok(FunctionView { partition, qualifier: None, deployed: changed })
    }

    /// The function that an operation on `$LATEST`, or on the function as a whole, is about.
    pub(in crate::lambda) fn entry_to_change(
        &self,
        partition: &Partition,
        name: &str,
    ) -> Result<(Partition, Arc<Entry>), Refusal> {
        let reference = FunctionReference::parse(NameShape::Plain, name, None)?;
        let partition = self.partition_of(partition, &reference)?;
        let entry = self.entry(&partition, &reference.name);
        let entry = entry.ok_or_else(|| not_found(&reference.name, &partition))?;
        Ok((partition, entry))
    }

    /// Where a caller of `own` looks for something: an ARN may name another account, but no other region.
    pub(in crate::lambda) fn partition_of(
        &self,
        own: &Partition,
        reference: &FunctionReference,
    ) -> Result<Partition, Refusal> {
        if let Some(named) = reference.region.as_ref().filter(|named| **named != own.region) {
            return Err(Refusal::other_region(named, &own.region));
        }
        let account = reference.account.unwrap_or(own.account);
        Ok(Partition { account, region: own.region.clone() })
    }
}

/// All versions, `$LATEST` first, each named by its number.
pub(super) fn versions(partition: &Partition, entry: &Entry) -> Vec<FunctionView> {
    let state = entry.state();
    let view = |deployed: &DeployedVersion| FunctionView {
        partition: partition.clone(),
        qualifier: Some(deployed.version.into()),
        deployed: deployed.clone(),
    };
    state.versions().map(view).collect()
}

/// Orders functions by name, and each one's versions as they were published.
pub(super) fn page_key(view: &FunctionView) -> String {
    let name = &view.deployed.content.settings.configuration.name;
    match view.deployed.version {
        Version::Latest => name.to_string(),
        Version::Published(number) => format!("{name}:{number:020}"),
    }
}

fn not_found(name: &FunctionName, partition: &Partition) -> Refusal {
    Refusal::NotFound(format!("Function not found: {}", name.arn(partition)).into())
}

pub(super) fn check_revision(deployed: &DeployedVersion, given: Option<&str>) -> Result<(), Refusal> {
    if deployed.revision.is_meant_by(given) { Ok(()) } else { Err(Refusal::stale_function()) }
}

impl From<DeploymentError> for Refusal {
    fn from(error: DeploymentError) -> Self {
        let message = error.to_string().into();
        match error {
            DeploymentError::Exists { .. }
            | DeploymentError::Busy { .. }
            | DeploymentError::CodeLost { .. } => Self::Conflict(message),
            DeploymentError::NotFound { .. } => Self::NotFound(message),
            DeploymentError::TooLarge { .. } => Self::InvalidParameter(message),
            DeploymentError::NotKept(error) => error.into(),
            DeploymentError::Engine(error) => error.into(),
        }
    }
}

impl From<InvalidUpload> for Refusal {
    fn from(error: InvalidUpload) -> Self {
        Self::InvalidParameter(error.to_string().into())
    }
}
