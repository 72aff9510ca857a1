//! Tags of groups; schedules have none.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use super::groups::arn;
use crate::{
    checks::Checks,
    scheduler::{Refusal, Schedules},
    tags::{add_tags, remove_tags},
};

/// Source: "Quotas for Amazon EventBridge Scheduler" in the user guide.
const MOST: usize = 50;

impl Schedules {
    /// `ListTagsForResource`.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn tags(&self, partition: &Partition, arn: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let name = tagged(partition, arn)?;
        self.with(|state, _| Ok(self.find_group(state, partition, name)?.tags))
    }

    /// `TagResource`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// If there is no such group, or it would have too many tags.
    pub fn tag(
        &self,
        partition: &Partition,
        arn: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        self.change_tags(partition, arn, |all| add_tags(all, tags, check_tags))
    }

    /// `UntagResource`: takes tags away; those that are not there do not matter.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn untag(&self, partition: &Partition, arn: &str, keys: &[String]) -> Result<(), Refusal> {
        self.change_tags(partition, arn, |all| {
            remove_tags(all, keys);
            Ok(())
        })
    }

    fn change_tags(
        &self,
        partition: &Partition,
        arn: &str,
        action: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let name = tagged(partition, arn)?;
        self.with(|state, now| {
            let mut group = self.find_group(state, partition, name)?;
            action(&mut group.tags)?;
            group.modified = now;
            state.put_group((partition.clone(), name.to_owned()), group);
            Ok(())
        })
    }
}

/// Checks all tags of a group together.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.tags(tags, 1..=256);
    checks.finish()?;
    if tags.len() > MOST {
        let message = format!("A schedule group can have at most {MOST} tags.");
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

/// The group that an ARN names.
fn tagged<'a>(partition: &Partition, text: &'a str) -> Result<&'a str, Refusal> {
    let name = text.rsplit_once('/').map(|(_, name)| name).filter(|name| arn(partition, name) == text);
    name.ok_or_else(|| {
        Refusal::invalid(format!("{text} is not the ARN of a schedule group of this account and region."))
    })
}
