//! The operations on schedules.

use std::sync::Arc;

use hearth_model::identity::Partition;

use crate::{
    firings::{Fired, Timed},
    scheduler::{
        NewSchedule, Page, PageRequest, Refusal, ScheduleEntry, Schedules,
        entry::{DEFAULT_GROUP, check_name, just_before, read_state},
    },
};

/// Which schedules are wanted; each part that is there narrows them down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleFilter {
    /// Their group.
    pub group: Option<String>,
    /// How their names begin.
    pub prefix: Option<String>,
    /// Their state.
    pub state: Option<String>,
}

impl Schedules {
    /// `CreateSchedule`. Returns its ARN.
    ///
    /// # Errors
    /// If it cannot be, there is one of this name in its group, or no such group.
    pub fn create(&self, partition: &Partition, new: NewSchedule) -> Result<String, Refusal> {
        self.with(|state, now| {
            let entry = ScheduleEntry::read(partition, new, now)?;
            let given = &entry.given;
            self.find_group(state, partition, given.group())?;
            let key = (partition.clone(), given.group().to_owned(), given.name.clone());
            if let Some(known) = state.schedules.get(&key) {
                return if given.token.is_some() && known.given == *given {
                    Ok(known.arn.clone())
                } else {
                    Err(Refusal::Conflict(format!("Schedule {} already exists.", given.name).into()))
                };
            }
            let arn = entry.arn.clone();
            state.put(key, entry, just_before(now));
            Ok(arn)
        })
    }

    /// `GetSchedule`.
    ///
    /// # Errors
    /// If there is no such schedule.
    pub fn schedule(
        &self,
        partition: &Partition,
        group: Option<&str>,
        name: &str,
    ) -> Result<Arc<ScheduleEntry>, Refusal> {
        let group = check_names(group, name)?;
        self.with(|state, _| {
            let key = (partition.clone(), group.to_owned(), name.to_owned());
            state.schedules.get(&key).cloned().ok_or_else(|| Refusal::no_schedule(name))
        })
    }

    /// `UpdateSchedule`: makes a schedule what is given, and nothing else. Returns its ARN.
    ///
    /// # Errors
    /// If it cannot be that, or there is no such schedule.
    pub fn update(&self, partition: &Partition, new: NewSchedule) -> Result<String, Refusal> {
        self.with(|state, now| {
            let entry = ScheduleEntry::read(partition, new, now)?;
            let key = (partition.clone(), entry.given.group().to_owned(), entry.given.name.clone());
            let before = state.schedules.get(&key).ok_or_else(|| Refusal::no_schedule(&key.2))?;
            let after = if entry.fires_like(before) { now } else { just_before(now) };
            let entry = before.updated(entry);
            let arn = entry.arn.clone();
            state.put(key, entry, after);
            Ok(arn)
        })
    }

    /// `DeleteSchedule`.
    ///
    /// # Errors
    /// If there is no such schedule.
    pub fn delete(&self, partition: &Partition, group: Option<&str>, name: &str) -> Result<(), Refusal> {
        let group = check_names(group, name)?;
        self.with(|state, _| {
            let key = (partition.clone(), group.to_owned(), name.to_owned());
            state.remove(&key).map(drop).ok_or_else(|| Refusal::no_schedule(name))
        })
    }

    /// `ListSchedules`, in the order of groups and names.
    ///
    /// # Errors
    /// If there is no such group, state or page.
    pub fn list(
        &self,
        partition: &Partition,
        filter: &ScheduleFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<ScheduleEntry>>, Refusal> {
        let wanted = filter.state.as_deref().map(read_state).transpose()?;
        let prefix = filter.prefix.as_deref().unwrap_or_default();
        self.with(|state, _| {
            let group = filter.group.as_deref();
            group.map(|group| self.find_group(state, partition, group)).transpose()?;
            let entries = state.list(partition, group).map(|(_, entry)| entry);
            let entries = entries.filter(|entry| {
                entry.given.name.starts_with(prefix) && wanted.is_none_or(|wanted| wanted == entry.enabled)
            });
            let key = |entry: &Arc<ScheduleEntry>| format!("{}\0{}", entry.given.group(), entry.given.name);
            Ok(page.of(entries.cloned(), "MaxResults", key)?)
        })
    }

    /// Lets a schedule fire now, whether it is enabled or not; tells what became of it.
    ///
    /// # Errors
    /// If there is no such schedule.
    pub fn fire_now(&self, partition: &Partition, group: Option<&str>, name: &str) -> Result<Fired, Refusal> {
        let entry = self.schedule(partition, group, name)?;
        Ok(self.fire(partition, &entry, self.now()))
    }

    /// The schedules of all accounts and regions, and so many of the next times.
    #[must_use]
    pub fn timed_schedules(&self, times: usize) -> Vec<Timed> {
        let timed = self.timed(times).into_iter();
        let timed = timed.map(|(entry, next)| {
            let given = &entry.given;
            let name = match given.group() {
                DEFAULT_GROUP => given.name.clone(),
                group => format!("{group}/{}", given.name),
            };
            Timed {
                name,
                arn: entry.arn.clone(),
                expression: given.expression.clone(),
                zone: given.zone().to_owned(),
                enabled: entry.enabled,
                targets: vec![given.target.arn.clone()],
                next,
            }
        });
        timed.collect()
    }
}

/// Checks what names a schedule; returns its group.
fn check_names<'a>(group: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    let group = group.unwrap_or(DEFAULT_GROUP);
    check_name("name", name)?;
    check_name("groupName", group)?;
    Ok(group)
}
