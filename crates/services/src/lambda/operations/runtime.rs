//! How a version's runtime is updated.
//!
//! Hearth has one version of each runtime, its own, which does not change while it runs. So every mode of updating it comes
//! to the same; what would not is refused: another version.
//!
//! Source: `PutRuntimeManagementConfig` in the Lambda API reference.

use hearth_model::{
    identity::{Partition, Region, Version},
    reference::{FunctionReference, NameShape},
    validation::one_of,
};

use crate::lambda::{Functions, Refusal, entry::StateGuard};

/// When a version gets a newer runtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuntimeUpdate {
    /// When there is one.
    #[default]
    Auto,
    /// When it is told which.
    Manual,
    /// When its function is updated.
    FunctionUpdate,
}

/// How the runtime of a version is updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeManagement {
    /// The version's ARN.
    pub arn: String,
    /// When.
    pub update: RuntimeUpdate,
    /// The ARN of the runtime's version.
    pub runtime: String,
}

impl RuntimeUpdate {
    /// Reads the name.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        let known = [Self::Auto, Self::Manual, Self::FunctionUpdate];
        Ok(one_of("updateRuntimeOn", name, &known, Self::as_str)?)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Manual => "Manual",
            Self::FunctionUpdate => "FunctionUpdate",
        }
    }
}

impl RuntimeManagement {
    /// The ARN of the version that all runtimes have in a region.
    #[must_use]
    pub fn runtime_version(region: &Region) -> String {
        format!("arn:aws:lambda:{region}::runtime:hearth")
    }
}

impl Functions {
    /// `GetRuntimeManagementConfig`.
    ///
    /// # Errors
    /// If there is no such function or version.
    pub fn runtime_management(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<RuntimeManagement, Refusal> {
        self.with_runtime_update(partition, name, qualifier, |state, version| {
            state.runtime_updates.get(&version).copied().unwrap_or_default()
        })
    }

    /// `PutRuntimeManagementConfig`. `runtime` is the ARN of a runtime's version, for [`RuntimeUpdate::Manual`] alone.
    ///
    /// # Errors
    /// As [`runtime_management`](Self::runtime_management), and if the runtime's version is not the one that Hearth has.
    pub fn set_runtime_management(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: RuntimeUpdate,
        runtime: Option<&str>,
    ) -> Result<RuntimeManagement, Refusal> {
        let available = RuntimeManagement::runtime_version(&partition.region);
        match (given, runtime.filter(|arn| !arn.is_empty())) {
            (RuntimeUpdate::Manual, Some(arn)) if arn == available => {}
            (RuntimeUpdate::Manual, Some(arn)) => {
                let message =
                    format!("The runtime version {arn} does not exist. Hearth has {available} alone.");
                return Err(Refusal::invalid(message));
            }
            (RuntimeUpdate::Manual, None) => {
                let message = "RuntimeVersionArn is required if UpdateRuntimeOn is Manual.";
                return Err(Refusal::invalid(message));
            }
            (RuntimeUpdate::Auto | RuntimeUpdate::FunctionUpdate, None) => {}
            (RuntimeUpdate::Auto | RuntimeUpdate::FunctionUpdate, Some(_)) => {
                let message = "RuntimeVersionArn can be given only if UpdateRuntimeOn is Manual.";
                return Err(Refusal::invalid(message));
            }
        }
        self.with_runtime_update(partition, name, qualifier, |state, version| {
            state.runtime_updates.insert(version, given);
            given
        })
    }

    /// The way to the setting of a version; `$LATEST` if none is named.
    fn with_runtime_update(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        action: impl FnOnce(&mut StateGuard<'_>, Version) -> RuntimeUpdate,
    ) -> Result<RuntimeManagement, Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let place = self.partition_of(partition, &reference)?;
        let not_found = || Refusal::NotFound(format!("Function not found: {}", reference.arn(&place)).into());
        let entry = self.entry(&place, &reference.name).ok_or_else(not_found)?;
        let mut state = entry.state();
        let version =
            reference.qualifier.as_ref().map_or(Some(Version::Latest), |qualifier| qualifier.version());
        let version = version.filter(|version| state.version(*version).is_some()).ok_or_else(not_found)?;
        let update = action(&mut state, version);
        let arn = format!("{}:{version}", entry.function.arn());
        Ok(RuntimeManagement { arn, update, runtime: RuntimeManagement::runtime_version(&place.region) })
    }
}
