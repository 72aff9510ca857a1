//! The sandbox as the engine sees it: from a package to a program, by way of the cache or the compiler.

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{Arc, Weak},
};

use hearth_engine::port::{BoxFuture, Code, LoadError, Program, Sandbox};
use hearth_model::function::{PythonVersion, Runtime};
use parking_lot::Mutex;
use thiserror::Error;
use tokio::runtime::Handle;
use wasmtime::component::Component;

use crate::{
    artifact,
    cache::{Cache, Key},
    machine::Machine,
    managed::{self, ManagedRuntimes, Python},
    program::{Entry, Managed, WasmProgram},
    wasm::Wasm,
};

/// Environments that can live at once if nothing else is asked for: Lambda's default account concurrency and a quarter more,
/// for idle environments of functions that are not called now. Idle ones make room when more are needed.
pub const DEFAULT_MAX_ENVIRONMENTS: u32 = 1_250;

/// How to set up a [`WasmSandbox`].
#[derive(Clone)]
pub struct SandboxOptions {
    /// The folder of compiled artifacts; `None` compiles in memory every time. It may be shared with other processes,
    /// and is created if it is not there.
    pub cache_folder: Option<PathBuf>,
    /// Environments that can live at once, 1 to 25,000. Each costs address space, about 400 bytes of memory and two
    /// microseconds at the start, and on Linux
    /// two memory mappings from the start.
    pub max_environments: u32,
    /// The managed runtimes.
    pub managed: ManagedRuntimes,
    /// Is told what the sandbox does that people may want to know.
    pub observer: Arc<dyn Fn(Notice<'_>) + Send + Sync>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            cache_folder: None,
            max_environments: DEFAULT_MAX_ENVIRONMENTS,
            managed: ManagedRuntimes::default(),
            observer: Arc::new(|_| ()),
        }
    }
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxOptions")
            .field("cache_folder", &self.cache_folder)
            .field("max_environments", &self.max_environments)
            .field("managed", &self.managed)
            .finish_non_exhaustive()
    }
}

/// Something that happens while code is loaded.
#[derive(Debug)]
pub enum Notice<'a> {
    /// A file is not in the cache and is being compiled: some 100 ms for each MiB on one core.
    Compiling {
        /// The file's path in its package.
        file: &'a str,
        /// Its size.
        bytes: usize,
    },
    /// The file is compiled, or can't be.
    Compiled {
        /// The file's path in its package.
        file: &'a str,
    },
    /// The cache can't be used; everything still works, and compiles again next time.
    CacheUnusable {
        /// The folder.
        folder: &'a std::path::Path,
        /// Why.
        error: &'a io::Error,
    },
}

/// Why a sandbox cannot be set up.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The number of environments is outside its range.
    #[error("max_environments must be from 1 to {MOST_ENVIRONMENTS}, not {given}")]
    MaxEnvironments {
        /// What was given.
        given: u32,
    },
    /// wasmtime refuses; most often the address space is limited (`ulimit -v`).
    #[error("cannot reserve address space for {environments} environments: {reason}")]
    Reserve {
        /// How many were asked for.
        environments: u32,
        /// wasmtime's words.
        reason: String,
    },
}

/// The most environments that can be asked for: so many 4 GiB memories fit into the 47 bits of a process's address space,
/// with room for everything else.
pub const MOST_ENVIRONMENTS: u32 = 25_000;

/// Runs functions as WebAssembly components on wasmtime.
pub struct WasmSandbox {
    shared: Arc<Shared>,
}

struct Shared {
    machine: Arc<Machine>,
    cache: Option<Cache>,
    observer: Arc<dyn Fn(Notice<'_>) + Send + Sync>,
    managed: ManagedRuntimes,
    /// The runtime that some function runs on.
    python: Mutex<Weak<Python>>,
    /// Code that some function uses: functions with the same code share it.
    linked: Mutex<HashMap<Key, Weak<Entry>>>,
    /// Held while compiling: the compiler uses all cores by itself, and who waits finds the artifact in the cache.
    compiling: Mutex<()>,
}

impl WasmSandbox {
    /// Reserves address space and opens the cache. Takes a millisecond or two.
    ///
    /// # Errors
    /// If the address space can't be reserved. A cache that can't be opened is only told to the observer.
    pub fn new(options: SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions { cache_folder, max_environments, managed, observer } = options;
        if !(1..=MOST_ENVIRONMENTS).contains(&max_environments) {
            return Err(SandboxError::MaxEnvironments { given: max_environments });
        }
        let machine = Machine::new(max_environments).map_err(|error| SandboxError::Reserve {
            environments: max_environments,
            reason: format!("{error:#}"),
        })?;
        let cache = cache_folder.and_then(|folder| match Cache::open(folder.clone()) {
            Ok(cache) => Some(cache),
            Err(error) => {
                observer(Notice::CacheUnusable { folder: &folder, error: &error });
                None
            }
        });
        let shared = Shared {
            machine: Arc::new(machine),
            cache,
            observer,
            managed,
            python: Mutex::default(),
            linked: Mutex::default(),
            compiling: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl fmt::Debug for WasmSandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmSandbox").finish_non_exhaustive()
    }
}

impl Sandbox for WasmSandbox {
    fn load(&self, code: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let loaded = tokio::task::spawn_blocking(move || shared.load(&code)).await;
            // A task that was not aborted can only fail by a panic, which is passed on.
            loaded.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
        })
    }
}

impl Shared {
    fn load(&self, code: &Code) -> Result<Arc<dyn Program>, LoadError> {
        let machine = Arc::clone(&self.machine);
        match code.runtime {
            Runtime::ProvidedAl2023 => {
                let wasm = Wasm::find(&code.package)?;
                let entry = self.entry(&wasm, &Key::new(machine.engine(), wasm.content()))?;
                Ok(Arc::new(WasmProgram::new(machine, entry, None)))
            }
            Runtime::Python(version) => {
                let python = self.python(version)?;
                // On a thread that may block; what is waited for is a guest.
                let trees = Handle::current().block_on(python.trees(&machine, self.cache.as_ref(), code))?;
                let remark = Mutex::new(managed::remark(version));
                let entry = Arc::clone(&python.entry);
                Ok(Arc::new(WasmProgram::new(
                    machine,
                    entry,
                    Some(Managed { _python: python, trees, remark }),
                )))
            }
        }
    }

    fn python(&self, version: PythonVersion) -> Result<Arc<Python>, LoadError> {
        let installation = self.managed.python(version)?;
        // Locked while it is opened, so that functions that are deployed at once share it.
        let mut known = self.python.lock();
        if let Some(python) = known.upgrade() {
            return Ok(python);
        }
        let name = Runtime::Python(PythonVersion::AVAILABLE).to_string();
        let wasm = Wasm::managed(name, installation.component()?.into());
        let key = Key::new(self.machine.engine(), wasm.content());
        let python = Arc::new(installation.open(self.entry(&wasm, &key)?, key)?);
        *known = Arc::downgrade(&python);
        Ok(python)
    }

    fn entry(&self, wasm: &Wasm, key: &Key) -> Result<Arc<Entry>, LoadError> {
        if let Some(entry) = self.linked.lock().get(key).and_then(Weak::upgrade) {
            return Ok(entry);
        }
        let component = match self.cached(key) {
            Some(component) => component,
            None => self.compile(wasm, key)?,
        };
        let entry = Arc::new(Entry::link(&self.machine, wasm, &component)?);
        let mut linked = self.linked.lock();
        linked.retain(|_, entry| entry.strong_count() > 0);
        linked.insert(key.clone(), Arc::downgrade(&entry));
        Ok(entry)
    }

    fn cached(&self, key: &Key) -> Option<Component> {
        self.cache.as_ref()?.component(self.machine.engine(), key)
    }

    fn compile(&self, wasm: &Wasm, key: &Key) -> Result<Component, LoadError> {
        let _alone = self.compiling.lock();
        if let Some(component) = self.cached(key) {
            return Ok(component);
        }
        let engine = self.machine.engine();
        let component = wasm.component()?;
        (self.observer)(Notice::Compiling { file: wasm.file(), bytes: component.len() });
        let compiled = engine.precompile_component(&component);
        (self.observer)(Notice::Compiled { file: wasm.file() });
        let compiled = compiled.map_err(|error| wasm.invalid(format!("{error:#}")))?;
        self.keep(key, &compiled);
        // The file is a mapping that the kernel can drop and read again; the bytes would stay in memory.
        if let Some(component) = self.cached(key) {
            return Ok(component);
        }
        artifact::load(engine, &compiled).map_err(|error| LoadError::Internal {
            file: wasm.file().to_owned(),
            reason: format!("{error:#}"),
        })
    }

    fn keep(&self, key: &Key, artifact: &[u8]) {
        let Some(cache) = &self.cache else { return };
        if let Err(error) = cache.put_component(key, artifact) {
            (self.observer)(Notice::CacheUnusable { folder: cache.folder(), error: &error });
        }
    }
}
