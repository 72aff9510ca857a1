//! From a manifest's schedules to rules of EventBridge, and to schedules of EventBridge Scheduler where rules will not do.

use std::collections::BTreeMap;

use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{
    Services,
    events::{NewRule, NewTarget},
    scheduler::{FlexibleWindow, NewSchedule, NewScheduleTarget},
};
use parking_lot::Mutex;

use super::{
    Change, EventSource, Verb,
    change::{failed, succeeded},
    grants::{self, Grantee},
};
use crate::manifest::{Manifest, ManifestError, Place, ScheduleEvents};

/// The rules and schedules that a world has made, by their names, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Schedules {
    partition: Partition,
    made: Mutex<BTreeMap<String, Timed>>,
}

/// When a function is invoked, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Timed {
    function: FunctionName,
    expression: String,
    zone: Option<String>,
    input: Option<String>,
    /// Whether it is a schedule of EventBridge Scheduler, rather than a rule.
    scheduler: bool,
}

/// The only target of a rule.
const TARGET: &str = "function";

impl Schedules {
    pub(super) fn new(partition: Partition) -> Self {
        Self { partition, made: Mutex::default() }
    }

    /// What an earlier process made of a manifest counts as made by this one.
    pub(super) fn recall(&self, earlier: &Manifest) {
        let made = declared(earlier).into_iter().map(|(name, (timed, _))| (name, timed));
        self.made.lock().extend(made);
    }

    /// Lets time invoke all functions that it shall.
    pub(super) fn set_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.set(services, manifest))
    }

    /// Makes what is new, or declared otherwise than before.
    pub(super) fn set(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = Vec::new();
        for (name, (timed, place)) in declared(manifest) {
            // A function whose code cannot be used has said so.
            if services.functions().find(&self.partition, &timed.function).is_none() {
                continue;
            }
            let before = self.made.lock().get(&name).cloned();
            if before.as_ref() == Some(&timed) {
                continue;
            }
            // What is of the other kind now does not replace it.
            if let Some(before) = before.as_ref().filter(|before| before.scheduler != timed.scheduler) {
                self.take_away(services, &name, before);
            }
            match self.make(services, &name, &timed) {
                Ok(()) => {
                    let verb = if before.is_some() { Verb::Updated } else { Verb::Created };
                    let source = EventSource::Schedule(timed.expression.clone());
                    changes.push(Change::Events(timed.function.clone(), source, verb));
                    self.made.lock().insert(name, timed);
                }
                Err(reason) => {
                    let reason = format!("schedule of `{}`: {reason}", timed.function);
                    changes.push(failed(manifest, &timed.function, &place, reason));
                }
            }
        }
        changes
    }

    /// Takes away what is no longer declared.
    pub(super) fn unset(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let declared = declared(manifest);
        let mut changes = Vec::new();
        self.made.lock().retain(|name, timed| {
            if declared.contains_key(name) {
                return true;
            }
            self.take_away(services, name, timed);
            let source = EventSource::Schedule(timed.expression.clone());
            changes.push(Change::Events(timed.function.clone(), source, Verb::Removed));
            false
        });
        changes
    }

    fn make(&self, services: &Services, name: &str, timed: &Timed) -> Result<(), String> {
        if timed.scheduler {
            self.make_schedule(services, name, timed)
        } else {
            self.make_rule(services, name, timed)
        }
    }

    fn make_rule(&self, services: &Services, name: &str, timed: &Timed) -> Result<(), String> {
        let (rules, arn) = (services.rules(), timed.function.arn(&self.partition));
        let new =
            NewRule { name: name.to_owned(), schedule: Some(timed.expression.clone()), ..NewRule::default() };
        rules.put_rule(&self.partition, new).map_err(|refusal| refusal.to_string())?;
        let target =
            NewTarget { id: TARGET.to_owned(), arn, input: timed.input.clone(), ..NewTarget::default() };
        let put = rules.put_targets(&self.partition, None, name, vec![target]);
        put.map_err(|refusal| refusal.to_string())?;
        let let_in = grants::let_in(services, &self.partition, Grantee::Rule(name), &timed.function);
        let_in.map_err(|refusal| refusal.to_string())
    }

    fn make_schedule(&self, services: &Services, name: &str, timed: &Timed) -> Result<(), String> {
        let (schedules, partition) = (services.schedules(), &self.partition);
        let new = NewSchedule {
            name: name.to_owned(),
            expression: timed.expression.clone(),
            zone: timed.zone.clone(),
            target: NewScheduleTarget {
                arn: timed.function.arn(partition),
                role_arn: format!("arn:aws:iam::{}:role/hearth", partition.account),
                input: timed.input.clone(),
                ..NewScheduleTarget::default()
            },
            window: FlexibleWindow { mode: "OFF".to_owned(), minutes: None },
            ..NewSchedule::default()
        };
        let made = match schedules.schedule(partition, None, name) {
            Ok(_) => schedules.update(partition, new),
            Err(_) => schedules.create(partition, new),
        };
        made.map(drop).map_err(|refusal| refusal.to_string())
    }

    /// What is not there any more was deleted by somebody else.
    fn take_away(&self, services: &Services, name: &str, timed: &Timed) {
        let partition = &self.partition;
        if timed.scheduler {
            let _ = services.schedules().delete(partition, None, name);
            return;
        }
        let rules = services.rules();
        let _ = rules.remove_targets(partition, None, name, &[TARGET.to_owned()]);
        let _ = rules.delete_rule(partition, None, name);
        grants::shut_out(services, partition, Grantee::Rule(name), &timed.function);
    }
}

/// What a manifest declares, by name: a function's own for its first schedule, and with a number for the others. No other
/// function can have such a name.
fn declared(manifest: &Manifest) -> BTreeMap<String, (Timed, Place)> {
    let mut declared = BTreeMap::new();
    for function in &manifest.functions {
        let of = &function.configuration.name;
        for (number, events) in (1..).zip(&function.schedule_events) {
            let name = if number == 1 { of.to_string() } else { format!("{of}.{number}") };
            let ScheduleEvents { expression, zone, input, place } = events.clone();
            let scheduler = events.needs_scheduler();
            declared
                .insert(name, (Timed { function: of.clone(), expression, zone, input, scheduler }, place));
        }
    }
    declared
}
