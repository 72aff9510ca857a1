//! Publishing, listing and deleting versions.
//!
//! Source: `PublishVersion` and `DeleteFunction` in the Lambda API reference; recorded answers.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_model::{
    identity::{Partition, Version},
    reference::{FunctionReference, NameShape},
    validation::Violation,
};

use super::functions::{check_revision, page_key, versions};
use crate::lambda::{
    DeployedVersion, FunctionView, Functions, InvocationError, Page, PageRequest, Refusal, entry::Entry,
    operations::Target,
};

/// What `PublishVersion` asks for.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The hash that the code is expected to have, in base64.
    pub code_sha256: Option<String>,
    /// What the version is for; none takes the function's.
    pub description: Option<String>,
    /// The revision that the caller has seen.
    pub revision: Option<String>,
}

impl Functions {
    /// `PublishVersion`: makes an immutable version of `$LATEST`, unless it is what was published last.
    ///
    /// # Errors
    /// If there is no such function, it has other code or is another revision than expected, or is being changed.
    pub fn publish(
        &self,
        partition: &Partition,
        name: &str,
        publication: Publication,
    ) -> Result<FunctionView, Refusal> {
        const MOST: usize = 256;
        if let Some(long) = publication.description.as_ref().filter(|text| text.chars().count() > MOST) {
            return Err(Violation::length_at_most("description", long, MOST).into());
        }
        let (partition, entry) = self.entry_to_change(partition, name)?;
        let latest = entry.state().latest.clone();
        check_revision(&latest, publication.revision.as_deref())?;
        if let Some(expected) = publication.code_sha256.filter(|text| !text.is_empty()) {
            let current = BASE64_STANDARD.encode(latest.content.code.digest().sha256);
            if expected != current {
                let message = format!(
                    "CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({current}). Please try \
                     again with the CodeSHA256 in $LATEST."
                );
                return Err(Refusal::invalid(message));
            }
        }
        let deployed = self.publish_entry(&entry, publication.description)?;
        Ok(FunctionView { partition, qualifier: Some(deployed.version.into()), deployed })
    }

    /// `ListVersionsByFunction`: `$LATEST`, and then the others in the order in which they were published.
    ///
    /// # Errors
    /// If there is no such function, or the page is none.
    pub fn versions(
        &self,
        partition: &Partition,
        name: &str,
        request: &PageRequest,
    ) -> Result<Page<FunctionView>, Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, None)?;
        let partition = self.partition_of(partition, &reference)?;
        let entry = self.entry(&partition, &reference.name);
        let entry = entry.ok_or_else(|| Refusal::function_not_found(&reference, &partition))?;
        request.of(versions(&partition, &entry), page_key)
    }

    /// Publishes what `$LATEST` is now; what is the same as the version before is that version.
    pub(super) fn publish_entry(
        &self,
        entry: &Entry,
        description: Option<String>,
    ) -> Result<DeployedVersion, Refusal> {
        let _change = self.begin_change(entry)?;
        let mut state = entry.state();
        if let Some(reason) = state.latest.failure() {
            let error = InvocationError::Unloaded { reason: Arc::clone(reason) };
            return Err(Refusal::Conflict(error.to_string().into()));
        }
        let last = state.published.get(&state.last_published);
        if let Some(last) = last.filter(|last| state.latest.content.is_as(&last.content)) {
            return Ok(last.clone());
        }
        let number = state.last_published + 1;
        self.engine()
            .publish(&entry.function, number)
            .map_err(|error| Refusal::Conflict(error.to_string().into()))?;
        let published = state.latest.published(number, description);
        state.last_published = number;
        state.published.insert(number, published.clone());
        self.apply_version(entry, &state, published.version);
        Ok(published)
    }

    /// Deletes a published version that no alias points to.
    pub(super) fn delete_version(&self, entry: &Entry, number: u64) -> Result<(), Refusal> {
        let mut state = entry.state();
        let aliases: Vec<_> = state
            .aliases
            .values()
            .filter(|alias| alias.points_to(number))
            .map(|alias| alias.name.as_str())
            .collect();
        if !aliases.is_empty() {
            let message = format!(
                "Unable to delete version because the following aliases reference it: [{}]",
                aliases.join(", ")
            );
            return Err(Refusal::Conflict(message.into()));
        }
        if state.published.remove(number).is_some() {
            self.engine().remove_version(&entry.function, number);
            state.provisions.remove(&Target::Version(number));
            state.policies.remove(&Some(Version::Published(number).into()));
            state.runtime_updates.remove(&Version::Published(number));
            self.drop_asynchronous(entry, &mut state, Version::Published(number).into());
            drop(state);
            self.sweep_code();
        }
        Ok(())
    }
}
