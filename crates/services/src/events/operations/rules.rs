//! The operations on rules.

use std::sync::Arc;

use hearth_model::identity::Partition;

use crate::{
    checks::Checks,
    events::{
        NewRule, Page, PageRequest, Refusal, Rule, Rules,
        rule::{NAME, is_default_bus},
    },
    firings::{Fired, Timed},
};

/// Most rules of an event bus. Source: "Amazon EventBridge quotas" in the user guide.
const MOST_RULES: usize = 300;

impl Rules {
    /// `PutRule`: makes a rule, or makes one other than it was; its targets and tags stay. Returns its ARN.
    ///
    /// # Errors
    /// If it cannot be, or there are too many rules.
    pub fn put_rule(&self, partition: &Partition, new: NewRule) -> Result<String, Refusal> {
        self.with(|state, now| {
            let rule = Rule::read(partition, new, now)?;
            let (key, arn) = ((partition.clone(), rule.name.clone()), rule.arn.clone());
            let rule = match state.rules.get(&key) {
                Some(before) => Rule {
                    targets: before.targets.clone(),
                    tags: before.tags.clone(),
                    fired: before.fired,
                    start: if before.plan().is_some() && before.expression == rule.expression {
                        before.start
                    } else {
                        now
                    },
                    ..rule
                },
                None if state.rules.keys().filter(|(place, _)| place == partition).count() >= MOST_RULES => {
                    return Err(Refusal::LimitExceeded);
                }
                None => rule,
            };
            state.put(key, rule, now);
            Ok(arn)
        })
    }

    /// `DescribeRule`.
    ///
    /// # Errors
    /// If there is no such rule or event bus.
    pub fn rule(&self, partition: &Partition, bus: Option<&str>, name: &str) -> Result<Arc<Rule>, Refusal> {
        check_named(partition, bus, name)?;
        self.find(partition, name)
    }

    /// `ListRules`: those whose names begin with `prefix`.
    ///
    /// # Errors
    /// If there is no such event bus or page.
    pub fn list_rules(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Arc<Rule>>, Refusal> {
        check_bus(partition, bus)?;
        let prefix = prefix.unwrap_or_default();
        let rules = self.all(partition).into_iter().filter(|rule| rule.name.starts_with(prefix));
        Ok(page.of(rules, "limit", |rule| rule.name.clone())?)
    }

    /// `EnableRule`, `DisableRule`. A rate counts from when its rule was enabled.
    ///
    /// # Errors
    /// If there is no such rule or event bus.
    pub fn enable_rule(
        &self,
        partition: &Partition,
        bus: Option<&str>,
        name: &str,
        enabled: bool,
    ) -> Result<(), Refusal> {
        check_named(partition, bus, name)?;
        self.with(|state, now| {
            let key = (partition.clone(), name.to_owned());
            let rule = state.rules.get(&key).ok_or_else(|| Refusal::no_rule(name))?;
            if rule.enabled != enabled {
                let start = if enabled { now } else { rule.start };
                let rule = Rule { enabled, start, ..(**rule).clone() };
                state.put(key, rule, now);
            }
            Ok(())
        })
    }

    /// `DeleteRule`. One that is not there need not be deleted.
    ///
    /// # Errors
    /// If the rule has targets, or there is no such event bus.
    pub fn delete_rule(&self, partition: &Partition, bus: Option<&str>, name: &str) -> Result<(), Refusal> {
        check_named(partition, bus, name)?;
        self.with(|state, _| {
            let key = (partition.clone(), name.to_owned());
            if state.rules.get(&key).is_some_and(|rule| !rule.targets.is_empty()) {
                return Err(Refusal::invalid("Rule can't be deleted since it has targets."));
            }
            state.remove(&key);
            Ok(())
        })
    }

    /// Fires a rule now, whether it has a schedule or is enabled; tells what became of it.
    ///
    /// # Errors
    /// If there is no such rule.
    pub fn fire_now(&self, partition: &Partition, name: &str) -> Result<Vec<Fired>, Refusal> {
        let rule = self.find(partition, name)?;
        Ok(self.fire(partition, &rule, self.engine().clock().wall()))
    }

    /// The rules of all accounts and regions that have a schedule, and so many of the next times.
    #[must_use]
    pub fn timed_rules(&self, times: usize) -> Vec<Timed> {
        let timed = self.timed(times).into_iter();
        let timed = timed.map(|(rule, next)| Timed {
            name: rule.name.clone(),
            arn: rule.arn.clone(),
            expression: rule.schedule_text.clone().unwrap_or_default(),
            zone: "UTC".to_owned(),
            enabled: rule.enabled,
            targets: rule.targets.iter().map(|target| target.given.arn.clone()).collect(),
            next,
        });
        timed.collect()
    }
}

/// Checks what names a rule.
pub(super) fn check_named(partition: &Partition, bus: Option<&str>, name: &str) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.name("name", name, NAME);
    checks.finish()?;
    check_bus(partition, bus)
}

pub(super) fn check_bus(partition: &Partition, bus: Option<&str>) -> Result<(), Refusal> {
    match bus {
        Some(bus) if !is_default_bus(partition, Some(bus)) => Err(Refusal::no_bus(bus)),
        Some(_) | None => Ok(()),
    }
}
