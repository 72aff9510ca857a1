//! From a manifest's declarations to buckets, and to rules by which their events invoke functions.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{
    bucket_notification::{Rule, Target},
    identity::{FunctionName, Partition},
};
use hearth_services::{
    Services,
    s3::{BucketName, Caller, NewBucket, NewNotification, Refusal, Setting, Versioning},
};
use parking_lot::Mutex;

use super::{
    Change, EventSource, Verb,
    change::{failed, succeeded},
    grants::{self, Grantee},
};
use crate::manifest::{BucketDeclaration, BucketEvents, BucketSettings, Manifest, ManifestError, Place};

/// The buckets and rules that a world has made, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Buckets {
    owner: Caller,
    made: Mutex<BTreeMap<BucketName, BucketSettings>>,
    ruled: Mutex<BTreeMap<BucketName, Rules>>,
}

/// The rules of a bucket that a manifest declares, and the function of each. Others may be set besides them.
type Rules = Vec<(FunctionName, Rule)>;

impl Buckets {
    pub(super) fn new(partition: Partition) -> Self {
        Self { owner: Caller::hearth(partition), made: Mutex::default(), ruled: Mutex::default() }
    }

    /// What an earlier process made of a manifest counts as made by this one.
    pub(super) fn recall(&self, earlier: &Manifest) {
        let made = earlier.buckets.iter().map(|bucket| (bucket.name.clone(), bucket.settings));
        self.made.lock().extend(made);
        let rules = declared(&self.owner.partition, earlier).into_iter();
        self.ruled.lock().extend(rules.map(|(bucket, Declared { rules, .. })| (bucket, rules)));
    }

    /// Makes all buckets.
    pub(super) fn make_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.make(services, manifest))
    }

    /// Lets all events invoke the functions that shall get them.
    pub(super) fn rule_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.rule(services, manifest))
    }

    /// Makes buckets that are new, and changes those that are declared otherwise than before. Their objects stay.
    pub(super) fn make(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let differs =
            |bucket: &&BucketDeclaration| self.made.lock().get(&bucket.name) != Some(&bucket.settings);
        let mut changes = Vec::new();
        for bucket in manifest.buckets.iter().filter(differs) {
            changes.push(match self.make_one(services, bucket) {
                Ok(()) => {
                    let before = self.made.lock().insert(bucket.name.clone(), bucket.settings);
                    let verb = if before.is_some() { Verb::Updated } else { Verb::Created };
                    Change::Bucket(bucket.name.clone(), verb)
                }
                Err(refusal) => {
                    let reason = format!("bucket `{}`: {refusal}", bucket.name);
                    failed(manifest, &bucket.name, &bucket.place, reason)
                }
            });
        }
        changes
    }

    /// Takes away the rules of buckets that have none any more.
    pub(super) fn unrule(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let declared = declared(&self.owner.partition, manifest);
        let mut changes = Vec::new();
        self.ruled.lock().retain(|bucket, before| {
            if declared.contains_key(bucket) {
                return true;
            }
            // One that is not there any more was deleted by somebody else, with its rules.
            let _ = self.replace(services, bucket, before, &[]);
            self.shut_out(services, bucket, before, &[]);
            changes.extend(differences(bucket, before, &[]));
            false
        });
        changes
    }

    /// Makes the rules of all buckets those of a manifest.
    pub(super) fn rule(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = self.unrule(services, manifest);
        let declared = declared(&self.owner.partition, manifest);
        let mut ruled = self.ruled.lock();
        for (bucket, Declared { rules, place }) in declared {
            let before = ruled.get(&bucket).map(Vec::as_slice).unwrap_or_default();
            let done = self.let_in(services, &bucket, &rules).and_then(|()| {
                if before == rules {
                    return Ok(());
                }
                self.replace(services, &bucket, before, &rules).map_err(|refusal| refusal.to_string())
            });
            if let Err(reason) = done {
                self.shut_out(services, &bucket, &rules, before);
                let reason = format!("events of bucket `{bucket}`: {reason}");
                changes.push(failed(manifest, &bucket, &place, reason));
                continue;
            }
            self.shut_out(services, &bucket, before, &rules);
            changes.extend(differences(&bucket, before, &rules));
            ruled.insert(bucket, rules);
        }
        changes
    }

    /// Deletes the buckets that are no longer declared, unless there is something in them.
    pub(super) fn unmake(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = Vec::new();
        self.made.lock().retain(|name, _| {
            if manifest.buckets.iter().any(|bucket| bucket.name == *name) {
                return true;
            }
            changes.push(match services.buckets().delete_bucket(&self.owner, name.as_str()) {
                Err(Refusal::BucketNotEmpty { .. }) => Change::Kept(name.clone()),
                // One that is not there any more was deleted by somebody else.
                Ok(()) | Err(_) => Change::Bucket(name.clone(), Verb::Removed),
            });
            false
        });
        changes
    }

    fn make_one(&self, services: &Services, bucket: &BucketDeclaration) -> Result<(), Refusal> {
        let (buckets, name) = (services.buckets(), bucket.name.as_str());
        if buckets.describe(name).is_err() {
            buckets.create(&self.owner, name, &NewBucket::default())?;
        }
        // What was versioned once never is what it was before.
        let versioning = match (bucket.settings.versioning, buckets.configuration(name)?.versioning) {
            (true, _) => Versioning::Enabled,
            (false, Versioning::Off) => return Ok(()),
            (false, Versioning::Enabled | Versioning::Suspended) => Versioning::Suspended,
        };
        buckets.configure(&self.owner, name, Setting::Versioning(versioning))
    }

    /// Lets a bucket invoke the functions of rules. Every time, because a function may have come later than its rules.
    fn let_in(&self, services: &Services, bucket: &BucketName, rules: &Rules) -> Result<(), String> {
        let done = functions(rules).into_iter().try_for_each(|function| {
            grants::let_in(services, &self.owner.partition, Grantee::Bucket(bucket), function)
        });
        done.map_err(|refusal| refusal.to_string())
    }

    /// Does not let a bucket invoke the functions any more that have no rules left.
    fn shut_out(
        &self,
        services: &Services,
        bucket: &BucketName,
        before: &[(FunctionName, Rule)],
        rules: &[(FunctionName, Rule)],
    ) {
        for function in functions(before).difference(&functions(rules)) {
            grants::shut_out(services, &self.owner.partition, Grantee::Bucket(bucket), function);
        }
    }

    /// Sets other rules for a bucket, beside those that are from elsewhere. Their targets are not checked: those of the
    /// manifest may be used, and what others have set stays as it is.
    fn replace(
        &self,
        services: &Services,
        bucket: &BucketName,
        before: &[(FunctionName, Rule)],
        rules: &[(FunctionName, Rule)],
    ) -> Result<(), Refusal> {
        let buckets = services.buckets();
        let configuration = buckets.configuration(bucket.as_str())?;
        let foreign = configuration.notification.rules().iter();
        let foreign = foreign.filter(|rule| !before.iter().chain(rules).any(|(_, ours)| ours.id == rule.id));
        let ours = rules.iter().map(|(_, rule)| rule);
        let rules = foreign.chain(ours).cloned().collect();
        buckets.set_notification(
            &self.owner,
            bucket.as_str(),
            NewNotification { rules, skip_validation: true },
        )
    }
}

/// The rules of a bucket, and where the first one is written.
struct Declared {
    rules: Rules,
    place: Place,
}

fn declared(partition: &Partition, manifest: &Manifest) -> BTreeMap<BucketName, Declared> {
    let mut declared = BTreeMap::<BucketName, Declared>::new();
    for function in &manifest.functions {
        let name = &function.configuration.name;
        for (events, number) in function.bucket_events.iter().zip(1..) {
            let BucketEvents { bucket, events, filter, place } = events.clone();
            let rule = Rule {
                id: format!("{name}/{number}"),
                target: Target::Function,
                arn: name.arn(partition),
                events,
                filter: (!filter.is_empty()).then_some(filter),
            };
            let of_bucket = declared.entry(bucket).or_insert(Declared { rules: Vec::new(), place });
            of_bucket.rules.push((name.clone(), rule));
        }
    }
    declared
}

fn functions(rules: &[(FunctionName, Rule)]) -> BTreeSet<&FunctionName> {
    rules.iter().map(|(function, _)| function).collect()
}

/// What other rules mean for each function.
fn differences(
    bucket: &BucketName,
    before: &[(FunctionName, Rule)],
    after: &[(FunctionName, Rule)],
) -> Vec<Change> {
    let by_function = |rules: &[(FunctionName, Rule)]| {
        let mut grouped = BTreeMap::<FunctionName, Vec<Rule>>::new();
        for (function, rule) in rules {
            grouped.entry(function.clone()).or_default().push(rule.clone());
        }
        grouped
    };
    let (mut before, after) = (by_function(before), by_function(after));
    let mut changes = Vec::new();
    let source = || EventSource::Bucket(bucket.clone());
    for (function, rules) in after {
        let verb = match before.remove(&function) {
            None => Verb::Created,
            Some(same) if same == rules => continue,
            Some(_) => Verb::Updated,
        };
        changes.push(Change::Events(function, source(), verb));
    }
    changes.extend(before.into_keys().map(|function| Change::Events(function, source(), Verb::Removed)));
    changes
}
