//! Buckets without their objects, as they are written.

use std::sync::Arc;

use hearth_engine::journal::Unreadable;
use hearth_model::{
    bucket_notification::{self, EventPattern, Filter, Rule, Sequencer, Target},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    Unrecorded,
    lifecycle::LifecycleV1,
    object::{EncryptionV1, TagsV1, tags, tags_v1},
};
use crate::{
    kept::unreadable,
    s3::{
        Configuration, Cors, CorsRule, Ownership, PublicAccessBlock, Tagged, Versioning,
        bucket::{Bucket, State},
    },
};

#[derive(Serialize, Deserialize)]
pub(super) enum BucketDocument {
    V1(BucketV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct BucketV1 {
    created: i64,
    /// A sequencer that none is beyond.
    reserved: u64,
    versioning: VersioningV1,
    tags: TagsV1,
    policy: Option<String>,
    cors: Option<Vec<CorsRuleV1>>,
    lifecycle: Option<LifecycleV1>,
    encryption: EncryptionV1,
    ownership: Option<String>,
    /// In the order of the API: `BlockPublicAcls`, `IgnorePublicAcls`, `BlockPublicPolicy`, `RestrictPublicBuckets`.
    public_access: Option<[bool; 4]>,
    notification: Vec<RuleV1>,
}

#[derive(Serialize, Deserialize)]
enum VersioningV1 {
    Off,
    Enabled,
    Suspended,
}

#[derive(Serialize, Deserialize)]
struct CorsRuleV1 {
    id: Option<String>,
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    exposed_headers: Vec<String>,
    max_age_s: Option<i32>,
}

/// A rule for events.
#[derive(Serialize, Deserialize)]
struct RuleV1 {
    id: String,
    to_queue: bool,
    arn: String,
    events: Vec<String>,
    /// Prefix and suffix.
    filter: Option<(Option<String>, Option<String>)>,
}

impl BucketV1 {
    pub(super) fn of(bucket: &Bucket, state: &State) -> Self {
        let Configuration {
            versioning,
            tags,
            policy,
            cors,
            lifecycle,
            encryption,
            ownership,
            public_access,
            notification,
        } = &state.configuration;
        Self {
            created: bucket.created.as_unix_nanos(),
            reserved: state.unrecorded.reserved.number(),
            versioning: match versioning {
                Versioning::Off => VersioningV1::Off,
                Versioning::Enabled => VersioningV1::Enabled,
                Versioning::Suspended => VersioningV1::Suspended,
            },
            tags: tags_v1(tags),
            policy: policy.as_deref().map(str::to_owned),
            cors: cors.as_ref().map(|cors| cors.rules().iter().map(CorsRuleV1::of).collect()),
            lifecycle: lifecycle.as_deref().map(LifecycleV1::of),
            encryption: EncryptionV1::of(encryption),
            ownership: ownership.map(|ownership| ownership.name().to_owned()),
            public_access: public_access.map(|block| {
                [block.block_acls, block.ignore_acls, block.block_policy, block.restrict_buckets]
            }),
            notification: notification.rules().iter().map(RuleV1::of).collect(),
        }
    }

    /// When the bucket was created, and its state without anything in it.
    pub(super) fn read(self) -> Result<(Timestamp, State), Unreadable> {
        let ownership = self.ownership.map(|name| {
            Ownership::parse(&name).ok_or_else(|| unreadable(format!("`{name}` is no object ownership")))
        });
        let cors = self.cors.map(|rules| Cors::new(rules.into_iter().map(CorsRuleV1::read).collect()));
        let rules = self.notification.into_iter().map(RuleV1::read).collect::<Result<_, _>>()?;
        let notification = bucket_notification::Configuration::new(rules);
        let configuration = Configuration {
            versioning: match self.versioning {
                VersioningV1::Off => Versioning::Off,
                VersioningV1::Enabled => Versioning::Enabled,
                VersioningV1::Suspended => Versioning::Suspended,
            },
            tags: tags(Tagged::Bucket, self.tags)?,
            policy: self.policy.map(Arc::from),
            cors: cors.transpose().map_err(|refusal| unreadable(refusal.to_string()))?.map(Arc::new),
            lifecycle: self.lifecycle.map(LifecycleV1::read).transpose()?.map(Arc::new),
            encryption: self.encryption.read(),
            ownership: ownership.transpose()?,
            public_access: self.public_access.map(
                |[block_acls, ignore_acls, block_policy, restrict_buckets]| PublicAccessBlock {
                    block_acls,
                    ignore_acls,
                    block_policy,
                    restrict_buckets,
                },
            ),
            notification: Arc::new(notification.map_err(|error| unreadable(error.to_string()))?),
        };
        let last_sequencer = Sequencer::from_number(self.reserved);
        let unrecorded = Unrecorded::reserved(last_sequencer);
        let state = State { configuration, last_sequencer, unrecorded, ..State::default() };
        Ok((Timestamp::from_unix_nanos(self.created), state))
    }
}

impl CorsRuleV1 {
    fn of(rule: &CorsRule) -> Self {
        let CorsRule { id, origins, methods, headers, exposed_headers, max_age_s } = rule.clone();
        Self { id, origins, methods, headers, exposed_headers, max_age_s }
    }

    fn read(self) -> CorsRule {
        let Self { id, origins, methods, headers, exposed_headers, max_age_s } = self;
        CorsRule { id, origins, methods, headers, exposed_headers, max_age_s }
    }
}

impl RuleV1 {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            to_queue: rule.target == Target::Queue,
            arn: rule.arn.clone(),
            events: rule.events.iter().map(ToString::to_string).collect(),
            filter: rule.filter.clone().map(|Filter { prefix, suffix }| (prefix, suffix)),
        }
    }

    fn read(self) -> Result<Rule, Unreadable> {
        let event = |text: &String| {
            EventPattern::parse(text).ok_or_else(|| unreadable(format!("`{text}` is no event of a bucket")))
        };
        Ok(Rule {
            id: self.id,
            target: if self.to_queue { Target::Queue } else { Target::Function },
            arn: self.arn,
            events: self.events.iter().map(event).collect::<Result<_, _>>()?,
            filter: self.filter.map(|(prefix, suffix)| Filter { prefix, suffix }),
        })
    }
}
