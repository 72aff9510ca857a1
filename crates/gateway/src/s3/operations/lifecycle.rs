//! When objects go by themselves.

use hearth_services::s3::{
    Expiration, Lifecycle, LifecycleFilter, LifecycleRule, Missing, NoncurrentExpiration, Refusal, Setting,
    StorageClass, Transition, TransitionMinimum, When,
};
use s3s::dto::{
    self, AbortIncompleteMultipartUpload, DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput,
    ExpirationStatus, GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput,
    LifecycleExpiration, LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration,
    NoncurrentVersionTransition, PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
    Tag, Timestamp, TransitionDefaultMinimumObjectSize as Minimum, TransitionStorageClass,
};

use super::{
    Answer, Call,
    attributes::{signed, storage_class},
    timestamp,
};
use crate::{rest_json::fresh_request_id, s3::unsupported::not_there};

pub(in crate::s3) async fn rules(
    call: Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Answer<GetBucketLifecycleConfigurationOutput> {
    let lifecycle = call.buckets.configuration(&input.bucket)?.lifecycle;
    let lifecycle = lifecycle.ok_or(Refusal::NotConfigured(Missing::Lifecycle))?;
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules().iter().map(shown).collect()),
        transition_default_minimum_object_size: Some(shown_minimum(lifecycle.minimum())),
    })
}

pub(in crate::s3) async fn set_rules(
    call: Call,
    input: PutBucketLifecycleConfigurationInput,
) -> Answer<PutBucketLifecycleConfigurationOutput> {
    let given = input.lifecycle_configuration.ok_or(Refusal::MalformedXml)?;
    let rules = given.rules.into_iter().map(read).collect::<Answer<Vec<_>>>()?;
    let minimum = match input.transition_default_minimum_object_size.as_ref().map(Minimum::as_str) {
        None | Some(Minimum::ALL_STORAGE_CLASSES_128K) => TransitionMinimum::AllStorageClasses,
        Some(Minimum::VARIES_BY_STORAGE_CLASS) => TransitionMinimum::VariesByStorageClass,
        Some(other) => {
            let name = "x-amz-transition-default-minimum-object-size";
            return Err(
                Refusal::argument("Invalid value for the default minimum object size", name, other).into()
            );
        }
    };
    let lifecycle = Setting::Lifecycle(Some(Lifecycle::new(rules, minimum)?));
    call.buckets.configure(&call.caller, &input.bucket, lifecycle)?;
    let transition_default_minimum_object_size = Some(shown_minimum(minimum));
    Ok(PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size })
}

pub(in crate::s3) async fn delete_rules(
    call: Call,
    input: DeleteBucketLifecycleInput,
) -> Answer<DeleteBucketLifecycleOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::Lifecycle(None))?;
    Ok(DeleteBucketLifecycleOutput::default())
}

fn read(rule: dto::LifecycleRule) -> Answer<LifecycleRule> {
    let enabled = match rule.status.as_str() {
        ExpirationStatus::ENABLED => true,
        ExpirationStatus::DISABLED => false,
        _ => return Err(Refusal::MalformedXml.into()),
    };
    if rule.filter.is_some() == rule.prefix.is_some() {
        return Err(Refusal::MalformedXml.into());
    }
    let expiration = match rule.expiration {
        None => None,
        Some(LifecycleExpiration { expired_object_delete_marker: Some(true), date: None, days: None }) => {
            Some(Expiration::LoneDeleteMarkers)
        }
        Some(LifecycleExpiration { date, days, .. }) => Some(Expiration::At(when(date.as_ref(), days)?)),
    };
    let noncurrent_expiration = rule.noncurrent_version_expiration.map(|given| {
        let days = number(given.noncurrent_days.ok_or(Refusal::MalformedXml)?)?;
        Answer::Ok(NoncurrentExpiration {
            days,
            keep: given.newer_noncurrent_versions.map(number).transpose()?,
        })
    });
    let transitions = rule.transitions.unwrap_or_default().into_iter().map(|given| {
        let storage_class = class(given.storage_class.as_ref())?;
        Answer::Ok(Transition { when: when(given.date.as_ref(), given.days)?, storage_class, keep: None })
    });
    let noncurrent = rule.noncurrent_version_transitions.unwrap_or_default().into_iter().map(|given| {
        Answer::Ok(Transition {
            when: when(None, given.noncurrent_days)?,
            storage_class: class(given.storage_class.as_ref())?,
            keep: given.newer_noncurrent_versions.map(number).transpose()?,
        })
    });
    let abort = rule
        .abort_incomplete_multipart_upload
        .map(|abort| number(abort.days_after_initiation.ok_or(Refusal::MalformedXml)?));
    Ok(LifecycleRule {
        id: rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| fresh_request_id().to_string()),
        enabled,
        filter: filter(rule.filter, rule.prefix)?,
        expiration,
        noncurrent_expiration: noncurrent_expiration.transpose()?,
        transitions: transitions.collect::<Answer<_>>()?,
        noncurrent_transitions: noncurrent.collect::<Answer<_>>()?,
        abort_upload_days: abort.transpose()?,
    })
}

fn filter(given: Option<LifecycleRuleFilter>, bare_prefix: Option<String>) -> Answer<LifecycleFilter> {
    let Some(given) = given else {
        return Ok(LifecycleFilter { prefix: bare_prefix, bare_prefix: true, ..LifecycleFilter::default() });
    };
    let LifecycleRuleAndOperator { object_size_greater_than, object_size_less_than, prefix, tags } =
        match given.and {
            Some(and) => and,
            None => LifecycleRuleAndOperator {
                object_size_greater_than: given.object_size_greater_than,
                object_size_less_than: given.object_size_less_than,
                prefix: given.prefix,
                tags: given.tag.map(|tag| vec![tag]),
            },
        };
    let pairs = tags.unwrap_or_default().into_iter().map(|tag| Some((tag.key?, tag.value?)));
    let bytes = |bytes: i64| u64::try_from(bytes).map_err(|_| Refusal::MalformedXml);
    Ok(LifecycleFilter {
        prefix,
        bare_prefix: false,
        tags: pairs.collect::<Option<_>>().ok_or(Refusal::MalformedXml)?,
        larger_than: object_size_greater_than.map(bytes).transpose()?,
        smaller_than: object_size_less_than.map(bytes).transpose()?,
    })
}

fn when(date: Option<&Timestamp>, days: Option<i32>) -> Answer<When> {
    match (date, days) {
        (Some(date), None) => Ok(When::Date(timestamp::of_dto(date))),
        (None, Some(days)) => Ok(When::Days(number(days)?)),
        (Some(_), Some(_)) | (None, None) => Err(Refusal::MalformedXml.into()),
    }
}

fn number(given: i32) -> Answer<u32> {
    u32::try_from(given).map_err(|_| {
        Refusal::argument("'Days' must be a number that is not negative", "Days", given.to_string()).into()
    })
}

fn class(given: Option<&TransitionStorageClass>) -> Answer<StorageClass> {
    let given = given.ok_or(Refusal::MalformedXml)?;
    if given.as_str() == "STANDARD" {
        return Err(not_there("transitions to STANDARD"));
    }
    storage_class(Some(&dto::StorageClass::from(given.as_str().to_owned())))
}

fn shown(rule: &LifecycleRule) -> dto::LifecycleRule {
    let (status, filter) =
        (if rule.enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED }, &rule.filter);
    let expiration = rule.expiration.map(|expiration| match expiration {
        Expiration::LoneDeleteMarkers => {
            LifecycleExpiration { expired_object_delete_marker: Some(true), ..LifecycleExpiration::default() }
        }
        Expiration::At(when) => {
            let (date, days) = shown_when(when);
            LifecycleExpiration { date, days, expired_object_delete_marker: None }
        }
    });
    let noncurrent_expiration = rule.noncurrent_expiration.map(|expiration| NoncurrentVersionExpiration {
        newer_noncurrent_versions: expiration.keep.and_then(|keep| i32::try_from(keep).ok()),
        noncurrent_days: i32::try_from(expiration.days).ok(),
    });
    let class =
        |transition: &Transition| TransitionStorageClass::from_static(transition.storage_class.name());
    let transitions = rule.transitions.iter().map(|transition| {
        let (date, days) = shown_when(transition.when);
        dto::Transition { date, days, storage_class: Some(class(transition)) }
    });
    let noncurrent = rule.noncurrent_transitions.iter().map(|transition| NoncurrentVersionTransition {
        newer_noncurrent_versions: transition.keep.and_then(|keep| i32::try_from(keep).ok()),
        noncurrent_days: shown_when(transition.when).1,
        storage_class: Some(class(transition)),
    });
    let (transitions, noncurrent): (Vec<_>, Vec<_>) = (transitions.collect(), noncurrent.collect());
    dto::LifecycleRule {
        abort_incomplete_multipart_upload: rule
            .abort_upload_days
            .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: i32::try_from(days).ok() }),
        expiration,
        filter: (!filter.bare_prefix).then(|| shown_filter(filter)),
        id: Some(rule.id.clone()),
        noncurrent_version_expiration: noncurrent_expiration,
        noncurrent_version_transitions: (!noncurrent.is_empty()).then_some(noncurrent),
        prefix: filter.prefix.clone().filter(|_| filter.bare_prefix),
        status: ExpirationStatus::from_static(status),
        transitions: (!transitions.is_empty()).then_some(transitions),
    }
}

fn shown_minimum(minimum: TransitionMinimum) -> Minimum {
    Minimum::from_static(match minimum {
        TransitionMinimum::AllStorageClasses => Minimum::ALL_STORAGE_CLASSES_128K,
        TransitionMinimum::VariesByStorageClass => Minimum::VARIES_BY_STORAGE_CLASS,
    })
}

fn shown_when(when: When) -> (Option<Timestamp>, Option<i32>) {
    match when {
        When::Days(days) => (None, i32::try_from(days).ok()),
        When::Date(date) => (Some(timestamp::to_dto(date)), None),
    }
}

/// One condition stands alone, several stand in an `And`.
fn shown_filter(filter: &LifecycleFilter) -> LifecycleRuleFilter {
    let tag = |(key, value): &(String, String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
    let tags: Vec<Tag> = filter.tags.iter().map(tag).collect();
    let conditions = [filter.prefix.is_some(), filter.larger_than.is_some(), filter.smaller_than.is_some()];
    let count = conditions.into_iter().filter(|there| *there).count() + tags.len();
    let (larger, smaller) = (filter.larger_than.map(signed), filter.smaller_than.map(signed));
    if count > 1 {
        let and = LifecycleRuleAndOperator {
            object_size_greater_than: larger,
            object_size_less_than: smaller,
            prefix: filter.prefix.clone(),
            tags: (!tags.is_empty()).then_some(tags),
        };
        return LifecycleRuleFilter { and: Some(and), ..LifecycleRuleFilter::default() };
    }
    LifecycleRuleFilter {
        and: None,
        object_size_greater_than: larger,
        object_size_less_than: smaller,
        prefix: filter.prefix.clone(),
        tag: tags.into_iter().next(),
    }
}
