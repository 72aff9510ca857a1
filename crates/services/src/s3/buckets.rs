//! All buckets, and the ways to them.

use std::{
    collections::{BTreeMap, btree_map},
    fmt,
    sync::Arc,
};

use hearth_engine::{Engine, work::WorkTracker};
use hearth_model::time::Timestamp;
use parking_lot::RwLock;

use super::{
    BucketName, Caller, Refusal,
    bucket::{Bucket, Effects, State},
    lifecycle::{self, Alarm},
    storage::Storage,
};
use crate::{lambda::Functions, sqs::Queues};

/// The buckets of all accounts. Their names are unique among all of them, as on AWS.
pub struct Buckets {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    queues: Arc<Queues>,
    storage: Storage,
    buckets: RwLock<BTreeMap<BucketName, Arc<Bucket>>>,
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
        let buckets = Arc::new(Self {
            storage: Storage::new(engine.work().clone()),
            functions,
            queues,
            buckets: RwLock::default(),
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
            btree_map::Entry::Vacant(free) => Ok(Arc::clone(free.insert(Arc::new(bucket)))),
            btree_map::Entry::Occupied(taken) => Err(Arc::clone(taken.get())),
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
        let (result, rules) = {
            let mut state = bucket.state.write();
            if state.deleted {
                return Err(Refusal::NoSuchBucket { bucket: bucket.name.to_string() });
            }
            let now = self.now();
            let result = change(&mut state, now, &mut effects);
            if state.configuration.lifecycle.is_some() {
                self.alarm.set_for_midnight(now);
            }
            if state.deleted {
                self.buckets.write().remove(&bucket.name);
            }
            (result, Arc::clone(&state.configuration.notification))
        };
        for event in &effects.events {
            self.tell(caller, &bucket, &rules, event);
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
