//! `ListTags`, `TagResource` and `UntagResource`.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{
    identity::Partition,
    reference::{FunctionReference, NameShape},
};

use super::{EventSourceMappings, Functions, MappingId, Refusal, entry::Entry, event_sources::Mapping};
use crate::tags::{add_tags, remove_tags};

/// Most tags of a function or a mapping.
const MOST: usize = 50;

/// A function or an event source mapping, for its tags.
pub struct Tagged(Owner);

enum Owner {
    Function(Arc<Entry>),
    Mapping(Arc<Mapping>),
}

impl Tagged {
    /// `ListTags`.
    #[must_use]
    pub fn tags(&self) -> BTreeMap<String, String> {
        match &self.0 {
            Owner::Function(entry) => entry.state().tags.clone(),
            Owner::Mapping(mapping) => mapping.with_tags(|tags| tags.clone()),
        }
    }

    /// `TagResource`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// If there are too many tags, or none.
    pub fn tag(&self, added: BTreeMap<String, String>) -> Result<(), Refusal> {
        if added.is_empty() {
            return Err(Refusal::invalid("An error occurred and the request cannot be processed."));
        }
        self.with_tags(|tags| add_tags(tags, added, check_tags))
    }

    /// `UntagResource`.
    pub fn untag(&self, keys: &[String]) {
        self.with_tags(|tags| remove_tags(tags, keys));
    }

    fn with_tags<T>(&self, action: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        match &self.0 {
            Owner::Function(entry) => action(&mut entry.state().tags),
            Owner::Mapping(mapping) => mapping.with_tags(action),
        }
    }
}

impl Functions {
    /// The function that has this ARN.
    ///
    /// # Errors
    /// If there is no such function, or a version or alias is named.
    pub fn tagged(&self, partition: &Partition, arn: &str) -> Result<Tagged, Refusal> {
        let reference = FunctionReference::parse(NameShape::Plain, arn, None)?;
        if reference.qualifier.is_some() {
            return Err(Refusal::invalid(
                "Tags on function aliases and versions are not supported. Please specify a function ARN.",
            ));
        }
        Ok(Tagged(Owner::Function(self.entry_to_change(partition, arn)?.1)))
    }
}

impl EventSourceMappings {
    /// Whether an ARN is one of a mapping rather than of a function.
    #[must_use]
    pub fn is_meant_by(arn: &str) -> bool {
        arn.split(':').nth(5) == Some("event-source-mapping")
    }

    /// The mapping that has this ARN.
    ///
    /// # Errors
    /// If there is no such mapping.
    pub fn tagged(&self, partition: &Partition, arn: &str) -> Result<Tagged, Refusal> {
        let id = MappingId::parse_arn(partition, arn).map(|id| id.to_string());
        Ok(Tagged(Owner::Mapping(self.find(partition, id.as_deref().unwrap_or(arn))?)))
    }
}

/// Checks all tags of something together.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(Refusal::invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}
