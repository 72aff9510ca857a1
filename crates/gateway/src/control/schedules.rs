//! What fires by itself, and firing it by hand.

use std::borrow::Cow;

use hearth_model::{
    identity::{AccountId, Partition, Region},
    time::Timestamp,
};
use hearth_services::firings::{Fired, Timed};
use http::{Response, request::Parts};
use serde::{Deserialize, Serialize};

use crate::{
    body::AnswerBody,
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// All rules with a schedule, and all schedules of EventBridge Scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedList {
    /// What Hearth's clock shows, in milliseconds since 1970.
    pub now_ms: i64,
    /// Those that fire next come first.
    pub schedules: Vec<TimedEntry>,
}

/// Something that fires by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedEntry {
    /// Its name; that of a schedule which is not in the default group with its group, `GROUP/NAME`.
    pub name: String,
    /// `rule` or `schedule`.
    pub kind: String,
    /// Its ARN, which tells account and region too.
    pub arn: String,
    /// When it fires, as its owner wrote it.
    pub expression: String,
    /// Whose clocks that means.
    pub time_zone: String,
    /// Whether it fires at all.
    pub enabled: bool,
    /// To whom: ARNs.
    pub targets: Vec<String>,
    /// The next five times.
    pub next: Vec<FiringTime>,
}

/// When something fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiringTime {
    /// RFC 3339, in universal time.
    pub at: String,
    /// In milliseconds since 1970.
    pub unix_ms: i64,
}

/// What became of something that was fired by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredList {
    /// Target by target.
    pub fired: Vec<FiredEntry>,
}

/// What became of it at one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredEntry {
    /// The target: an ARN.
    pub target: String,
    /// Why the target did not get it; none if it did.
    pub error: Option<String>,
}

/// How many of the next times are told.
const TIMES: usize = 5;

pub(super) fn list(gateway: &Gateway) -> Response<AnswerBody> {
    let entry = |kind: &str, timed: Timed| TimedEntry {
        name: timed.name,
        kind: kind.to_owned(),
        arn: timed.arn,
        expression: timed.expression,
        time_zone: timed.zone,
        enabled: timed.enabled,
        targets: timed.targets,
        next: timed.next.into_iter().map(FiringTime::of).collect(),
    };
    let rules = gateway.rules().timed_rules(TIMES).into_iter().map(|timed| entry("rule", timed));
    let schedules = gateway.schedules().timed_schedules(TIMES).into_iter();
    let mut all: Vec<_> = rules.chain(schedules.map(|timed| entry("schedule", timed))).collect();
    all.sort_by_key(|entry| entry.next.first().map_or(i64::MAX, |next| next.unix_ms));
    let now_ms = gateway.engine().clock().wall().as_unix_millis();
    rest_json::document(&TimedList { now_ms, schedules: all })
}

pub(super) fn fire(gateway: &Gateway, name: &str, head: &Parts) -> Result<Response<AnswerBody>, ApiError> {
    let not_text = || ApiError::new(ErrorCode::Validation, format!("`{name}` is not percent-encoded UTF-8"));
    let name = percent::decode(name).ok_or_else(not_text)?;
    let partition = credential::partition(&head.headers, gateway.default_partition());
    let named = Named::read(&name, partition);
    let fired = named.fire(gateway)?.into_iter().map(|Fired { target, error }| FiredEntry { target, error });
    Ok(rest_json::document(&FiredList { fired: fired.collect() }))
}

/// What a name may mean.
struct Named<'a> {
    given: &'a str,
    partition: Cow<'a, Partition>,
    rule: Option<&'a str>,
    /// A group and a name.
    schedule: Option<(Option<&'a str>, &'a str)>,
}

impl<'a> Named<'a> {
    fn read(given: &'a str, partition: Cow<'a, Partition>) -> Self {
        if let Some((partition, service, resource)) = arn(given) {
            let rule = resource.strip_prefix("rule/").filter(|_| service == "events");
            let schedule = resource.strip_prefix("schedule/").filter(|_| service == "scheduler");
            let schedule = schedule.and_then(|schedule| schedule.split_once('/'));
            let schedule = schedule.map(|(group, name)| (Some(group), name));
            return Self { given, partition: Cow::Owned(partition), rule, schedule };
        }
        match given.split_once('/') {
            Some((group, name)) => Self { given, partition, rule: None, schedule: Some((Some(group), name)) },
            None => Self { given, partition, rule: Some(given), schedule: Some((None, given)) },
        }
    }

    fn fire(&self, gateway: &Gateway) -> Result<Vec<Fired>, ApiError> {
        let Self { given, partition, .. } = self;
        let rule = self.rule.filter(|name| gateway.rules().rule(partition, None, name).is_ok());
        let schedule = self
            .schedule
            .filter(|(group, name)| gateway.schedules().schedule(partition, *group, name).is_ok());
        let nothing = || {
            let message = format!(
                "there is neither a rule nor a schedule `{given}`: `hearth schedules` lists what there is"
            );
            ApiError::new(ErrorCode::ResourceNotFound, message)
        };
        match (rule, schedule) {
            (Some(_), Some(_)) => {
                let message = format!(
                    "there are a rule and a schedule `{given}`: name one by its ARN, or the schedule as `default/{given}`"
                );
                Err(ApiError::new(ErrorCode::Validation, message))
            }
            // Somebody else may have been quicker, and deleted it.
            (Some(rule), None) => gateway.rules().fire_now(partition, rule).map_err(|_| nothing()),
            (None, Some((group, name))) => {
                let fired = gateway.schedules().fire_now(partition, group, name);
                fired.map(|fired| vec![fired]).map_err(|_| nothing())
            }
            (None, None) => Err(nothing()),
        }
    }
}

/// Partition, service and resource of an ARN.
fn arn(text: &str) -> Option<(Partition, &str, &str)> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, service, region, account, resource] = *parts else { return None };
    let partition = Partition { account: AccountId::parse(account)?, region: Region::parse(region)? };
    Some((partition, service, resource))
}

impl FiringTime {
    fn of(at: Timestamp) -> Self {
        Self { at: at.to_seconds_text(), unix_ms: at.as_unix_millis() }
    }
}
