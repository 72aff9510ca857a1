//! Tags of rules.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use crate::{
    events::{Refusal, Rule, Rules, rule::check_tags},
    tags::{add_tags, remove_tags},
};

impl Rules {
    /// `ListTagsForResource`.
    ///
    /// # Errors
    /// If there is no such rule.
    pub fn tags(&self, partition: &Partition, arn: &str) -> Result<BTreeMap<String, String>, Refusal> {
        Ok(self.find(partition, tagged(partition, arn)?)?.tags.clone())
    }

    /// `TagResource`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// If there is no such rule, or it would have too many tags.
    pub fn tag(
        &self,
        partition: &Partition,
        arn: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let key = (partition.clone(), tagged(partition, arn)?.to_owned());
        self.with(|state, _| state.change(&key, |rule| add_tags(&mut rule.tags, tags, check_tags)))
    }

    /// `UntagResource`: takes tags away; those that are not there do not matter.
    ///
    /// # Errors
    /// If there is no such rule.
    pub fn untag(&self, partition: &Partition, arn: &str, keys: &[String]) -> Result<(), Refusal> {
        let key = (partition.clone(), tagged(partition, arn)?.to_owned());
        self.with(|state, _| {
            state.change(&key, |rule| {
                remove_tags(&mut rule.tags, keys);
                Ok(())
            })
        })
    }
}

fn tagged<'a>(partition: &Partition, arn: &'a str) -> Result<&'a str, Refusal> {
    let reason = || {
        Refusal::parameter(
            "ResourceARN",
            format!("{arn} is not the ARN of a rule of this account and region."),
        )
    };
    Rule::name_of_arn(partition, arn).ok_or_else(reason)
}
