//! Loaded code: a component, linked, with the entry point that its exports offer.

use std::sync::Arc;

use hearth_engine::{
    log::Source,
    port::{Contract, Environment, LoadError, Program, ProvisionSettings},
};
use hearth_model::outcome::Failure;
use parking_lot::Mutex;
use wasmtime::{
    bail,
    component::{Component, InstancePre, Resource, types::ComponentItem},
    error::Context,
    format_err,
};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi_http::p2::{
    bindings::ProxyPre,
    types::{HostIncomingRequest, HostResponseOutparam},
};

use crate::{
    bindings::{FunctionPre, handler},
    environment::{CommandEnvironment, HandlerEnvironment, HttpEnvironment, Shell, Trees},
    fs::ManagedTrees,
    host::State,
    machine::Machine,
    managed::Python,
    wasm::{Wasm, list},
};

/// Exports by which a component tells its contract, in the order of preference.
const HANDLER: &str = "hearth:lambda/handler";
const HTTP: &str = "wasi:http/incoming-handler";
const COMMAND: &str = "wasi:cli/run";

/// A package's code with the file trees of the function version that it belongs to.
pub(crate) struct WasmProgram {
    machine: Arc<Machine>,
    entry: Arc<Entry>,
    managed: Option<Managed>,
    /// Those of the version that was provisioned last: all its environments share them.
    trees: Mutex<Option<Arc<Trees>>>,
}

/// What a program has that a managed runtime runs.
pub(crate) struct Managed {
    /// Kept as long as a function runs on it, so that the next one finds it.
    pub(crate) _python: Arc<Python>,
    /// Its files with what was made of the code.
    pub(crate) trees: ManagedTrees,
    /// What the log is to say, once.
    pub(crate) remark: Mutex<Option<String>>,
}

/// Linked code, ready to be instantiated, with the export that decided its contract.
pub(crate) enum Entry {
    Handler(FunctionPre<State>),
    Command(CommandPre<State>),
    Http(ProxyPre<State>),
}

impl WasmProgram {
    pub(crate) fn new(machine: Arc<Machine>, entry: Arc<Entry>, managed: Option<Managed>) -> Self {
        Self { machine, entry, managed, trees: Mutex::new(None) }
    }

    fn shell(&self, settings: ProvisionSettings) -> Result<Shell, Failure> {
        let managed = self.managed.as_ref().map(|managed| managed.trees.clone());
        if let Some(remark) = self.managed.as_ref().and_then(|managed| managed.remark.lock().take()) {
            settings.log.write(Source::Stderr, remark.as_bytes());
        }
        let trees = {
            let mut last = self.trees.lock();
            match &*last {
                Some(trees) if trees.belong_to(&settings.function) => Arc::clone(trees),
                _ => Arc::clone(last.insert(Arc::new(Trees::new(&settings.function, managed)))),
            }
        };
        Shell::new(Arc::clone(&self.machine), settings, &trees)
    }
}

impl Entry {
    /// Links a compiled component.
    pub(crate) fn link(machine: &Machine, wasm: &Wasm, component: &Component) -> Result<Self, LoadError> {
        let export = contract_export(machine, wasm, component)?;
        let instance = machine
            .linker()
            .instantiate_pre(component)
            .map_err(|error| import_error(machine, wasm, component, &error))?;
        let wrong_type = |error: wasmtime::Error| LoadError::WrongType {
            file: wasm.file().to_owned(),
            export: export.clone(),
            reason: format!("{error:#}"),
        };
        check_type(machine, &instance, &export).map_err(wrong_type)?;
        Self::typed(instance, &export).map_err(wrong_type)
    }

    /// The entry of a component that was found to be a handler.
    ///
    /// # Panics
    /// If it is something else.
    pub(crate) fn handler(&self) -> &FunctionPre<State> {
        match self {
            Self::Handler(entry) => entry,
            Self::Command(_) | Self::Http(_) => panic!("managed runtimes are handlers"),
        }
    }

    fn typed(instance: InstancePre<State>, export: &str) -> wasmtime::Result<Self> {
        Ok(if export.starts_with(HANDLER) {
            Self::Handler(FunctionPre::new(instance)?)
        } else if export.starts_with(HTTP) {
            Self::Http(ProxyPre::new(instance)?)
        } else {
            Self::Command(CommandPre::new(instance)?)
        })
    }
}

impl Program for WasmProgram {
    fn contract(&self) -> Contract {
        match *self.entry {
            Entry::Handler(_) => Contract::Handler,
            Entry::Command(_) => Contract::Command,
            Entry::Http(_) => Contract::Http,
        }
    }

    fn provision(&self, settings: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        let shell = self.shell(settings)?;
        Ok(match &*self.entry {
            Entry::Handler(entry) => Box::new(HandlerEnvironment::new(shell, entry.clone())),
            Entry::Command(entry) => Box::new(CommandEnvironment::new(shell, entry.clone())),
            Entry::Http(entry) => Box::new(HttpEnvironment::new(shell, entry.clone())),
        })
    }
}

/// The export that decides the contract.
fn contract_export(machine: &Machine, wasm: &Wasm, component: &Component) -> Result<String, LoadError> {
    let exports: Vec<String> =
        component.component_type().exports(machine.engine()).map(|(name, _)| name.to_owned()).collect();
    let found = [HANDLER, HTTP, COMMAND]
        .iter()
        .find_map(|wanted| exports.iter().find(|name| name.split('@').next() == Some(*wanted)).cloned());
    found.ok_or_else(|| LoadError::NoEntryPoint { file: wasm.file().to_owned(), exports: list(&exports) })
}

/// Whether the functions of the contract have the types that they are called with.
///
/// Linking looks only at their names; without this check a wrong type would show at the first invocation.
fn check_type(machine: &Machine, linked: &InstancePre<State>, export: &str) -> wasmtime::Result<()> {
    let kind = linked.component().component_type();
    let Some(ComponentItem::ComponentInstance(instance)) =
        kind.get_export(machine.engine(), export).map(|item| item.ty)
    else {
        bail!("it is not an interface");
    };
    // Which of the host's resources the imported ones are is known since the linking.
    let cx = linked.instance_type();
    let function = |name: &str| match instance.get_export(machine.engine(), name).map(|item| item.ty) {
        Some(ComponentItem::ComponentFunc(function)) => Ok(function),
        _ => Err(format_err!("it has no function `{name}`")),
    };
    if export.starts_with(HANDLER) {
        type Outcome<T> = (Result<T, handler::FunctionError>,);
        function("init")?.typecheck::<(&str,), Outcome<()>>(&cx).context("`init`")?;
        function("handle")?.typecheck::<(&[u8], &handler::Context), Outcome<Vec<u8>>>(&cx).context("`handle`")
    } else if export.starts_with(HTTP) {
        type Parameters = (Resource<HostIncomingRequest>, Resource<HostResponseOutparam>);
        function("handle")?.typecheck::<Parameters, ()>(&cx).context("`handle`")
    } else {
        function("run")?.typecheck::<(), (Result<(), ()>,)>(&cx).context("`run`")
    }
}

/// Names the import for which linking failed.
fn import_error(machine: &Machine, wasm: &Wasm, component: &Component, error: &wasmtime::Error) -> LoadError {
    let words = format!("{error:#}");
    let kind = component.component_type();
    // wasmtime tells the import only in words; the longest name among those words is the most specific one.
    let import = kind
        .imports(machine.engine())
        .map(|(name, _)| name.to_owned())
        .filter(|name| words.contains(&format!("`{name}`")))
        .max_by_key(String::len);
    match import {
        Some(import) => {
            let function = missing_function(machine, component, &import, &words);
            let import = function.map_or(import.clone(), |function| format!("{import}#{function}"));
            LoadError::UnknownImport { file: wasm.file().to_owned(), import, reason: words }
        }
        None => LoadError::Internal { file: wasm.file().to_owned(), reason: words },
    }
}

/// The function of an imported instance that the words of an error name, if they name one.
fn missing_function(machine: &Machine, component: &Component, import: &str, words: &str) -> Option<String> {
    let kind = component.component_type();
    let item = kind.get_import(machine.engine(), import)?;
    let ComponentItem::ComponentInstance(instance) = item.ty else { return None };
    instance
        .exports(machine.engine())
        .map(|(name, _)| name.to_owned())
        .find(|name| words.contains(&format!("`{name}`")))
}
