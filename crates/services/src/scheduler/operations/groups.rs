//! The operations on groups of schedules.

use std::collections::BTreeMap;

use hearth_model::{identity::Partition, time::Timestamp};

use super::tags::check_tags;
use crate::scheduler::{
    Page, PageRequest, Refusal, Schedules,
    entry::{DEFAULT_GROUP, check_name},
};

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scheduler) struct Group {
    pub(in crate::scheduler) created: Timestamp,
    pub(in crate::scheduler) modified: Timestamp,
    pub(in crate::scheduler) tags: BTreeMap<String, String>,
    pub(in crate::scheduler) token: Option<String>,
}

/// A group as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
}

/// Source: "Quotas for Amazon EventBridge Scheduler" in the user guide.
const MOST_GROUPS: usize = 500;

impl Group {
    pub(in crate::scheduler) const fn new(now: Timestamp) -> Self {
        Self { created: now, modified: now, tags: BTreeMap::new(), token: None }
    }

    fn view(&self, partition: &Partition, name: &str) -> GroupView {
        let arn = arn(partition, name);
        GroupView { name: name.to_owned(), arn, created: self.created, modified: self.modified }
    }
}

impl Schedules {
    /// `CreateScheduleGroup`. Returns its ARN.
    ///
    /// # Errors
    /// If there is one of this name, its name or tags cannot be, or there are too many.
    pub fn create_group(
        &self,
        partition: &Partition,
        name: &str,
        tags: BTreeMap<String, String>,
        token: Option<String>,
    ) -> Result<String, Refusal> {
        check_name("name", name)?;
        check_tags(&tags)?;
        self.with(|state, now| {
            let key = (partition.clone(), name.to_owned());
            let known = state.groups.get(&key);
            if let Some(known) = known
                && token.is_some()
                && (&known.token, &known.tags) == (&token, &tags)
            {
                return Ok(arn(partition, name));
            }
            if known.is_some() || name == DEFAULT_GROUP {
                return Err(Refusal::Conflict(format!("Schedule group {name} already exists.").into()));
            }
            if state.groups.keys().filter(|(place, _)| place == partition).count() + 1 >= MOST_GROUPS {
                let message = format!("There can be at most {MOST_GROUPS} schedule groups.");
                return Err(Refusal::QuotaExceeded(message.into()));
            }
            state.put_group(key, Group { tags, token, ..Group::new(now) });
            Ok(arn(partition, name))
        })
    }

    /// `GetScheduleGroup`.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn group(&self, partition: &Partition, name: &str) -> Result<GroupView, Refusal> {
        check_name("name", name)?;
        self.with(|state, _| Ok(self.find_group(state, partition, name)?.view(partition, name)))
    }

    /// `DeleteScheduleGroup`, with all its schedules.
    ///
    /// # Errors
    /// If there is no such group, or it is the default one.
    pub fn delete_group(&self, partition: &Partition, name: &str) -> Result<(), Refusal> {
        check_name("name", name)?;
        if name == DEFAULT_GROUP {
            return Err(Refusal::invalid("The default schedule group cannot be deleted."));
        }
        self.with(|state, _| {
            state.remove_group(&(partition.clone(), name.to_owned()))?;
            let schedules: Vec<_> = state.list(partition, Some(name)).map(|(key, _)| key.clone()).collect();
            for key in schedules {
                state.remove(&key);
            }
            Ok(())
        })
    }

    /// `ListScheduleGroups`: those whose names begin with `prefix`.
    ///
    /// # Errors
    /// If there is no such page.
    pub fn list_groups(
        &self,
        partition: &Partition,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<GroupView>, Refusal> {
        let prefix = prefix.unwrap_or_default();
        self.with(|state, _| {
            let made = state.groups.iter().filter(|((place, _), _)| place == partition);
            let made = made.map(|((_, name), group)| group.view(partition, name));
            let default = self.find_group(state, partition, DEFAULT_GROUP)?.view(partition, DEFAULT_GROUP);
            let mut groups: Vec<_> =
                made.filter(|group| group.name != DEFAULT_GROUP).chain([default]).collect();
            groups.sort_by(|one, other| one.name.cmp(&other.name));
            let groups = groups.into_iter().filter(|group| group.name.starts_with(prefix));
            Ok(page.of(groups, "MaxResults", |group| group.name.clone())?)
        })
    }
}

pub(super) fn arn(partition: &Partition, name: &str) -> String {
    format!("arn:aws:scheduler:{}:{}:schedule-group/{name}", partition.region, partition.account)
}
