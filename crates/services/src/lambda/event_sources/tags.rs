//! Tags of mappings.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::identity::Partition;

use super::{EventSourceMappings, MappingId, mapping::Mapping};
use crate::lambda::{
    Refusal,
    operations::{add_tags, remove_tags},
};

impl EventSourceMappings {
    /// Whether an ARN is one of a mapping rather than of a function.
    #[must_use]
    pub fn is_meant_by(arn: &str) -> bool {
        arn.split(':').nth(5) == Some("event-source-mapping")
    }

    /// `ListTags`.
    ///
    /// # Errors
    /// If there is no such mapping.
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

    fn tagged(&self, partition: &Partition, arn: &str) -> Result<Arc<Mapping>, Refusal> {
        let id = MappingId::parse_arn(partition, arn).map(|id| id.to_string());
        self.find(partition, id.as_deref().unwrap_or(arn))
    }
}
