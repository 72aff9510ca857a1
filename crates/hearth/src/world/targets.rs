//! What the names of queues and functions in a manifest mean.

use std::sync::Arc;

use hearth_model::{destination::Destination, identity::Partition};
use hearth_services::{Services, lambda::AsynchronousChange};

use super::deploy::Unusable;
use crate::manifest::{FunctionDeclaration, Manifest, Target};

/// The ways to what there is.
#[derive(Clone, Copy)]
pub(super) struct Targets<'a> {
    pub(super) services: &'a Services,
    pub(super) partition: &'a Partition,
    pub(super) manifest: &'a Manifest,
}

impl Targets<'_> {
    /// The queue for events that the function could not handle.
    pub(super) fn dead_letter(
        &self,
        declaration: &FunctionDeclaration,
    ) -> Result<Option<Arc<Destination>>, Unusable> {
        let Some(target) = &declaration.dead_letter else { return Ok(None) };
        let unusable = |reason: String| Unusable { place: target.place.clone(), reason };
        let name = &target.name;
        let arn = self.arn_or_queue(target);
        let arn =
            arn.ok_or_else(|| unusable(format!("there is no queue `{name}`: declare it, or write its ARN")))?;
        let read = self.services.functions().dead_letter(&self.partition.region, &arn);
        read.map_err(|refusal| unusable(refusal.to_string()))
    }

    /// What is to be set for the function's asynchronous invocations.
    pub(super) fn change(&self, declaration: &FunctionDeclaration) -> Result<AsynchronousChange, Unusable> {
        let Some(declared) = &declaration.asynchronous else { return Ok(AsynchronousChange::default()) };
        let arn = |target: &Option<Target>| target.as_ref().map(|target| self.arn(target)).transpose();
        Ok(AsynchronousChange {
            maximum_retry_attempts: declared.maximum_retry_attempts.map(i64::from),
            maximum_event_age_s: declared.maximum_event_age_s.map(i64::from),
            on_success: arn(&declared.on_success)?,
            on_failure: arn(&declared.on_failure)?,
        })
    }

    /// The ARN of a function of the manifest, or of a queue.
    fn arn(&self, target: &Target) -> Result<String, Unusable> {
        let name = &target.name;
        if let Some(function) = self.manifest.function(name) {
            return Ok(function.configuration.name.arn(self.partition));
        }
        self.arn_or_queue(target).ok_or_else(|| Unusable {
            place: target.place.clone(),
            reason: format!(
                "there is neither a function nor a queue `{name}`: declare one, or write its ARN"
            ),
        })
    }

    fn arn_or_queue(&self, target: &Target) -> Option<String> {
        if target.name.starts_with("arn:") {
            return Some(target.name.clone());
        }
        let name =
            self.manifest.queue(&target.name).map_or(target.name.as_str(), |queue| queue.name.as_str());
        let queue = self.services.queues().find_queue(self.partition, name, None);
        queue.ok().map(|queue| queue.to_string())
    }
}
