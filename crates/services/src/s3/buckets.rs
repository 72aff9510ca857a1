//! All buckets, and the ways to them.

use std::{
    collections::{BTreeMap, btree_map},
    fmt, mem,
    sync::Arc,
};

use hearth_engine::{Engine, journal::Journal, work::WorkTracker};
use hearth_model::{identity::Partition, time::Timestamp};
use parking_lot::{Mutex, RwLock};

use super::{
    BucketName, Caller, Refusal,
    bucket::{Bucket, Effects, State},
    kept::Subject,
    lifecycle::{self, Alarm},
    notify::Notice,
    storage::Storage,
};
use crate::{lambda::Functions, sqs::Queues};

/// The buckets of all accounts. Their names are unique among all of them, as on AWS.
pub struct Buckets {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    queues: Arc<Queues>,
    /// Where buckets are recorded: nowhere, unless there is a folder for their objects.
    journal: Journal,
    storage: Storage,
    buckets: RwLock<BTreeMap<BucketName, Arc<Bucket>>>,
    /// Of what an earlier process has not told targets.
    untold: Mutex<Vec<(Partition, Notice)>>,
    /// When lifecycle rules act next.
    alarm: Arc<Alarm>,
}

impl Buckets {
    /// No buckets yet; those to come tell these functions and queues what happens.
    ///
    /// # Panics
    /// Outside a tokio runtime: one task waits for objects to expire.
    pub(crate) fn new(engine: Arc<Engine>, functions: Arc<Functions>, queues: Arc<Queues>) -> Arc<Self> {
        let alarm = Arc::new(Alarm::default());
        let journal = engine.journal().folder().map_or_else(Journal::default, |_| engine.journal().clone());
        let buckets = Arc::new(Self {
            storage: Storage::new(engine.work().clone(), journal.clone()),
            journal,
            functions,
            queues,
            buckets: RwLock::default(),
            untold: Mutex::default(),
            alarm: Arc::clone(&alarm),
            engine,
        });
        let expiry = lifecycle::run(Arc::downgrade(&buckets), buckets.engine.clock().clone(), alarm);
        buckets.engine.work().spawn_watcher(expiry);
        buckets
    }

    /// The work that reading and writing content is.
    #[must_use]
    pub fn work(&self) -> &WorkTracker {
        self.storage.work()
    }

    /// How many buckets there are in all accounts and regions.
    #[must_use]
    pub fn total(&self) -> usize {
        self.buckets.read().len()
    }

    /// The time by which everything happens.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn functions(&self) -> &Functions {
        &self.functions
    }

    pub(super) fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) fn storage(&self) -> &Storage {
        &self.storage
    }

    /// All of them, in the order of their names.
    pub(super) fn all(&self) -> Vec<Arc<Bucket>> {
        self.buckets.read().values().cloned().collect()
    }

    pub(super) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, Refusal> {
        let name = BucketName::parse(name)?;
        let found = self.buckets.read().get(&name).cloned();
        found.ok_or_else(|| Refusal::NoSuchBucket { bucket: name.to_string() })
    }

    /// Looks at a bucket.
    pub(super) fn look<R>(
        &self,
        name: &str,
        look: impl FnOnce(&Bucket, &State) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let bucket = self.bucket(name)?;
        let state = bucket.state.read();
        look(&bucket, &state)
    }

    /// Adds a bucket.
    ///
    /// # Errors
    /// With the one that has its name already.
    pub(super) fn add(&self, bucket: Bucket) -> Result<Arc<Bucket>, Arc<Bucket>> {
        match self.buckets.write().entry(bucket.name.clone()) {
            btree_map::Entry::Vacant(free) => {
                let bucket = Arc::clone(free.insert(Arc::new(bucket)));
                let mut state = bucket.state.write();
                state.unrecorded.note(Subject::Bucket);
                bucket.record_changes(&mut state, &self.journal, &[]);
                drop(state);
                Ok(bucket)
            }
            btree_map::Entry::Occupied(taken) => Err(Arc::clone(taken.get())),
        }
    }

    /// Adds what an earlier process has left.
    pub(super) fn bring_back(&self, buckets: impl Iterator<Item = Bucket>, untold: Vec<(Partition, Notice)>) {
        let buckets = buckets.map(|bucket| (bucket.name.clone(), Arc::new(bucket)));
        self.buckets.write().extend(buckets);
        self.untold.lock().extend(untold);
    }

    /// Goes on where an earlier process ended: tells targets what they were not told, and does what lifecycle rules would have
    /// done meanwhile. To be called once, when everything that it may lead to is there.
    pub fn resume(&self) {
        for (partition, notice) in mem::take(&mut *self.untold.lock()) {
            self.deliver(&partition, &notice, None);
        }
        if self.all().iter().any(|bucket| bucket.state.read().configuration.lifecycle.is_some()) {
            self.alarm.set(self.now());
        }
    }

    /// Changes a bucket, and tells those who wait for what happens in it. Everything that changes a bucket goes through
    /// here, up to its end.
    pub(super) fn change<R>(
        &self,
        caller: &Caller,
        name: &str,
        change: impl FnOnce(&mut State, Timestamp, &mut Effects) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let bucket = self.bucket(name)?;
        let mut effects = Effects::default();
        let (result, notices) = {
            let mut state = bucket.state.write();
            if state.deleted {
                return Err(Refusal::NoSuchBucket { bucket: bucket.name.to_string() });
            }
            let now = self.now();
            let result = change(&mut state, now, &mut effects);
            if state.configuration.lifecycle.is_some() {
                self.alarm.set_for_midnight(now);
            }
            let rules = &state.configuration.notification;
            let of_events =
                effects.events.iter().filter_map(|event| Notice::of_event(caller, &bucket, rules, event));
            let mut notices: Vec<_> = of_events.collect();
            notices.append(&mut effects.notices);
            bucket.record_changes(&mut state, &self.journal, &notices);
            if state.deleted {
                self.buckets.write().remove(&bucket.name);
            }
            (result, notices)
        };
        for notice in &notices {
            self.tell(&bucket, notice);
        }
        result
    }
}

impl Drop for Buckets {
    fn drop(&mut self) {
        self.storage.close();
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.buckets.read().keys()).finish()
    }
}
