//! Lifecycle rules as they are written.

use hearth_engine::journal::Unreadable;
use hearth_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    kept::unreadable,
    s3::{
        Expiration, Lifecycle, LifecycleFilter, LifecycleRule, NoncurrentExpiration, StorageClass,
        Transition, TransitionMinimum, When,
    },
};

#[derive(Serialize, Deserialize)]
pub(super) struct LifecycleV1 {
    rules: Vec<RuleV1>,
    minimum_varies: bool,
}

#[derive(Serialize, Deserialize)]
struct RuleV1 {
    id: String,
    enabled: bool,
    prefix: Option<String>,
    bare_prefix: bool,
    tags: Vec<(String, String)>,
    larger_than: Option<u64>,
    smaller_than: Option<u64>,
    expiration: Option<ExpirationV1>,
    noncurrent_expiration: Option<(u32, Option<u32>)>,
    transitions: Vec<TransitionV1>,
    noncurrent_transitions: Vec<TransitionV1>,
    abort_upload_days: Option<u32>,
}

#[derive(Serialize, Deserialize)]
enum ExpirationV1 {
    At(WhenV1),
    LoneDeleteMarkers,
}

#[derive(Serialize, Deserialize)]
enum WhenV1 {
    Days(u32),
    Date(i64),
}

#[derive(Serialize, Deserialize)]
struct TransitionV1 {
    when: WhenV1,
    storage_class: String,
    keep: Option<u32>,
}

impl LifecycleV1 {
    pub(super) fn of(lifecycle: &Lifecycle) -> Self {
        Self {
            rules: lifecycle.rules().iter().map(RuleV1::of).collect(),
            minimum_varies: match lifecycle.minimum() {
                TransitionMinimum::AllStorageClasses => false,
                TransitionMinimum::VariesByStorageClass => true,
            },
        }
    }

    pub(super) fn read(self) -> Result<Lifecycle, Unreadable> {
        let rules = self.rules.into_iter().map(RuleV1::read).collect::<Result<_, _>>()?;
        let minimum = if self.minimum_varies {
            TransitionMinimum::VariesByStorageClass
        } else {
            TransitionMinimum::AllStorageClasses
        };
        Lifecycle::new(rules, minimum).map_err(|refusal| unreadable(refusal.to_string()))
    }
}

impl RuleV1 {
    fn of(rule: &LifecycleRule) -> Self {
        let LifecycleFilter { prefix, bare_prefix, tags, larger_than, smaller_than } = rule.filter.clone();
        let expiration = |expiration| match expiration {
            Expiration::At(when) => ExpirationV1::At(WhenV1::of(when)),
            Expiration::LoneDeleteMarkers => ExpirationV1::LoneDeleteMarkers,
        };
        let noncurrent = |expiration: NoncurrentExpiration| (expiration.days, expiration.keep);
        Self {
            id: rule.id.clone(),
            enabled: rule.enabled,
            prefix,
            bare_prefix,
            tags,
            larger_than,
            smaller_than,
            expiration: rule.expiration.map(expiration),
            noncurrent_expiration: rule.noncurrent_expiration.map(noncurrent),
            transitions: rule.transitions.iter().map(TransitionV1::of).collect(),
            noncurrent_transitions: rule.noncurrent_transitions.iter().map(TransitionV1::of).collect(),
            abort_upload_days: rule.abort_upload_days,
        }
    }

    fn read(self) -> Result<LifecycleRule, Unreadable> {
        let Self { prefix, bare_prefix, tags, larger_than, smaller_than, .. } = self;
        let expiration = |expiration| match expiration {
            ExpirationV1::At(when) => Expiration::At(when.read()),
            ExpirationV1::LoneDeleteMarkers => Expiration::LoneDeleteMarkers,
        };
        let transitions = |transitions: Vec<TransitionV1>| {
            transitions.into_iter().map(TransitionV1::read).collect::<Result<_, _>>()
        };
        Ok(LifecycleRule {
            id: self.id,
            enabled: self.enabled,
            filter: LifecycleFilter { prefix, bare_prefix, tags, larger_than, smaller_than },
            expiration: self.expiration.map(expiration),
            noncurrent_expiration: self
                .noncurrent_expiration
                .map(|(days, keep)| NoncurrentExpiration { days, keep }),
            transitions: transitions(self.transitions)?,
            noncurrent_transitions: transitions(self.noncurrent_transitions)?,
            abort_upload_days: self.abort_upload_days,
        })
    }
}

impl WhenV1 {
    fn of(when: When) -> Self {
        match when {
            When::Days(days) => Self::Days(days),
            When::Date(date) => Self::Date(date.as_unix_nanos()),
        }
    }

    fn read(self) -> When {
        match self {
            Self::Days(days) => When::Days(days),
            Self::Date(date) => When::Date(Timestamp::from_unix_nanos(date)),
        }
    }
}

impl TransitionV1 {
    fn of(transition: &Transition) -> Self {
        let Transition { when, storage_class, keep } = *transition;
        Self { when: WhenV1::of(when), storage_class: storage_class.name().to_owned(), keep }
    }

    fn read(self) -> Result<Transition, Unreadable> {
        let class = StorageClass::parse(&self.storage_class);
        let storage_class =
            class.ok_or_else(|| unreadable(format!("`{}` is no storage class", self.storage_class)))?;
        Ok(Transition { when: self.when.read(), storage_class, keep: self.keep })
    }
}
