//! The stages of the demo and their figures.

use std::{collections::BTreeSet, error::Error, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_engine::{InvokeError, InvokeReply, Phases};
use hearth_model::{
    cold_start::{ColdStartModel, Profile, REFERENCE_MEMORY_MIB},
    cost,
    identity::EnvironmentId,
    limits,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    bill::Bill,
    stage::{MISBEHAVE, PHOTOGRAPH, Stage, THUMBNAIL, Taken, memory, quantile, timeout, unexpected},
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// (1) A photograph becomes a thumbnail, cold and then warm.
pub(super) struct Thumbnail {
    pub(super) code_bytes: usize,
    pub(super) photograph_bytes: usize,
    pub(super) input: (u32, u32),
    pub(super) output: (u32, u32),
    pub(super) thumbnail_bytes: usize,
    /// From the package to code that can run: mapped from the cache, or compiled.
    pub(super) load: Duration,
    pub(super) cold: Times,
    /// The one in the middle of [`WARM_INVOCATIONS`](Self::WARM_INVOCATIONS).
    pub(super) warm: Times,
}

/// What one invocation took.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) phases: Phases,
    /// From the request to the answer.
    pub(super) total: Duration,
}

impl Times {
    fn of(reply: &InvokeReply, waited: Duration) -> Self {
        Self { phases: reply.report.phases, total: waited }
    }
}

#[derive(Deserialize)]
struct ThumbnailAnswer {
    width: u32,
    height: u32,
    input_width: u32,
    input_height: u32,
    image_base64: String,
}

impl Thumbnail {
    pub(super) const WARM_INVOCATIONS: usize = 20;
    pub(super) const MEMORY_MIB: u32 = 512;

    pub(super) async fn play(stage: &mut Stage) -> Outcome<Self> {
        let configure = |function: &mut hearth_model::function::FunctionConfiguration| {
            function.memory = memory(Self::MEMORY_MIB);
        };
        let (function, load) = stage.deploy(&THUMBNAIL, configure).await?;
        let event = json!({ "image_base64": BASE64_STANDARD.encode(PHOTOGRAPH) }).to_string();

        let first = stage.invoke(&function, &event).await;
        let reply = succeeded("thumbnail", &first)?;
        let answer: ThumbnailAnswer = serde_json::from_value(answer("thumbnail", reply)?)?;
        let cold = Times::of(reply, first.waited);

        let mut warm = Vec::new();
        for _ in 0..Self::WARM_INVOCATIONS {
            let again = stage.invoke(&function, &event).await;
            warm.push(Times::of(succeeded("thumbnail", &again)?, again.waited));
        }
        warm.sort_by_key(|times| times.total);
        Ok(Self {
            code_bytes: THUMBNAIL.wasm.len(),
            photograph_bytes: PHOTOGRAPH.len(),
            input: (answer.input_width, answer.input_height),
            output: (answer.width, answer.height),
            thumbnail_bytes: BASE64_STANDARD.decode(answer.image_base64)?.len(),
            load,
            cold,
            warm: warm[warm.len() / 2],
        })
    }
}

/// (3) Many invocations at once have an environment each, and the next ones find them warm.
pub(super) struct Concurrency {
    pub(super) first: Wave,
    pub(super) second: Wave,
    /// What init took in the first wave's environments.
    pub(super) init_p50: Duration,
    pub(super) init_p99: Duration,
}

/// Invocations that were made at once.
pub(super) struct Wave {
    pub(super) cold: usize,
    pub(super) warm: usize,
    pub(super) environments: BTreeSet<EnvironmentId>,
    pub(super) took: Duration,
}

impl Concurrency {
    pub(super) const INVOCATIONS: usize = 100;
    /// What the handler does: it waits, as handlers do that call something else.
    pub(super) const HANDLER: Duration = Duration::from_millis(100);

    pub(super) async fn play(stage: &mut Stage) -> Outcome<Self> {
        let (function, _) = stage.deploy(&MISBEHAVE, |_| ()).await?;
        let event = json!({ "action": "sleep", "ms": Self::HANDLER.as_millis() }).to_string();
        let mut waves = Vec::new();
        let mut inits = Vec::new();
        for _ in 0..2 {
            let (taken, took) = stage.invoke_at_once(&function, &event, Self::INVOCATIONS).await;
            let mut wave = Wave { cold: 0, warm: 0, environments: BTreeSet::new(), took };
            for taken in &taken {
                let reply = succeeded("concurrency", taken)?;
                wave.environments.insert(reply.report.environment);
                match &reply.report.init {
                    Some(init) => {
                        wave.cold += 1;
                        inits.push(init.measured);
                    }
                    None => wave.warm += 1,
                }
            }
            waves.push(wave);
        }
        inits.sort_unstable();
        let (Some(second), Some(first)) = (waves.pop(), waves.pop()) else {
            unreachable!("two waves were made")
        };
        let (init_p50, init_p99) = (quantile(&inits, 0.5), quantile(&inits, 0.99));
        Ok(Self { first, second, init_p50, init_p99 })
    }
}

/// (4) Reserved concurrency is also a limit.
pub(super) struct Reserved {
    pub(super) served: usize,
    pub(super) throttled: usize,
    /// The reason that a throttled caller is told.
    pub(super) reason: String,
}

impl Reserved {
    pub(super) const LIMIT: u32 = 5;
    pub(super) const INVOCATIONS: usize = 20;

    pub(super) async fn play(stage: &mut Stage) -> Outcome<Self> {
        let (function, _) =
            stage.deploy(&MISBEHAVE, |function| function.reserved_concurrency = Some(Self::LIMIT)).await?;
        let event = json!({ "action": "sleep", "ms": 200 }).to_string();
        let (taken, _) = stage.invoke_at_once(&function, &event, Self::INVOCATIONS).await;
        let mut reasons = BTreeSet::new();
        let mut served = 0;
        for taken in &taken {
            match &taken.result {
                Err(InvokeError::Throttled(reason)) => {
                    reasons.insert(reason.as_str());
                }
                _ => {
                    succeeded("reserved concurrency", taken)?;
                    served += 1;
                }
            }
        }
        let reason = reasons.into_iter().collect::<Vec<_>>().join(", ");
        Ok(Self { served, throttled: taken.len() - served, reason })
    }
}

/// (5) A timeout resets the environment: globals are lost, `/tmp` is kept.
pub(super) struct TimedOut {
    pub(super) calls_before: u64,
    pub(super) calls_after: u64,
    pub(super) file_after: String,
    /// The error document's message.
    pub(super) message: String,
    pub(super) took: Duration,
    /// Whether all of it happened in one environment.
    pub(super) same_environment: bool,
}

impl TimedOut {
    pub(super) const TIMEOUT_S: u32 = 1;
    pub(super) const FILE: &str = "/tmp/note";
    pub(super) const TEXT: &str = "written before the timeout";

    pub(super) async fn play(stage: &mut Stage) -> Outcome<Self> {
        const STAGE: &str = "timeout";
        let (function, _) =
            stage.deploy(&MISBEHAVE, |function| function.timeout = timeout(Self::TIMEOUT_S)).await?;
        let mut environments = BTreeSet::new();
        let mut ask = async |stage: &mut Stage, event: Value| -> Outcome<Value> {
            let taken = stage.invoke(&function, &event.to_string()).await;
            let reply = succeeded(STAGE, &taken)?;
            environments.insert(reply.report.environment);
            answer(STAGE, reply)
        };
        let count = |answer: &Value| answer["count"].as_u64().unwrap_or_default();

        ask(stage, json!({ "action": "write", "path": Self::FILE, "text": Self::TEXT })).await?;
        let before = ask(stage, json!({ "action": "count" })).await?;
        let endless = stage.invoke(&function, &json!({ "action": "loop" }).to_string()).await;
        let after = ask(stage, json!({ "action": "count" })).await?;
        let file = ask(stage, json!({ "action": "read", "path": Self::FILE })).await?;

        let Ok(reply) = &endless.result else { return Err(unexpected(STAGE, "the loop was throttled")) };
        let Err(failure) = &reply.result else { return Err(unexpected(STAGE, "the loop ended")) };
        environments.insert(reply.report.environment);
        Ok(Self {
            calls_before: count(&before),
            calls_after: count(&after),
            file_after: file["excerpt"].as_str().unwrap_or_default().to_owned(),
            message: failure.error_message(reply.request_id),
            took: reply.report.duration,
            same_environment: environments.len() == 1,
        })
    }
}

/// (6) What cold starts take under the profiles of Lambda's runtimes.
pub(super) struct Profiles {
    pub(super) profiles: Vec<ModelledProfile>,
    /// The Init Duration of one real invocation under a profile, and what of it was measured.
    pub(super) invoked: (Profile, Duration, Duration),
}

/// One profile.
pub(super) struct ModelledProfile {
    pub(super) profile: Profile,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

impl Profiles {
    pub(super) const STARTS: u64 = 1_000;
    const INVOKED: Profile = Profile::Python312;

    pub(super) async fn play(stage: &mut Stage, seed: u64) -> Outcome<Self> {
        let profiles = Profile::ALL.into_iter().map(|profile| {
            let model = ColdStartModel { profile: Some(profile), seed, ..ColdStartModel::default() };
            let mut starts: Vec<_> = (0..Self::STARTS)
                .map(|draw| model.sample(memory(REFERENCE_MEMORY_MIB), draw).total())
                .collect();
            starts.sort_unstable();
            ModelledProfile { profile, p50: quantile(&starts, 0.5), p99: quantile(&starts, 0.99) }
        });
        let profiles = profiles.collect();

        let configure = |function: &mut hearth_model::function::FunctionConfiguration| {
            function.memory = memory(REFERENCE_MEMORY_MIB);
            function.cold_start =
                ColdStartModel { profile: Some(Self::INVOKED), seed, ..ColdStartModel::default() };
        };
        let (function, _) = stage.deploy(&MISBEHAVE, configure).await?;
        let taken = stage.invoke(&function, &json!({ "action": "count" }).to_string()).await;
        let init = succeeded("profiles", &taken)?.report.init;
        let init = init.ok_or_else(|| unexpected("profiles", "the first invocation was not cold"))?;
        Ok(Self { profiles, invoked: (Self::INVOKED, init.total(), init.measured) })
    }
}

/// (7) What the run would have cost.
pub(super) struct Price {
    pub(super) bill: Bill,
    /// A million thumbnails, at what a warm one took.
    pub(super) million_thumbnails: cost::Cost,
    pub(super) thumbnail_billed: Duration,
}

impl Price {
    pub(super) fn of(stage: &Stage, thumbnail: &Thumbnail) -> Self {
        const MILLION: u32 = 1_000_000;
        // Lambda bills whole milliseconds.
        let millis = thumbnail.warm.phases.handle.as_micros().div_ceil(1_000);
        let billed = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        let size = memory(Thumbnail::MEMORY_MIB);
        let storage = hearth_model::function::EphemeralStorage::default();
        debug_assert_eq!(storage.get(), limits::DEFAULT_EPHEMERAL_STORAGE_MIB);
        Self {
            bill: *stage.bill(),
            million_thumbnails: cost::estimate(MILLION.into(), billed * MILLION, size, storage),
            thumbnail_billed: billed,
        }
    }
}

fn succeeded<'a>(stage: &'static str, taken: &'a Taken) -> Outcome<&'a InvokeReply> {
    match &taken.result {
        Ok(reply) => match &reply.result {
            Ok(_) => Ok(reply),
            Err(failure) => Err(unexpected(stage, &failure.error_message(reply.request_id))),
        },
        Err(refused) => Err(unexpected(stage, &refused.to_string())),
    }
}

fn answer(stage: &'static str, reply: &InvokeReply) -> Outcome<Value> {
    let payload = reply.result.as_ref().map_err(|_| unexpected(stage, "the handler failed"))?;
    Ok(serde_json::from_slice(payload)?)
}
