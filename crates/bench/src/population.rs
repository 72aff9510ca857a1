//! Many environments alive at once, in a process of their own, and what one of them takes.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hearth_engine::{
    InvokeRequest,
    port::{
        BoxFuture, Code, Contract, Environment, InvocationContext, LoadError, Program, ProvisionSettings,
        Sandbox,
    },
};
use hearth_model::{
    outcome::{Failure, PlatformFault},
    pool::PoolPolicy,
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    assembly::{self, Assembly},
    figures::Target,
    process::{Memory, memory},
    stopwatch::Stopwatch,
};

/// What the guest itself writes to: one page of its memory.
const GUEST_KIB: f64 = 4.0;

/// Loads of the compiled artifact.
const LOADS: usize = 200;

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Population {
    /// How many environments were alive, each called once.
    pub(crate) environments: u32,
    /// Memory and page tables of one, but for what the guest itself wrote to.
    pub(crate) kib_each_beyond_guest: f64,
    /// The page tables' part of that.
    pub(crate) page_tables_kib_each: f64,
    /// The process's memory mappings. Linux allows 65,530 unless told otherwise.
    pub(crate) mappings: usize,
    /// From the first to the last answer of all of them together, in milliseconds.
    pub(crate) creation_ms: f64,
    /// The median time of loading the compiled artifact, up to a program that can be provisioned, in microseconds.
    pub(crate) load_us: f64,
}

impl Population {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 2] {
        let Self { environments, kib_each_beyond_guest: each, load_us, .. } = self;
        [
            Target::new(
                "each live environment",
                format!("{each:.1} KiB of {environments}"),
                "at most 45 KiB of 10000",
            ),
            Target::new("loading compiled code", format!("{load_us:.0} us"), "a memory map, never a compile"),
        ]
    }
}

impl fmt::Display for Population {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at once, each called once: {:.1} KiB each beyond the guest's own page, of which {:.1} KiB are page \
             tables; {} mappings; created and called in {:.0} ms",
            self.environments,
            self.kib_each_beyond_guest,
            self.page_tables_kib_each,
            self.mappings,
            self.creation_ms
        )
    }
}

/// Creates that many environments in this process and measures them.
///
/// # Errors
/// If the machine has no room for them.
pub(crate) async fn measure(environments: u32, cache_folder: PathBuf) -> io::Result<Population> {
    let load_us = load(&cache_folder).await?;
    let gate = Arc::new(Semaphore::new(0));
    let sandbox = assembly::sandbox(environments + 1, cache_folder)?;
    let sandbox = Gated { inner: Arc::new(sandbox), gate: Arc::clone(&gate) };
    let policy = PoolPolicy { scaling_burst: u32::MAX, ..PoolPolicy::default() };
    let assembly = Assembly::new(Arc::new(sandbox), policy, environments).await?;

    // The first one brings what all have in common.
    let before = {
        let mut first = assembly.invoke(1);
        gate.add_permits(1);
        answered(&mut first).await?;
        memory(process::id())?
    };
    let since_start = Stopwatch::start();
    let mut invocations = assembly.invoke(environments);
    while assembly.function.environments().len() < usize::try_from(environments).unwrap_or(usize::MAX) {
        tokio::task::yield_now().await;
    }
    gate.add_permits(usize::try_from(environments).unwrap_or(Semaphore::MAX_PERMITS));
    answered(&mut invocations).await?;
    let creation_ms = since_start.elapsed().as_secs_f64() * 1e3;
    let after = memory(process::id())?;

    let created = f64::from(environments - 1);
    let each = |figure: fn(&Memory) -> u64| difference(figure(&after), figure(&before)) / created;
    let page_tables_kib_each = each(|memory| memory.page_tables_kib);
    Ok(Population {
        environments,
        kib_each_beyond_guest: each(|memory| memory.resident_kib) + page_tables_kib_each - GUEST_KIB,
        page_tables_kib_each,
        mappings: fs::read_to_string("/proc/self/maps")?.lines().count(),
        creation_ms,
        load_us,
    })
}

/// The median of loading the artifact anew, by sandboxes that have not seen it.
async fn load(cache_folder: &Path) -> io::Result<f64> {
    let package = assembly::package();
    let load = async || {
        let sandbox = assembly::sandbox(1, cache_folder.to_owned())?;
        let since_start = Stopwatch::start();
        sandbox.load(Arc::clone(&package).into()).await.map_err(io::Error::other)?;
        io::Result::Ok(since_start.elapsed())
    };
    // The first one compiles.
    load().await?;
    let mut loads = Vec::with_capacity(LOADS);
    for _ in 0..LOADS {
        loads.push(load().await?);
    }
    loads.sort_unstable();
    Ok(loads.get(LOADS / 2).map_or(f64::NAN, Duration::as_secs_f64) * 1e6)
}

impl Assembly {
    /// Invokes the function so many times at once.
    fn invoke(&self, times: u32) -> JoinSet<Result<(), String>> {
        let mut invocations = JoinSet::new();
        for _ in 0..times {
            let (engine, function) = (Arc::clone(&self.engine), Arc::clone(&self.function));
            let request = InvokeRequest { event: Bytes::from_static(b"{}"), ..InvokeRequest::default() };
            invocations.spawn(async move {
                let reply = engine.invoke(&function, request).await.map_err(|error| error.to_string())?;
                let request_id = reply.request_id;
                reply.result.map(drop).map_err(|failure| failure.error_message(request_id))
            });
        }
        invocations
    }
}

async fn answered(invocations: &mut JoinSet<Result<(), String>>) -> io::Result<()> {
    while let Some(ended) = invocations.join_next().await {
        ended.map_err(io::Error::other)?.map_err(io::Error::other)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "memory in KiB is far below 2^53")]
fn difference(after: u64, before: u64) -> f64 {
    after.saturating_sub(before) as f64
}

/// A sandbox whose guests are called only when a gate lets them: so that all invocations are under way at once, and
/// each needs an environment of its own.
struct Gated<T: ?Sized> {
    inner: Arc<T>,
    gate: Arc<Semaphore>,
}

struct GatedEnvironment {
    inner: Box<dyn Environment>,
    gate: Arc<Semaphore>,
}

impl<S: Sandbox> Sandbox for Gated<S> {
    fn load(&self, code: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        let load = self.inner.load(code);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move { Ok(Arc::new(Gated { inner: load.await?, gate }) as Arc<dyn Program>) })
    }
}

impl Program for Gated<dyn Program> {
    fn contract(&self) -> Contract {
        self.inner.contract()
    }

    fn provision(&self, settings: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        let inner = self.inner.provision(settings)?;
        Ok(Box::new(GatedEnvironment { inner, gate: Arc::clone(&self.gate) }))
    }
}

impl Environment for GatedEnvironment {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        self.inner.init()
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(async move {
            let passed = self.gate.acquire().await.map_err(|_| {
                Failure::Platform(PlatformFault::Internal { reason: "the gate was torn down".to_owned() })
            })?;
            passed.forget();
            self.inner.invoke(event, context).await
        })
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn peak_memory_bytes(&self) -> u64 {
        self.inner.peak_memory_bytes()
    }
}
