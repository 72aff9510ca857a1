//! The operations on targets.

use hearth_model::identity::Partition;

use super::rules::{check_bus, check_named};
use crate::events::{NewTarget, Page, PageRequest, Refusal, RuleTarget, Rules};

/// Most targets of a rule. Source: "Amazon EventBridge quotas" in the user guide.
const MOST_TARGETS: usize = 5;

impl Rules {
    /// `PutTargets`: gives a rule targets, in place of those with the same ids.
    ///
    /// # Errors
    /// If there is no such rule or event bus, one of them cannot be a target, or there would be too many. Then all stays as it
    /// was.
    pub fn put_targets(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        rule: &str,
        targets: Vec<NewTarget>,
    ) -> Result<(), Refusal> {
        check_named(partition, bus, rule)?;
        let targets = RuleTarget::read_all(targets)?;
        let key = (partition.clone(), rule.to_owned());
        self.with(|state, _| {
            state.change(&key, |rule| {
                for target in targets {
                    match rule.targets.iter_mut().find(|known| known.given.id == target.given.id) {
                        Some(known) => *known = target,
                        None => rule.targets.push(target),
                    }
                }
                if rule.targets.len() > MOST_TARGETS { Err(Refusal::LimitExceeded) } else { Ok(()) }
            })
        })
    }

    /// `RemoveTargets`. Those that are not there need not be removed.
    ///
    /// # Errors
    /// If there is no such rule or event bus.
    pub fn remove_targets(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        rule: &str,
        ids: &[String],
    ) -> Result<(), Refusal> {
        check_named(partition, bus, rule)?;
        let key = (partition.clone(), rule.to_owned());
        self.with(|state, _| {
            state.change(&key, |rule| {
                rule.targets.retain(|target| !ids.contains(&target.given.id));
                Ok(())
            })
        })
    }

    /// `ListTargetsByRule`.
    ///
    /// # Errors
    /// If there is no such rule, event bus or page.
    pub fn list_targets(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        rule: &str,
        page: &PageRequest,
    ) -> Result<Page<NewTarget>, Refusal> {
        check_named(partition, bus, rule)?;
        let rule = self.find(partition, rule)?;
        let mut targets: Vec<_> = rule.targets.iter().map(|target| target.given.clone()).collect();
        targets.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(page.of(targets.into_iter(), "limit", |target| target.id.clone())?)
    }

    /// `ListRuleNamesByTarget`: the rules that have a target with this ARN.
    ///
    /// # Errors
    /// If there is no such event bus or page.
    pub fn list_rule_names(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        target_arn: &str,
        page: &PageRequest,
    ) -> Result<Page<String>, Refusal> {
        check_bus(partition, bus)?;
        let rules = self.all(partition).into_iter();
        let rules = rules.filter(|rule| rule.targets.iter().any(|target| target.given.arn == target_arn));
        Ok(page.of(rules.map(|rule| rule.name.clone()), "limit", String::clone)?)
    }
}
