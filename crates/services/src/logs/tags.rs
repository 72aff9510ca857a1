//! Tags of log groups.

use std::collections::BTreeMap;

use hearth_model::{identity::Partition, logging::LogGroupName};

use super::{
    Logs, Refusal,
    names::{group_name, group_of_arn},
};
use crate::tags::{add_tags, remove_tags};

/// Most tags of a group.
const MOST: usize = 50;

/// What tags belong to: the ARN, as newer operations name it, or the name, as older ones do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged<'a> {
    /// The ARN.
    Arn(&'a str),
    /// The name.
    Name(&'a str),
}

impl Logs {
    /// `ListTagsForResource`, `ListTagsLogGroup`.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn tags(
        &self,
        partition: &Partition,
        tagged: Tagged<'_>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        Ok(self.settings(partition, &self.tagged(partition, tagged)?).tags)
    }

    /// `TagResource`, `TagLogGroup`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// If there is no such group, or it would have too many tags.
    pub fn tag(
        &self,
        partition: &Partition,
        tagged: Tagged<'_>,
        tags: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let name = self.tagged(partition, tagged)?;
        self.set(partition, &name, |settings| add_tags(&mut settings.tags, tags, check_tags))?
    }

    /// `UntagResource`, `UntagLogGroup`.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn untag(&self, partition: &Partition, tagged: Tagged<'_>, keys: &[String]) -> Result<(), Refusal> {
        let name = self.tagged(partition, tagged)?;
        self.set(partition, &name, |settings| remove_tags(&mut settings.tags, keys))
    }

    fn tagged(&self, partition: &Partition, tagged: Tagged<'_>) -> Result<LogGroupName, Refusal> {
        let name = match tagged {
            Tagged::Arn(arn) => group_of_arn(partition, arn)?,
            Tagged::Name(name) => group_name(name)?,
        };
        self.find(partition, &name)?;
        Ok(name)
    }
}

/// Checks all tags of a group together.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(Refusal::TooManyTags(format!("A log group can have at most {MOST} tags.").into()));
    }
    Ok(())
}
