//! How much the holders of API keys have called.

use std::collections::HashMap;

use hearth_model::{time::Moment, token_bucket::TokenBucket, usage::Usage};

use super::{Exchange, Failure, Served};
use crate::apigateway::v1::{
    Refusal, RestApis,
    document::{ApiKeySource, Throttle, UsagePlan},
    snapshot::Target,
};

/// How much of plans is used, by plan and key.
#[derive(Debug, Default)]
pub(in crate::apigateway::v1) struct Meters(HashMap<(String, String), Meter>);

#[derive(Debug, Default)]
struct Meter {
    usage: Usage,
    /// By method, and without one for all others; with the throttle that each was made for.
    buckets: HashMap<Option<String>, (Throttle, TokenBucket)>,
}

/// What a key has used of a plan on each day, and what was left then.
pub type UsageByKey = Vec<(String, Vec<[u32; 2]>)>;

impl RestApis {
    /// Lets a call through whose key counts for the stage, and is not used up.
    pub(super) fn meter(
        &self,
        served: &Served,
        target: &Target,
        usage_key: Option<String>,
        exchange: &mut Exchange<'_>,
    ) -> Result<(), Failure> {
        let shown = match served.snapshot.api_key_source {
            ApiKeySource::Header => exchange.header("x-api-key").map(str::to_owned),
            ApiKeySource::Authorizer => usage_key,
        };
        let shown = shown.ok_or(Failure::FORBIDDEN)?;
        let (key, plan) = self.plan_of(served, &shown).ok_or(Failure::FORBIDDEN)?;
        let stages =
            plan.api_stages.iter().filter(|stage| stage.api_id == served.api && stage.stage == served.stage);
        let names = [exchange.call.method, &*target.method].map(|method| format!("{}/{method}", target.path));
        let own = stages
            .flat_map(|stage| names.iter().filter_map(|name| stage.throttle.get_key_value(name)))
            .next();
        let method = own.map(|(name, _)| name.clone());
        let throttle = own.map(|(_, throttle)| *throttle).or(plan.throttle);
        let moment = self.engine.clock().moment();
        let mut meters = self.meters.lock();
        let meter = meters.0.entry((plan.id.clone(), key.clone())).or_default();
        if let Some(throttle) = throttle
            && !meter.lets_through(moment, method, throttle)
        {
            return Err(Failure::THROTTLED);
        }
        if !meter.usage.try_take(moment.wall, plan.quota) {
            return Err(Failure::QUOTA_EXCEEDED);
        }
        exchange.key = Some((key, shown));
        Ok(())
    }

    /// `GetUsage`: what the keys of a plan, or one of them, have used on each day, and what was left then.
    ///
    /// # Errors
    /// If there is no such plan, or these are no days such as `2026-11-21`.
    pub fn usage(
        &self,
        partition: &hearth_model::identity::Partition,
        plan: &str,
        key: Option<&str>,
        [first, last]: [&str; 2],
    ) -> Result<UsageByKey, Refusal> {
        self.look(partition, |region| {
            let plan = region.plan(plan)?;
            let meters = self.meters.lock();
            let unused = Meter::default();
            let keys = plan.keys.iter().filter(|known| key.is_none_or(|key| key == known.as_str()));
            let usage = keys.map(|key| {
                let meter = meters.0.get(&(plan.document.id.clone(), key.clone())).unwrap_or(&unused);
                meter.usage.between(first, last, plan.document.quota).map(|days| (key.clone(), days))
            });
            let wrong = || {
                Refusal::bad(format!("Invalid dates '{first}' and '{last}': they must be like 2026-11-21"))
            };
            usage.collect::<Option<_>>().ok_or_else(wrong)
        })
    }

    /// Forgets what was used of a plan, or by a key.
    pub(in crate::apigateway::v1) fn forget_usage(&self, id: &str) {
        self.meters.lock().0.retain(|(plan, key), _| plan != id && key != id);
    }

    /// The key that a caller has shown, and the plan in which it counts for a stage.
    fn plan_of(&self, served: &Served, shown: &str) -> Option<(String, UsagePlan)> {
        let state = self.state.read();
        let region = state.regions.get(&served.partition)?;
        let key = region.keys.values().find(|key| key.enabled && key.value.as_deref() == Some(shown))?;
        let plan = region.plans.values().find(|plan| {
            let mut stages = plan.document.api_stages.iter();
            plan.keys.contains(&key.id)
                && stages.any(|stage| stage.api_id == served.api && stage.stage == served.stage)
        })?;
        Some((key.id.clone(), plan.document.clone()))
    }
}

impl Meter {
    fn lets_through(&mut self, now: Moment, method: Option<String>, throttle: Throttle) -> bool {
        let fresh = || (throttle, TokenBucket::per_second(throttle.rate_limit, throttle.burst_limit));
        let bucket = self.buckets.entry(method).or_insert_with(fresh);
        if bucket.0 != throttle {
            *bucket = fresh();
        }
        bucket.1.try_take(now.instant)
    }
}
