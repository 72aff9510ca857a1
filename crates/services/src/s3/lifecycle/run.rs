//! Does what lifecycle rules say when it is due.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use hearth_engine::clock::Clock;
use hearth_model::{bucket_notification::EventType, time::Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Expiration, Lifecycle, When};
use crate::s3::{
    Attributes, Buckets, Caller, Entry, Object, ObjectKey, StorageClass, UploadId, Version, VersionId,
    bucket::{Bucket, Effects, Event, State},
    history::History,
};

/// When to look next.
#[derive(Debug, Default)]
pub(in crate::s3) struct Alarm {
    due: Mutex<Option<Timestamp>>,
    earlier: Notify,
}

impl Alarm {
    /// Something changed that rules are about: it may be due at the next midnight.
    pub(in crate::s3) fn set_for_midnight(&self, now: Timestamp) {
        self.set(When::Days(0).after(now + Duration::from_nanos(1)));
    }

    /// Something may be due then.
    pub(in crate::s3) fn set(&self, due: Timestamp) {
        let mut set = self.due.lock();
        if set.is_none_or(|earlier| due < earlier) {
            *set = Some(due);
            self.earlier.notify_one();
        }
    }
}

/// Acts whenever something is due, as long as there are buckets.
pub(in crate::s3) async fn run(buckets: Weak<Buckets>, clock: Clock, alarm: Arc<Alarm>) {
    loop {
        let due = *alarm.due.lock();
        let Some(due) = due else {
            alarm.earlier.notified().await;
            continue;
        };
        let nanos = due.as_unix_nanos().saturating_sub(clock.wall().as_unix_nanos());
        let wait = Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
        tokio::select! {
            biased;
            () = clock.sleep(wait) => {}
            () = alarm.earlier.notified() => continue,
        }
        let Some(alive) = buckets.upgrade() else { return };
        alarm.due.lock().take();
        if let Some(next) = alive.expire() {
            alarm.set(next);
        }
    }
}

/// Something that a rule does.
enum Action {
    Expire { key: ObjectKey, modified: Timestamp },
    Delete { key: ObjectKey, version: VersionId },
    Store { key: ObjectKey, version: VersionId, storage_class: StorageClass },
    Abort { key: ObjectKey, upload: UploadId },
}

/// What is due, and when more will be.
#[derive(Default)]
struct Plan {
    now: Timestamp,
    actions: Vec<Action>,
    next: Option<Timestamp>,
}

impl Buckets {
    /// Does what is due; returns when more will be.
    fn expire(&self) -> Option<Timestamp> {
        self.all().iter().filter_map(|bucket| self.expire_in(bucket)).min()
    }

    fn expire_in(&self, bucket: &Bucket) -> Option<Timestamp> {
        let plan = {
            let state = bucket.state.read();
            let lifecycle = state.configuration.lifecycle.clone()?;
            Plan::new(&state, &lifecycle, self.now())
        };
        if !plan.actions.is_empty() {
            let caller = Caller::hearth(bucket.partition.clone());
            let done = self.change(&caller, bucket.name.as_str(), |state, now, effects| {
                for action in plan.actions {
                    action.take(state, now, effects);
                }
                Ok(())
            });
            // The bucket may be deleted by now; then nothing is due in it.
            drop(done);
        }
        plan.next
    }
}

impl Plan {
    fn new(state: &State, lifecycle: &Lifecycle, now: Timestamp) -> Self {
        let mut plan = Self { now, ..Self::default() };
        for (key, history) in &state.objects {
            plan.look_at_current(lifecycle, key, history);
            plan.look_at_older(lifecycle, key, history);
        }
        for (key, uploads) in &state.uploads {
            for upload in uploads {
                let days = lifecycle.active().filter(|rule| rule.filter.matches_key(key.as_str()));
                let due = days
                    .filter_map(|rule| Some(When::Days(rule.abort_upload_days?).after(upload.initiated)))
                    .min();
                plan.add(due, || Action::Abort { key: key.clone(), upload: upload.id.clone() });
            }
        }
        plan
    }

    fn look_at_current(&mut self, lifecycle: &Lifecycle, key: &ObjectKey, history: &History) {
        let current = history.current();
        let Some(object) = current.object() else {
            let alone = history.versions().count() == 1;
            let mut rules = lifecycle.active().filter(|rule| rule.filter.matches_key(key.as_str()));
            if alone
                && rules.any(|rule| {
                    matches!(rule.expiration, Some(Expiration::LoneDeleteMarkers | Expiration::At(_)))
                })
            {
                let due = When::Days(0).after(current.modified);
                let version = current.id.clone();
                self.add(Some(due), || Action::Delete { key: key.clone(), version });
            }
            return;
        };
        let expires = lifecycle.expiration(key.as_str(), object, &current.tags, current.modified);
        if self.add(expires.map(|(due, _)| due), || Action::Expire {
            key: key.clone(),
            modified: current.modified,
        }) {
            return;
        }
        let rules =
            lifecycle.active().filter(|rule| rule.filter.matches(key.as_str(), object, &current.tags));
        let transitions =
            rules.filter(|rule| rule.filter.lets_transition(object)).flat_map(|rule| &rule.transitions);
        let dates = transitions.map(|to| (to.when.after(current.modified), to.storage_class));
        self.add_transition(key, current, object, dates);
    }

    fn look_at_older(&mut self, lifecycle: &Lifecycle, key: &ObjectKey, history: &History) {
        // A version ceases to be the current one when the next one comes.
        let newest_first = history.versions().zip(history.versions().skip(1));
        for ((newer, version), newer_ones) in newest_first.zip(0_u32..) {
            let since = newer.modified;
            let kept = |keep: Option<u32>| keep.is_some_and(|keep| newer_ones < keep);
            let rules = lifecycle.active().filter(|rule| match version.object() {
                Some(object) => rule.filter.matches(key.as_str(), object, &version.tags),
                None => rule.filter.matches_key(key.as_str()),
            });
            let expirations = rules.clone().filter_map(|rule| rule.noncurrent_expiration);
            let due = expirations
                .filter(|expiration| !kept(expiration.keep))
                .map(|expiration| When::Days(expiration.days).after(since))
                .min();
            let gone = version.id.clone();
            if self.add(due, || Action::Delete { key: key.clone(), version: gone }) {
                continue;
            }
            if let Some(object) = version.object() {
                let rules = rules.filter(|rule| rule.filter.lets_transition(object));
                let dates = rules
                    .flat_map(|rule| &rule.noncurrent_transitions)
                    .filter(|to| !kept(to.keep))
                    .map(|to| (to.when.after(since), to.storage_class));
                self.add_transition(key, version, object, dates);
            }
        }
    }

    /// The latest of those that are due, and the earliest of the others.
    fn add_transition(
        &mut self,
        key: &ObjectKey,
        version: &Version,
        object: &Object,
        dates: impl Iterator<Item = (Timestamp, StorageClass)>,
    ) {
        let (due, later): (BTreeMap<_, _>, BTreeMap<_, _>) = {
            let mut all: (BTreeMap<_, _>, BTreeMap<_, _>) = Default::default();
            for (date, class) in dates {
                if date <= self.now { &mut all.0 } else { &mut all.1 }.insert(date, class);
            }
            all
        };
        self.next = self.next.into_iter().chain(later.into_keys().next()).min();
        if let Some(storage_class) = due.into_values().next_back()
            && storage_class != object.attributes.storage_class
        {
            let (key, version) = (key.clone(), version.id.clone());
            self.actions.push(Action::Store { key, version, storage_class });
        }
    }

    /// Takes note of something that is due then; whether that is now.
    fn add(&mut self, due: Option<Timestamp>, action: impl FnOnce() -> Action) -> bool {
        let Some(due) = due else { return false };
        if due > self.now {
            self.next = self.next.into_iter().chain([due]).min();
            return false;
        }
        self.actions.push(action());
        true
    }
}

impl Action {
    fn take(self, state: &mut State, now: Timestamp, effects: &mut Effects) {
        match self {
            // Somebody may have written another one meanwhile.
            Self::Expire { key, modified } => {
                if state.objects.get(&key).is_some_and(|history| history.current().modified == modified) {
                    state.delete(&key, None, true, now, effects);
                }
            }
            Self::Delete { key, version } => {
                state.delete(&key, Some(&version), true, now, effects);
            }
            Self::Store { key, version, storage_class } => {
                let Ok((_, object)) = state.version(&key, Some(&version)) else { return };
                let attributes = Attributes { storage_class, ..object.attributes.clone() };
                let object = Arc::new(Object { attributes, ..Object::clone(object) });
                state.replace(&key, &version, Arc::clone(&object));
                let (kind, entry) = (EventType::Transition, Some(Entry::Object(object)));
                effects.events.push(Event { kind, key, version, entry, sequencer: None, at: now });
            }
            // Somebody may have completed it meanwhile.
            Self::Abort { key, upload } => drop(state.remove_upload(&key, &upload, effects)),
        }
    }
}
