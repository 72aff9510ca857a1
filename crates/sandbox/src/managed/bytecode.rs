//! Compiles a function's sources with the runtime's own compiler, once, so that no cold start has to parse them.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    package::{Package, PackageFile, PackagePath},
    port::{Code, FunctionSettings, NetworkPolicy},
};
use hearth_model::function::{EphemeralStorage, MemorySize};
use wasmtime::{Store, component::TypedFunc, format_err};

use crate::{
    bindings::FunctionPre,
    fs::{FileSystem, ReadOnlyTree},
    host::{Capture, Fittings, Input, Output, State, Variables},
    machine::{Admission, Machine, Size},
    memory::MemoryLimiter,
};

/// How environments call bytecode, which they look for in `/var/bytecode` (`runtimes/python/src/_hearth/environment.py`).
const ENDING: &str = ".cpython-314.pyc";

/// The interpreter takes some 70 MiB, and a large source another 100.
const MEMORY_MIB: u32 = 2_048;

type Compile = TypedFunc<(String, Vec<u8>), (Option<Vec<u8>>,)>;

/// The bytecode of all sources, as files below `/var/bytecode`. What cannot be compiled is left out: whoever imports it finds out why.
pub(super) async fn compile(
    machine: &Arc<Machine>,
    runtime: &FunctionPre<State>,
    code: &Code,
) -> BTreeMap<PackagePath, PackageFile> {
    let mut files = BTreeMap::new();
    let mut compiler = None;
    for (path, source) in super::files_ending(code, ".py") {
        let Some(target) =
            path.strip_suffix(".py").map(|stem| format!("{}{ENDING}", stem.trim_start_matches('/')))
        else {
            continue;
        };
        let Ok(target) = PackagePath::parse(&target) else { continue };
        let running = match compiler.take() {
            Some(running) => Ok(running),
            None => Compiler::start(machine, runtime).await,
        };
        // Without room for another instance, environments compile for themselves.
        let Ok(mut running) = running else { break };
        // One that a source has brought down is not used again.
        if let Ok(compiled) = running.compile(machine, path, &source.content).await {
            compiler = Some(running);
            files.extend(compiled.map(|content| (target, PackageFile { content })));
        }
    }
    files
}

/// An instance of the runtime that has no function.
struct Compiler {
    store: Store<State>,
    compile: Compile,
    _admission: Admission,
}

impl Compiler {
    async fn start(machine: &Arc<Machine>, runtime: &FunctionPre<State>) -> wasmtime::Result<Self> {
        let admission = machine.admit(Size::Managed).map_err(|_| format_err!("there is no room"))?;
        let mut store = Store::new(machine.engine(), state());
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let _running = machine.run();
        let instance = runtime.instance_pre().instantiate_async(&mut store).await?;
        let interface = instance.get_export_index(&mut store, None, "hearth:runtime/compiler@0.1.0");
        let function = instance.get_export_index(&mut store, interface.as_ref(), "compile");
        let function = function.ok_or_else(|| format_err!("the runtime has no compiler"))?;
        let compile = instance.get_typed_func(&mut store, function)?;
        Ok(Self { store, compile, _admission: admission })
    }

    async fn compile(
        &mut self,
        machine: &Arc<Machine>,
        path: String,
        source: &Bytes,
    ) -> wasmtime::Result<Option<Bytes>> {
        let _running = machine.run();
        let (compiled,) = self.compile.call_async(&mut self.store, (path, source.to_vec())).await?;
        Ok(compiled.map(Bytes::from))
    }
}

/// A world without files, variables, output and network.
fn state() -> State {
    let nothing = ReadOnlyTree::from_packages(&[]);
    let memory = MemorySize::try_from(MEMORY_MIB).expect("within Lambda's limits");
    let clock = Clock::real();
    let settings = FunctionSettings {
        handler: String::new(),
        memory,
        ephemeral_storage: EphemeralStorage::default(),
        variables: Vec::new(),
        code: Arc::new(Package::default()),
        layers: Vec::new(),
        network: NetworkPolicy::default(),
    };
    let silence = || Output::Capture(Capture::new(0));
    State::new(Fittings {
        files: FileSystem::new(Arc::clone(&nothing), nothing, None, 0, clock.clone()),
        memory: MemoryLimiter::new(memory),
        clock,
        variables: Arc::new(Variables { shared: Arc::new(settings), own: Vec::new() }),
        stdin: Input::default(),
        stdout: silence(),
        stderr: silence(),
        network: NetworkPolicy::default(),
    })
}
