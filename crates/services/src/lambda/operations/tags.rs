//! Tags of functions, and what holds of all tags.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{
    identity::Partition,
    reference::{FunctionReference, NameShape},
};

use crate::lambda::{Functions, Refusal, entry::Entry};

/// Most tags of a function.
const MOST: usize = 50;

impl Functions {
    /// `ListTags`.
    ///
    /// # Errors
    /// If there is no such function, or a version or alias is named.
    pub fn tags(&self, partition: &Partition, arn: &str) -> Result<BTreeMap<String, String>, Refusal> {
        Ok(self.tagged(partition, arn)?.state().tags.clone())
    }

    /// `TagResource`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// As [`tags`](Self::tags), and if there are too many tags, or none.
    pub fn tag(
        &self,
        partition: &Partition,
        arn: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        add_tags(&mut self.tagged(partition, arn)?.state().tags, tags)
    }

    /// `UntagResource`.
    ///
    /// # Errors
    /// As [`tags`](Self::tags).
    pub fn untag(&self, partition: &Partition, arn: &str, keys: &[String]) -> Result<(), Refusal> {
        remove_tags(&mut self.tagged(partition, arn)?.state().tags, keys);
        Ok(())
    }

    fn tagged(&self, partition: &Partition, arn: &str) -> Result<Arc<Entry>, Refusal> {
        let reference = FunctionReference::parse(NameShape::Plain, arn, None)?;
        if reference.qualifier.is_some() {
            return Err(Refusal::invalid(
                "Tags on function aliases and versions are not supported. Please specify a function ARN.",
            ));
        }
        Ok(self.entry_to_change(partition, arn)?.1)
    }
}

/// Adds tags in place of those with the same keys.
pub(in crate::lambda) fn add_tags(
    tags: &mut BTreeMap<String, String>,
    added: BTreeMap<String, String>,
) -> Result<(), Refusal> {
    if added.is_empty() {
        return Err(Refusal::invalid("An error occurred and the request cannot be processed."));
    }
    let mut all = tags.clone();
    all.extend(added);
    check_tags(&all)?;
    *tags = all;
    Ok(())
}

/// Takes tags away.
pub(in crate::lambda) fn remove_tags(tags: &mut BTreeMap<String, String>, keys: &[String]) {
    tags.retain(|key, _| !keys.contains(key));
}

/// Checks all tags of something together.
pub(in crate::lambda) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(Refusal::invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}
