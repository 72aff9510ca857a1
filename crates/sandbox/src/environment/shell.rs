//! What of an environment outlives its guest: files, log, clock, limits. A guest moves in and out.

use std::sync::Arc;

use hearth_engine::{
    log::Source,
    port::{FunctionSettings, ProvisionSettings},
};
use hearth_model::outcome::Failure;
use wasmtime::Store;

use super::failure;
use crate::{
    fs::{FileSystem, ManagedTrees, ReadOnlyTree},
    host::{Fittings, Input, Output, State, Variables},
    machine::{Admission, Machine, Size},
    memory::MemoryLimiter,
};

/// Code and layers of one function version as file trees, shared by its environments.
pub(crate) struct Trees {
    function: Arc<FunctionSettings>,
    code: Arc<ReadOnlyTree>,
    layers: Arc<ReadOnlyTree>,
    managed: Option<ManagedTrees>,
}

impl Trees {
    /// `managed` is what a managed runtime brings.
    pub(crate) fn new(function: &Arc<FunctionSettings>, managed: Option<ManagedTrees>) -> Self {
        Self {
            managed,
            function: Arc::clone(function),
            code: ReadOnlyTree::from_packages(std::slice::from_ref(&function.code)),
            layers: ReadOnlyTree::from_packages(&function.layers),
        }
    }

    pub(crate) fn belong_to(&self, function: &Arc<FunctionSettings>) -> bool {
        Arc::ptr_eq(&self.function, function)
    }
}

/// An environment without its guest.
///
/// The files are with the guest's store while there is one, and here otherwise, so that they outlive every reset.
pub(crate) struct Shell {
    machine: Arc<Machine>,
    settings: ProvisionSettings,
    variables: Arc<Variables>,
    tenant: Tenant,
    peak_memory_bytes: u64,
    _admission: Admission,
}

enum Tenant {
    Nobody(FileSystem),
    Guest(Store<State>),
    /// Only while one of the others becomes the other.
    Moving,
}

impl Shell {
    pub(crate) fn new(
        machine: Arc<Machine>,
        settings: ProvisionSettings,
        trees: &Trees,
    ) -> Result<Self, Failure> {
        let size = if trees.managed.is_some() { Size::Managed } else { Size::Own };
        let admission = machine.admit(size)?;
        let files = FileSystem::new(
            Arc::clone(&trees.code),
            Arc::clone(&trees.layers),
            trees.managed.clone(),
            settings.function.ephemeral_storage.bytes(),
            settings.clock.clone(),
        );
        let variables = Arc::new(Variables {
            shared: Arc::clone(&settings.function),
            own: vec![("AWS_LAMBDA_LOG_STREAM_NAME", settings.log.stream_name().to_owned())],
        });
        let tenant = Tenant::Nobody(files);
        Ok(Self { machine, settings, variables, tenant, peak_memory_bytes: 0, _admission: admission })
    }

    /// What is passed to the handler's init.
    pub(super) fn handler(&self) -> &str {
        &self.settings.function.handler
    }

    /// An output that goes to the environment's log.
    pub(super) fn log(&self, source: Source) -> Output {
        Output::Log(Arc::clone(&self.settings.log), source)
    }

    /// Makes a store for a new guest. A guest that is still there is thrown out.
    pub(super) fn move_in(&mut self, stdin: Input, stdout: Output) {
        let files = self.evict();
        let state = State::new(Fittings {
            files,
            memory: MemoryLimiter::new(self.settings.function.memory),
            clock: self.settings.clock.clone(),
            variables: Arc::clone(&self.variables),
            stdin,
            stdout,
            stderr: self.log(Source::Stderr),
            network: self.settings.function.network.clone(),
        });
        let mut store = Store::new(self.machine.engine(), state);
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        self.tenant = Tenant::Guest(store);
    }

    /// Sets `_X_AMZN_TRACE_ID` for the guest that moves in next: whoever serves one invocation only can learn of its trace from
    /// a variable, as on Lambda.
    pub(super) fn set_trace_header(&mut self, header: Option<&str>) {
        const NAME: &str = "_X_AMZN_TRACE_ID";
        let own = &mut Arc::make_mut(&mut self.variables).own;
        own.retain(|(name, _)| *name != NAME);
        own.extend(header.map(|header| (NAME, header.to_owned())));
    }

    /// Throws the guest out, if there is one, and keeps its files.
    pub(super) fn move_out(&mut self) {
        let files = self.evict();
        self.tenant = Tenant::Nobody(files);
    }

    fn evict(&mut self) -> FileSystem {
        match std::mem::replace(&mut self.tenant, Tenant::Moving) {
            Tenant::Nobody(files) => files,
            Tenant::Guest(store) => {
                self.peak_memory_bytes = self.peak_memory_bytes.max(store.data().memory.bytes());
                store.into_data().files
            }
            Tenant::Moving => unreachable!("moves are not interrupted"),
        }
    }

    /// The guest's store, and the machine that it runs on.
    ///
    /// # Panics
    /// If nobody has moved in.
    pub(super) fn guest(&mut self) -> (&Machine, &mut Store<State>) {
        match &mut self.tenant {
            Tenant::Guest(store) => (&self.machine, store),
            Tenant::Nobody(_) | Tenant::Moving => panic!("the engine calls init before it invokes"),
        }
    }

    /// What it means that a call into the guest ended with this error.
    pub(super) fn failure(&self, error: &wasmtime::Error) -> Failure {
        let exceeded = match &self.tenant {
            Tenant::Guest(store) => store.data().memory.exceeded(),
            Tenant::Nobody(_) | Tenant::Moving => false,
        };
        if exceeded {
            return Failure::OutOfMemory { limit_mib: self.settings.function.memory.get() };
        }
        failure::of(error)
    }

    pub(super) fn peak_memory_bytes(&self) -> u64 {
        match &self.tenant {
            Tenant::Guest(store) => self.peak_memory_bytes.max(store.data().memory.bytes()),
            Tenant::Nobody(_) | Tenant::Moving => self.peak_memory_bytes,
        }
    }
}
