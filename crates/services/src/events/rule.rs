//! A rule.

use std::collections::BTreeMap;

use hearth_model::{
    event_pattern::EventPattern,
    identity::Partition,
    schedule::{Expression, Plan, Schedule, Window, time_zone},
    time::Timestamp,
    validation::{Violation, one_of},
};

use super::{Refusal, RuleTarget};
use crate::checks::Checks;

/// A rule as its owner gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRule {
    /// `Name`.
    pub name: String,
    /// `EventBusName`; the default one if there is none.
    pub bus: Option<String>,
    /// `ScheduleExpression`.
    pub schedule: Option<String>,
    /// `EventPattern`.
    pub pattern: Option<String>,
    /// `State`; `ENABLED` if there is none.
    pub state: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `RoleArn`: kept, and used by nobody, as functions and queues need none.
    pub role_arn: Option<String>,
    /// `Tags`, for a rule that is new.
    pub tags: BTreeMap<String, String>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it fires by itself, as its owner wrote it.
    pub schedule_text: Option<String>,
    /// Which events it is about, as its owner wrote it.
    pub pattern_text: Option<String>,
    /// Whether it does anything.
    pub enabled: bool,
    /// What its owner says of it.
    pub description: Option<String>,
    /// The role that its owner named.
    pub role_arn: Option<String>,
    /// Where events go.
    pub targets: Vec<RuleTarget>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    pub(super) expression: Option<Expression>,
    pub(super) pattern: Option<EventPattern>,
    /// From when on its rate counts.
    pub(super) start: Timestamp,
    /// The last time of its schedule at which it fired.
    pub(super) fired: Option<Timestamp>,
}

/// How the API's model writes names.
pub(super) const NAME: &str = r"[\.\-_A-Za-z0-9]+";
/// Most tags of a rule. Source: "Tagging Amazon EventBridge resources" in the user guide.
const MOST_TAGS: usize = 50;

impl Rule {
    /// Reads what its owner gives.
    pub(super) fn read(partition: &Partition, new: NewRule, now: Timestamp) -> Result<Self, Refusal> {
        let NewRule { name, bus, schedule, pattern, state, description, role_arn, tags } = new;
        let mut checks = Checks::default();
        checks.name("name", &name, NAME);
        for (member, text, most) in [
            ("scheduleExpression", &schedule, 256),
            ("eventPattern", &pattern, 4_096),
            ("description", &description, 512),
            ("roleArn", &role_arn, 1_600),
        ] {
            checks.length(member, text.as_deref().unwrap_or_default(), 0..=most);
        }
        let enabled = state.as_deref().map_or(Ok(true), |state| State::parse(state).map(State::is_enabled));
        let enabled = enabled.unwrap_or_else(|violation| {
            checks.note(violation);
            false
        });
        checks.finish()?;
        if state.as_deref() == Some(State::WithManagementEvents.as_str()) {
            let reason = "Hearth has no CloudTrail, and so no management events: use ENABLED.";
            return Err(Refusal::parameter("State", reason));
        }
        // The front end takes an empty text for none.
        let [schedule, pattern] = [schedule, pattern].map(|text| text.filter(|text| !text.is_empty()));
        if schedule.is_none() && pattern.is_none() {
            let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
            return Err(Refusal::invalid(message));
        }
        if !is_default_bus(partition, bus.as_deref()) {
            return Err(match schedule {
                Some(_) => Refusal::invalid("ScheduleExpression is supported only on the default event bus."),
                None => Refusal::no_bus(&bus.unwrap_or_default()),
            });
        }
        let expression = schedule.as_deref().map(Expression::for_rule).transpose();
        let expression =
            expression.map_err(|_| Refusal::invalid("Parameter ScheduleExpression is not valid."))?;
        let parsed = pattern.as_deref().map(EventPattern::parse).transpose()?;
        check_tags(&tags)?;
        Ok(Self {
            arn: arn(partition, &name),
            name,
            schedule_text: schedule,
            pattern_text: pattern,
            enabled,
            description: description.filter(|text| !text.is_empty()),
            role_arn,
            targets: Vec::new(),
            tags,
            expression,
            pattern: parsed,
            start: now,
            fired: None,
        })
    }

    /// When it fires by itself, if it does.
    pub(super) fn plan(&self) -> Option<Plan> {
        let expression = self.expression.clone().filter(|_| self.enabled)?;
        let zone = time_zone("UTC").expect("everybody knows UTC");
        let schedule = Schedule { expression, zone, start: self.start, end: None };
        Some(Plan { schedule, window: Window::default() })
    }

    /// What it is called in events and tags.
    pub(super) fn name_of_arn<'a>(partition: &Partition, text: &'a str) -> Option<&'a str> {
        let name = text.rsplit_once('/')?.1;
        (arn(partition, name) == text).then_some(name)
    }
}

/// The name of the only event bus.
pub(super) const DEFAULT_BUS: &str = "default";

/// Whether this names the default event bus: by its name, its ARN, or not at all.
pub(super) fn is_default_bus(partition: &Partition, bus: Option<&str>) -> bool {
    let arn = || format!("arn:aws:events:{}:{}:event-bus/default", partition.region, partition.account);
    bus.is_none_or(|bus| bus == DEFAULT_BUS || bus == arn())
}

/// Checks all tags of a rule together.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.tags(tags, 0..=256);
    checks.finish()?;
    if tags.len() > MOST_TAGS {
        return Err(Refusal::LimitExceeded);
    }
    Ok(())
}

fn arn(partition: &Partition, name: &str) -> String {
    format!("arn:aws:events:{}:{}:rule/{name}", partition.region, partition.account)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled,
    WithManagementEvents,
}

impl State {
    fn parse(text: &str) -> Result<Self, Violation> {
        one_of("state", text, &[Self::Enabled, Self::Disabled, Self::WithManagementEvents], Self::as_str)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::WithManagementEvents => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }

    const fn is_enabled(self) -> bool {
        match self {
            Self::Enabled | Self::WithManagementEvents => true,
            Self::Disabled => false,
        }
    }
}
