//! What of EventBridge Scheduler survives the process.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `scheduler.groups` | group that was made or has tags | its name |
//! | `scheduler.schedules` | schedule | its group's name, `/`, its own |
//!
//! What should have happened while no process ran: the times of rates and `cron`s that passed are skipped, unless their
//! flexible window is still open; what happens once (`at`) happens late, if that is not later than the target's retry policy lets
//! an event become.

use std::collections::BTreeMap;

use hearth_engine::journal::{Journal, NotLoaded, Stream, Unreadable};
use hearth_model::{identity::Partition, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    FlexibleWindow, NewSchedule, NewScheduleTarget, Retries, ScheduleEntry, Schedules,
    operations::Group,
    schedules::{ScheduleKey, State},
};
use crate::kept::{named_key, read, read_named_key, unreadable, write};

const GROUPS: Stream = Stream("scheduler.groups");
const SCHEDULES: Stream = Stream("scheduler.schedules");

#[derive(Serialize, Deserialize)]
enum GroupDocument {
    V1(GroupV1),
}

#[derive(Serialize, Deserialize)]
struct GroupV1 {
    created: i64,
    modified: i64,
    tags: BTreeMap<String, String>,
    token: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum ScheduleDocument {
    V1(ScheduleV1),
}

#[derive(Serialize, Deserialize)]
struct ScheduleV1 {
    expression: String,
    zone: Option<String>,
    /// Whether its owner named the group.
    group_named: bool,
    /// The dates that were given.
    start: Option<i64>,
    end: Option<i64>,
    description: Option<String>,
    state: Option<String>,
    target: TargetV1,
    window_mode: String,
    window_minutes: Option<i64>,
    after_completion: Option<String>,
    token: Option<String>,
    created: i64,
    modified: i64,
    /// What a rate counts from.
    counts_from: i64,
    fired: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct TargetV1 {
    arn: String,
    role_arn: String,
    input: Option<String>,
    queue: Option<Option<String>>,
    dead_letter_arn: Option<String>,
    maximum_attempts: Option<i64>,
    maximum_age_s: Option<i64>,
}

/// What has changed and is not recorded yet.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    pub(super) groups: Vec<(Partition, String)>,
    pub(super) schedules: Vec<ScheduleKey>,
}

impl Schedules {
    /// Brings back what the journal has. To be called once, before anything else happens but after what schedules lead to is
    /// there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let (mut groups, mut schedules) = (Vec::new(), Vec::new());
        let journal = self.journal();
        journal.load(GROUPS, |key, value| {
            groups.push(read_group(key, value)?);
            Ok(())
        })?;
        journal.load(SCHEDULES, |key, value| {
            schedules.push(read_schedule(key, value)?);
            Ok(())
        })?;
        self.with(|state, now| {
            state.groups.extend(groups);
            for (key, entry) in schedules {
                state.restore(&key, entry, now);
            }
        });
        Ok(())
    }
}

impl State {
    /// Tells the journal what has changed.
    pub(super) fn record_changes(&mut self, journal: &Journal) {
        let Unrecorded { groups, schedules } = std::mem::take(&mut self.unrecorded);
        if groups.is_empty() && schedules.is_empty() {
            return;
        }
        journal.record(|change| {
            for key in groups {
                let entry = named_key(&key.0, &key.1);
                match self.groups.get(&key) {
                    Some(group) => change.put(GROUPS, entry, write(&GroupDocument::V1(GroupV1::of(group)))),
                    None => change.remove(GROUPS, entry),
                }
            }
            for key in schedules {
                let (partition, group, name) = &key;
                let entry = named_key(partition, &format!("{group}/{name}"));
                match self.schedules.get(&key) {
                    Some(schedule) => {
                        let document = ScheduleDocument::V1(ScheduleV1::of(schedule));
                        change.put(SCHEDULES, entry, write(&document));
                    }
                    None => change.remove(SCHEDULES, entry),
                }
            }
        });
    }
}

fn read_group(key: &[u8], value: &[u8]) -> Result<((Partition, String), Group), Unreadable> {
    let (partition, name) = read_named_key(key)?;
    let GroupDocument::V1(GroupV1 { created, modified, tags, token }) = read(value)?;
    let [created, modified] = [created, modified].map(Timestamp::from_unix_nanos);
    Ok(((partition, name.to_owned()), Group { created, modified, tags, token }))
}

fn read_schedule(key: &[u8], value: &[u8]) -> Result<(ScheduleKey, ScheduleEntry), Unreadable> {
    let (partition, path) = read_named_key(key)?;
    let (group, name) =
        path.split_once('/').ok_or_else(|| unreadable("its key names no schedule of a group"))?;
    let ScheduleDocument::V1(document) = read(value)?;
    let entry = document.read(&partition, group, name)?;
    Ok(((partition, group.to_owned(), name.to_owned()), entry))
}

impl GroupV1 {
    fn of(Group { created, modified, tags, token }: &Group) -> Self {
        Self {
            created: created.as_unix_nanos(),
            modified: modified.as_unix_nanos(),
            tags: tags.clone(),
            token: token.clone(),
        }
    }
}

impl ScheduleV1 {
    fn of(entry: &ScheduleEntry) -> Self {
        let NewSchedule {
            name: _,
            group,
            expression,
            zone,
            start,
            end,
            description,
            state,
            target,
            window,
            after_completion,
            token,
        } = entry.given.clone();
        let NewScheduleTarget { arn, role_arn, input, queue, dead_letter_arn, retries } = target;
        let Retries { maximum_attempts, maximum_age_s } = retries;
        let target =
            TargetV1 { arn, role_arn, input, queue, dead_letter_arn, maximum_attempts, maximum_age_s };
        Self {
            group_named: group.is_some(),
            expression,
            zone,
            start: start.map(Timestamp::as_unix_nanos),
            end: end.map(Timestamp::as_unix_nanos),
            description,
            state,
            target,
            window_mode: window.mode,
            window_minutes: window.minutes,
            after_completion,
            token,
            created: entry.created.as_unix_nanos(),
            modified: entry.modified.as_unix_nanos(),
            counts_from: entry.schedule.start.as_unix_nanos(),
            fired: entry.fired.map(Timestamp::as_unix_nanos),
        }
    }

    fn read(self, partition: &Partition, group: &str, name: &str) -> Result<ScheduleEntry, Unreadable> {
        let time = Timestamp::from_unix_nanos;
        let TargetV1 { arn, role_arn, input, queue, dead_letter_arn, maximum_attempts, maximum_age_s } =
            self.target;
        let retries = Retries { maximum_attempts, maximum_age_s };
        let given = NewSchedule {
            name: name.to_owned(),
            group: self.group_named.then(|| group.to_owned()),
            expression: self.expression,
            zone: self.zone,
            start: self.start.map(time),
            end: self.end.map(time),
            description: self.description,
            state: self.state,
            target: NewScheduleTarget { arn, role_arn, input, queue, dead_letter_arn, retries },
            window: FlexibleWindow { mode: self.window_mode, minutes: self.window_minutes },
            after_completion: self.after_completion,
            token: self.token,
        };
        // As it was checked when it was given: its dates may have passed since.
        let mut entry = ScheduleEntry::read(partition, given, time(self.modified))
            .map_err(|refusal| unreadable(format!("schedule `{group}/{name}`: {refusal}")))?;
        entry.created = time(self.created);
        entry.schedule.start = time(self.counts_from);
        entry.fired = self.fired.map(time);
        Ok(entry)
    }
}
