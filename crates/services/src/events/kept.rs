//! What of rules survives the process: the stream `events.rules` has an entry for each rule with its targets, under its account,
//! its region and its name.
//!
//! What rules should have done while no process ran is not made up for: their schedules go on with the next time.

use std::collections::BTreeMap;

use hearth_engine::journal::{Journal, NotLoaded, Stream, Unreadable};
use hearth_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    InputTransformer, NewRule, NewTarget, Refusal, Retries, Rule, RuleTarget, Rules,
    rules::{RuleKey, State},
};
use crate::kept::{named_key, read, read_named_key, unreadable, write};

const RULES: Stream = Stream("events.rules");

#[derive(Serialize, Deserialize)]
enum RuleDocument {
    V1(RuleV1),
}

#[derive(Serialize, Deserialize)]
struct RuleV1 {
    schedule: Option<String>,
    pattern: Option<String>,
    enabled: bool,
    description: Option<String>,
    role_arn: Option<String>,
    tags: BTreeMap<String, String>,
    targets: Vec<TargetV1>,
    start: i64,
    fired: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct TargetV1 {
    id: String,
    arn: String,
    role_arn: Option<String>,
    input: Option<String>,
    input_path: Option<String>,
    transformer: Option<TransformerV1>,
    queue: Option<Option<String>>,
    dead_letter_arn: Option<String>,
    retries: Option<RetriesV1>,
}

#[derive(Serialize, Deserialize)]
struct TransformerV1 {
    paths: BTreeMap<String, String>,
    template: String,
}

#[derive(Serialize, Deserialize)]
struct RetriesV1 {
    maximum_attempts: Option<i64>,
    maximum_age_s: Option<i64>,
}

impl Rules {
    /// Brings back what the journal has. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let mut kept = Vec::new();
        self.engine().journal().load(RULES, |key, value| {
            kept.push(read_rule(key, value)?);
            Ok(())
        })?;
        self.with(|state, now| {
            for (key, rule) in kept {
                let after = rule.fired.map_or(now, |fired| fired.max(now));
                state.restore(key, rule, after);
            }
        });
        Ok(())
    }
}

impl State {
    /// Tells the journal what has changed.
    pub(super) fn record_changes(&mut self, journal: &Journal) {
        let changed = std::mem::take(&mut self.unrecorded);
        if changed.is_empty() {
            return;
        }
        journal.record(|change| {
            for key in changed {
                let (partition, name) = &key;
                let entry = named_key(partition, name);
                match self.rules.get(&key) {
                    Some(rule) => change.put(RULES, entry, write(&RuleDocument::V1(RuleV1::of(rule)))),
                    None => change.remove(RULES, entry),
                }
            }
        });
    }
}

fn read_rule(key: &[u8], value: &[u8]) -> Result<(RuleKey, Rule), Unreadable> {
    let (partition, name) = read_named_key(key)?;
    let RuleDocument::V1(RuleV1 {
        schedule,
        pattern,
        enabled,
        description,
        role_arn,
        tags,
        targets,
        start,
        fired,
    }) = read(value)?;
    let state = if enabled { "ENABLED" } else { "DISABLED" };
    let new = NewRule {
        name: name.to_owned(),
        bus: None,
        schedule,
        pattern,
        state: Some(state.to_owned()),
        description,
        role_arn,
        tags,
    };
    let refused = |refusal: Refusal| unreadable(format!("rule `{name}`: {refusal}"));
    let mut rule = Rule::read(&partition, new, Timestamp::from_unix_nanos(start)).map_err(refused)?;
    rule.targets =
        RuleTarget::read_all(targets.into_iter().map(TargetV1::read).collect()).map_err(refused)?;
    rule.fired = fired.map(Timestamp::from_unix_nanos);
    Ok(((partition, rule.name.clone()), rule))
}

impl RuleV1 {
    fn of(rule: &Rule) -> Self {
        Self {
            schedule: rule.schedule_text.clone(),
            pattern: rule.pattern_text.clone(),
            enabled: rule.enabled,
            description: rule.description.clone(),
            role_arn: rule.role_arn.clone(),
            tags: rule.tags.clone(),
            targets: rule.targets.iter().map(|target| TargetV1::of(&target.given)).collect(),
            start: rule.start.as_unix_nanos(),
            fired: rule.fired.map(Timestamp::as_unix_nanos),
        }
    }
}

impl TargetV1 {
    fn of(given: &NewTarget) -> Self {
        let NewTarget { id, arn, role_arn, input, input_path, transformer, queue, dead_letter_arn, retries } =
            given.clone();
        let transformer =
            transformer.map(|InputTransformer { paths, template }| TransformerV1 { paths, template });
        let retries = retries
            .map(|Retries { maximum_attempts, maximum_age_s }| RetriesV1 { maximum_attempts, maximum_age_s });
        Self { id, arn, role_arn, input, input_path, transformer, queue, dead_letter_arn, retries }
    }

    fn read(self) -> NewTarget {
        let Self { id, arn, role_arn, input, input_path, transformer, queue, dead_letter_arn, retries } =
            self;
        let transformer =
            transformer.map(|TransformerV1 { paths, template }| InputTransformer { paths, template });
        let retries = retries
            .map(|RetriesV1 { maximum_attempts, maximum_age_s }| Retries { maximum_attempts, maximum_age_s });
        NewTarget { id, arn, role_arn, input, input_path, transformer, queue, dead_letter_arn, retries }
    }
}
