//! A schedule.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use hearth_model::{
    identity::Partition,
    schedule::{Expression, Plan, Schedule, Window, time_zone},
    time::Timestamp,
    validation::{Violation, one_of},
};

use super::{NewScheduleTarget, Refusal, target::ScheduleTarget};
use crate::checks::Checks;

/// A schedule as its owner gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSchedule {
    /// `Name`.
    pub name: String,
    /// `GroupName`; `default` if there is none.
    pub group: Option<String>,
    /// `ScheduleExpression`.
    pub expression: String,
    /// `ScheduleExpressionTimezone`; `UTC` if there is none.
    pub zone: Option<String>,
    /// `StartDate`.
    pub start: Option<Timestamp>,
    /// `EndDate`.
    pub end: Option<Timestamp>,
    /// `Description`.
    pub description: Option<String>,
    /// `State`; `ENABLED` if there is none.
    pub state: Option<String>,
    /// `Target`.
    pub target: NewScheduleTarget,
    /// `FlexibleTimeWindow`.
    pub window: FlexibleWindow,
    /// `ActionAfterCompletion`; `NONE` if there is none.
    pub after_completion: Option<String>,
    /// `ClientToken`: who sends the same again with the same token gets the same answer.
    pub token: Option<String>,
}

/// `FlexibleTimeWindow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlexibleWindow {
    /// `Mode`.
    pub mode: String,
    /// `MaximumWindowInMinutes`.
    pub minutes: Option<i64>,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleEntry {
    /// As it was given.
    pub given: NewSchedule,
    /// Its ARN.
    pub arn: String,
    /// Whether it fires.
    pub enabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
    pub(super) deleted_after_completion: bool,
    pub(super) target: ScheduleTarget,
    pub(super) schedule: Schedule,
    /// The last of its times at which it fired.
    pub(super) fired: Option<Timestamp>,
}

/// The group of schedules for which nobody names one.
pub(super) const DEFAULT_GROUP: &str = "default";
/// How the API's model writes names.
pub(super) const NAME: &str = "[0-9a-zA-Z-_.]+";
/// How long ago a schedule may begin.
const OLDEST_START: Duration = Duration::from_mins(5);

impl NewSchedule {
    /// The group's name.
    #[must_use]
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(DEFAULT_GROUP)
    }

    /// The time zone's name.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.as_deref().unwrap_or("UTC")
    }

    fn check_form(&self) -> Result<(bool, bool), Refusal> {
        let mut checks = Checks::default();
        checks.name("name", &self.name, NAME);
        checks.name("groupName", self.group(), NAME);
        checks.length("scheduleExpression", &self.expression, 1..=256);
        checks.length("scheduleExpressionTimezone", self.zone(), 1..=50);
        checks.length("description", self.description.as_deref().unwrap_or_default(), 0..=512);
        if let Some(token) = &self.token {
            checks.length("clientToken", token, 1..=64);
        }
        self.target.check_form(&mut checks);
        checks.number("flexibleTimeWindow.maximumWindowInMinutes", self.window.minutes, 1..=1_440);
        let mut choose = |member: &'static str, given: Option<&str>, names: [&'static str; 2]| {
            let given = given.unwrap_or(names[0]);
            match one_of(member, given, &names, |name| name) {
                Ok(name) => name == names[0],
                Err(violation) => {
                    checks.note(violation);
                    false
                }
            }
        };
        let enabled = choose("state", self.state.as_deref(), ["ENABLED", "DISABLED"]);
        let kept = choose("actionAfterCompletion", self.after_completion.as_deref(), ["NONE", "DELETE"]);
        let exact = choose("flexibleTimeWindow.mode", Some(&self.window.mode), ["OFF", "FLEXIBLE"]);
        checks.finish()?;
        match (exact, self.window.minutes) {
            (true, Some(_)) => Err(Refusal::invalid(
                "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.",
            )),
            (false, None) => Err(Refusal::invalid(
                "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.",
            )),
            (true, None) | (false, Some(_)) => Ok((enabled, !kept)),
        }
    }

    fn check_dates(&self, expression: &Expression, now: Timestamp) -> Result<(), Refusal> {
        // They do not matter to what happens once.
        if matches!(expression, Expression::At(_)) {
            return Ok(());
        }
        if self.start.is_some_and(|start| start + OLDEST_START < now) {
            return Err(Refusal::invalid("The StartDate you specify cannot be earlier than 5 minutes ago."));
        }
        match (self.start, self.end) {
            (Some(start), Some(end)) if start >= end => {
                Err(Refusal::invalid("The StartDate you specify must come before the EndDate."))
            }
            (_, Some(end)) if end <= now => {
                Err(Refusal::invalid("The EndDate you specify must come after now."))
            }
            (_, Some(_) | None) => Ok(()),
        }
    }
}

impl ScheduleEntry {
    /// Reads what its owner gives. A rate without a start date counts from now.
    pub(super) fn read(partition: &Partition, given: NewSchedule, now: Timestamp) -> Result<Self, Refusal> {
        let (enabled, deleted_after_completion) = given.check_form()?;
        let expression = Expression::for_scheduler(&given.expression)
            .map_err(|_| Refusal::invalid(format!("Invalid Schedule Expression {}.", given.expression)))?;
        let zone = time_zone(given.zone()).ok_or_else(|| {
            Refusal::invalid(format!("Invalid Schedule Expression Timezone {}.", given.zone()))
        })?;
        given.check_dates(&expression, now)?;
        let target = given.target.read(partition)?;
        let start = given.start.unwrap_or(now);
        let schedule = Schedule { expression, zone, start, end: given.end };
        Ok(Self {
            arn: arn(partition, given.group(), &given.name),
            given,
            enabled,
            created: now,
            modified: now,
            deleted_after_completion,
            target,
            schedule,
            fired: None,
        })
    }

    /// What it becomes when its owner gives something else; where that leaves the times as they are, a rate counts on.
    pub(super) fn updated(&self, mut new: Self) -> Self {
        new.created = self.created;
        if new.fires_like(self) {
            new.fired = self.fired;
            if new.given.start.is_none() {
                new.schedule.start = self.schedule.start;
            }
        }
        new
    }

    /// Whether its times are those of the other, but for where a rate counts from.
    pub(super) fn fires_like(&self, other: &Self) -> bool {
        let times = |entry: &Self| {
            (entry.given.expression.clone(), entry.given.zone.clone(), entry.given.start, entry.given.end)
        };
        times(self) == times(other)
    }

    /// Whether it fires once only.
    pub(super) fn is_once(&self) -> bool {
        matches!(self.schedule.expression, Expression::At(_))
    }

    /// When it fires, if it does.
    pub(super) fn plan(&self) -> Option<Plan> {
        let minutes = self.given.window.minutes.and_then(|minutes| u64::try_from(minutes).ok());
        // The same schedule fires at the same moments whenever it is made.
        let mut hasher = DefaultHasher::new();
        self.arn.hash(&mut hasher);
        let window = Window { length: Duration::from_mins(minutes.unwrap_or(0)), seed: hasher.finish() };
        let is_over = self.is_once() && self.fired.is_some();
        (self.enabled && !is_over).then(|| Plan { schedule: self.schedule.clone(), window })
    }
}

/// Checks the name of a schedule or a group.
pub(super) fn check_name(member: &'static str, name: &str) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.name(member, name, NAME);
    Ok(checks.finish()?)
}

/// What is due now comes after this.
pub(super) fn just_before(now: Timestamp) -> Timestamp {
    now - Duration::from_nanos(1)
}

/// Reads the state that schedules are wanted in.
pub(super) fn read_state(state: &str) -> Result<bool, Violation> {
    one_of("State", state, &["ENABLED", "DISABLED"], |name| name).map(|name| name == "ENABLED")
}

fn arn(partition: &Partition, group: &str, name: &str) -> String {
    format!("arn:aws:scheduler:{}:{}:schedule/{group}/{name}", partition.region, partition.account)
}
