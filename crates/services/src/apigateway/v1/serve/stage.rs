//! Stages, as callers reach them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use hearth_model::{
    api_authorizer::{AuthorizerAnswer, AuthorizerCache},
    identity::Partition,
    time::Instant,
    token_bucket::TokenBucket,
};
use parking_lot::Mutex;

use crate::apigateway::v1::{
    RestApis,
    document::{MethodSetting, Texts},
    snapshot::Snapshot,
};

/// A stage that can be called.
#[derive(Debug)]
pub(in crate::apigateway::v1) struct Served {
    pub(in crate::apigateway::v1) partition: Partition,
    pub(in crate::apigateway::v1) api: String,
    /// Whether nobody reaches the API by its identifier.
    pub(in crate::apigateway::v1) is_disabled: bool,
    pub(in crate::apigateway::v1) stage: String,
    pub(in crate::apigateway::v1) variables: Texts,
    pub(in crate::apigateway::v1) deployment: String,
    pub(in crate::apigateway::v1) snapshot: Arc<Snapshot>,
    pub(in crate::apigateway::v1) runtime: Arc<StageRuntime>,
}

/// What a stage remembers of calls, deployments notwithstanding.
pub(in crate::apigateway::v1) struct StageRuntime {
    /// By the keys of method settings: `images/GET`, `*/*`.
    buckets: HashMap<String, Mutex<TokenBucket>>,
    /// What authorizers said.
    answers: Mutex<AuthorizerCache<Arc<AuthorizerAnswer>>>,
}

impl RestApis {
    /// The stage of an API.
    pub(super) fn served(&self, api: &str, stage: &str) -> Option<Arc<Served>> {
        let state = self.state.read();
        let partition = state.places.get(api)?;
        let stage = state.regions.get(partition)?.apis.get(api)?.stages.get(stage)?;
        Some(Arc::clone(&stage.served))
    }
}

impl StageRuntime {
    pub(in crate::apigateway::v1) fn new(settings: &BTreeMap<String, MethodSetting>) -> Self {
        let bucket = |setting: &MethodSetting| {
            TokenBucket::per_second(setting.throttling_rate_limit, setting.throttling_burst_limit)
        };
        let buckets = settings.iter().map(|(key, setting)| (key.clone(), Mutex::new(bucket(setting))));
        Self { buckets: buckets.collect(), answers: Mutex::default() }
    }

    /// Whether a method may be called now: what is set for it by one of its names counts, and otherwise what is set for all.
    pub(super) fn lets_through(&self, now: Instant, path: &str, methods: [&str; 2]) -> bool {
        if self.buckets.is_empty() {
            return true;
        }
        let path = path.trim_start_matches('/');
        let own = methods.iter().find_map(|method| self.buckets.get(&format!("{path}/{method}")));
        own.or_else(|| self.buckets.get("*/*")).is_none_or(|bucket| bucket.lock().try_take(now))
    }

    pub(super) fn answer(&self, now: Instant, key: &str) -> Option<Arc<AuthorizerAnswer>> {
        self.answers.lock().find(now, key).cloned()
    }

    pub(super) fn answers(&self) -> &Mutex<AuthorizerCache<Arc<AuthorizerAnswer>>> {
        &self.answers
    }

    /// Forgets what authorizers said.
    pub(in crate::apigateway::v1) fn forget_answers(&self) {
        *self.answers.lock() = AuthorizerCache::default();
    }
}

impl fmt::Debug for StageRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageRuntime").field("buckets", &self.buckets).finish_non_exhaustive()
    }
}
