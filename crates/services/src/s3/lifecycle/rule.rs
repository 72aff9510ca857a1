//! When which objects go.
//!
//! Source: "Managing the lifecycle of objects" in the S3 user guide.

use std::{collections::BTreeSet, time::Duration};

use hearth_model::time::Timestamp;

use crate::s3::{Object, Refusal, StorageClass, Tags};

/// The rules of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    rules: Vec<LifecycleRule>,
    minimum: TransitionMinimum,
}

/// Which objects are too small to be stored otherwise, unless a rule's filter says something about sizes: those below 128 KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransitionMinimum {
    /// For all storage classes.
    #[default]
    AllStorageClasses,
    /// For all but archives, which Hearth does not have.
    VariesByStorageClass,
}

/// What happens to which objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// What tells it from the others.
    pub id: String,
    /// Whether it acts.
    pub enabled: bool,
    /// Which objects.
    pub filter: LifecycleFilter,
    /// When the current version goes.
    pub expiration: Option<Expiration>,
    /// When older versions go.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// When the current version comes to be stored otherwise.
    pub transitions: Vec<Transition>,
    /// When older versions come to be stored otherwise.
    pub noncurrent_transitions: Vec<Transition>,
    /// After how many days uploads go that nobody completes.
    pub abort_upload_days: Option<u32>,
}

/// Which objects a rule is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleFilter {
    /// Those whose keys begin so.
    pub prefix: Option<String>,
    /// The prefix was given beside the rule, not in a filter, as in old documents.
    pub bare_prefix: bool,
    /// Those with all these tags.
    pub tags: Vec<(String, String)>,
    /// Those with more bytes than this.
    pub larger_than: Option<u64>,
    /// Those with fewer bytes than this.
    pub smaller_than: Option<u64>,
}

/// When something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    /// Then.
    At(When),
    /// Not the object, but a delete marker with nothing behind it, at once.
    LoneDeleteMarkers,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many days after the object came to be, or ceased to be the current one.
    Days(u32),
    /// This day.
    Date(Timestamp),
}

/// When older versions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    /// So many days after they ceased to be the current one.
    pub days: u32,
    /// But so many of the newest of them stay.
    pub keep: Option<u32>,
}

/// When something comes to be stored otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Then.
    pub when: When,
    /// How.
    pub storage_class: StorageClass,
    /// Of older versions, so many of the newest stay as they are.
    pub keep: Option<u32>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Lifecycle {
    /// Checks rules; those without name get one.
    ///
    /// # Errors
    /// If there is none, two have the same name, or one does nothing.
    pub fn new(rules: Vec<LifecycleRule>, minimum: TransitionMinimum) -> Result<Self, Refusal> {
        if rules.is_empty() || rules.len() > 1_000 {
            return Err(Refusal::MalformedXml);
        }
        let mut ids = BTreeSet::new();
        for rule in &rules {
            rule.check()?;
            if !ids.insert(&rule.id) {
                return Err(Refusal::argument(
                    "Rule ID must be unique. Found same ID for more than one rule",
                    "ID",
                    rule.id.clone(),
                ));
            }
        }
        Ok(Self { rules, minimum })
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[LifecycleRule] {
        &self.rules
    }

    /// Which objects are too small to be stored otherwise.
    #[must_use]
    pub fn minimum(&self) -> TransitionMinimum {
        self.minimum
    }

    /// Those that act.
    pub(super) fn active(&self) -> impl Iterator<Item = &LifecycleRule> + Clone {
        self.rules.iter().filter(|rule| rule.enabled)
    }

    /// When and by which rule a current version goes.
    pub(in crate::s3) fn expiration(
        &self,
        key: &str,
        object: &Object,
        tags: &Tags,
        modified: Timestamp,
    ) -> Option<(Timestamp, &LifecycleRule)> {
        let dates = self.active().filter_map(|rule| {
            let Some(Expiration::At(when)) = rule.expiration else { return None };
            rule.filter.matches(key, object, tags).then(|| (when.after(modified), rule))
        });
        dates.min_by_key(|(date, _)| *date)
    }
}

impl LifecycleRule {
    fn check(&self) -> Result<(), Refusal> {
        let invalid = |message: &'static str| Err(Refusal::InvalidRequest(message.into()));
        if self.expiration.is_none()
            && self.noncurrent_expiration.is_none()
            && self.transitions.is_empty()
            && self.noncurrent_transitions.is_empty()
            && self.abort_upload_days.is_none()
        {
            return invalid("At least one action needs to be specified in a rule");
        }
        let whens = self.transitions.iter().chain(&self.noncurrent_transitions).map(|to| to.when);
        let expiration = match self.expiration {
            Some(Expiration::At(when)) => Some(when),
            Some(Expiration::LoneDeleteMarkers) | None => None,
        };
        for when in whens.clone().chain(expiration) {
            if let When::Date(date) = when
                && date != next_midnight(date)
            {
                return Err(Refusal::argument("'Date' must be at midnight GMT", "Date", String::new()));
            }
        }
        let days = [
            self.noncurrent_expiration.map(|expiration| expiration.days),
            self.abort_upload_days,
            expiration.and_then(|when| match when {
                When::Days(days) => Some(days),
                When::Date(_) => None,
            }),
        ];
        if days.contains(&Some(0)) {
            return Err(Refusal::argument(
                "'Days' for Expiration action must be a positive integer",
                "Days",
                "0",
            ));
        }
        if self.id.len() > 255 {
            return Err(Refusal::argument(
                "ID length should not exceed allowed limit of 255",
                "ID",
                self.id.clone(),
            ));
        }
        Ok(())
    }
}

impl LifecycleFilter {
    pub(super) fn matches(&self, key: &str, object: &Object, tags: &Tags) -> bool {
        let bytes = object.content.bytes();
        self.matches_key(key)
            && self.tags.iter().all(|(key, value)| tags.has(key, value))
            && self.larger_than.is_none_or(|least| bytes > least)
            && self.smaller_than.is_none_or(|most| bytes < most)
    }

    /// Whether an object that matches is large enough to be stored otherwise.
    pub(super) fn lets_transition(&self, object: &Object) -> bool {
        const LEAST_BYTES: u64 = 128 * 1024;
        let about_sizes = self.larger_than.is_some() || self.smaller_than.is_some();
        about_sizes || object.content.bytes() >= LEAST_BYTES
    }

    /// As far as there is no object.
    pub(super) fn matches_key(&self, key: &str) -> bool {
        key.starts_with(self.prefix.as_deref().unwrap_or_default())
    }
}

impl When {
    /// The midnight at which that is, for something that happened at `moment`.
    pub(super) fn after(self, moment: Timestamp) -> Timestamp {
        match self {
            Self::Days(days) => next_midnight(moment + DAY * days),
            Self::Date(date) => date,
        }
    }
}

/// The end of a day that has begun.
fn next_midnight(moment: Timestamp) -> Timestamp {
    let day = i64::try_from(DAY.as_nanos()).unwrap_or(i64::MAX);
    let into = moment.as_unix_nanos().rem_euclid(day);
    let missing = if into == 0 { 0 } else { day - into };
    Timestamp::from_unix_nanos(moment.as_unix_nanos().saturating_add(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_at_midnight() {
        let hour = |hours: i64| Timestamp::from_unix_millis(hours * 3_600_000);
        for (moment, days, expected) in
            [(hour(0), 1, hour(24)), (hour(1), 1, hour(48)), (hour(23), 0, hour(24))]
        {
            assert_eq!(When::Days(days).after(moment), expected);
        }
        assert_eq!(When::Date(hour(48)).after(hour(99)), hour(48));
    }

    #[test]
    fn rules_are_checked() {
        let rule = |id: &str| LifecycleRule {
            id: id.to_owned(),
            enabled: true,
            expiration: Some(Expiration::At(When::Days(1))),
            ..LifecycleRule::default()
        };
        let check = |rules| Lifecycle::new(rules, TransitionMinimum::default());
        assert!(check(vec![rule("a"), rule("b")]).is_ok());
        let zero = LifecycleRule { expiration: Some(Expiration::At(When::Days(0))), ..rule("a") };
        let noon = When::Date(Timestamp::from_unix_millis(43_200_000));
        let noon = LifecycleRule { expiration: Some(Expiration::At(noon)), ..rule("a") };
        let nothing = LifecycleRule { expiration: None, ..rule("a") };
        for wrong in [vec![], vec![rule("a"), rule("a")], vec![zero], vec![noon], vec![nothing]] {
            assert!(check(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}
