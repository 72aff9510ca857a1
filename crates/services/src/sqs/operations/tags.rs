//! Tags of queues.

use std::collections::BTreeMap;

use hearth_model::sqs::{QueueAddress, limits};

use crate::{
    sqs::{Queues, Refusal},
    tags::{add_tags, remove_tags},
};

impl Queues {
    /// `ListQueueTags`.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn tags(&self, queue: &QueueAddress) -> Result<BTreeMap<String, String>, Refusal> {
        Ok(self.region(&queue.partition)?.lock().record(&queue.name)?.tags.clone())
    }

    /// `TagQueue`: adds tags, and changes those that are there.
    ///
    /// # Errors
    /// If there is no such queue, or it would have too many tags.
    pub fn tag(&self, queue: &QueueAddress, tags: BTreeMap<String, String>) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, _| add_tags(&mut state.record_mut(&queue.name)?.tags, tags, check_tags))
    }

    /// `UntagQueue`: takes tags away; those that are not there do not matter.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn untag(&self, queue: &QueueAddress, keys: &[String]) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, _| {
            remove_tags(&mut state.record_mut(&queue.name)?.tags, keys);
            Ok(())
        })
    }
}

pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > limits::TAGS {
        return Err(Refusal::invalid(format!(
            "Too many tags added for queue: the maximum is {}.",
            limits::TAGS
        )));
    }
    if tags.keys().any(|key| key.is_empty() || key.chars().count() > 128) {
        return Err(Refusal::invalid("Tag keys must be between 1 and 128 characters in length."));
    }
    if tags.values().any(|value| value.chars().count() > 256) {
        return Err(Refusal::invalid("Tag values must be between 0 and 256 characters in length."));
    }
    Ok(())
}
