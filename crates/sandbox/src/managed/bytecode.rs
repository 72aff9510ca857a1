//! Compiles a function's sources with the runtime's own compiler, once, so that no cold start has to parse them, and keeps what comes
//! of it for the next start of Hearth.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    package::{Package, PackageFile, PackagePath},
    port::{Code, FunctionSettings, NetworkPolicy},
};
use hearth_model::function::{EphemeralStorage, MemorySize};
use wasmtime::{Store, component::TypedFunc, format_err};

use super::{Python, archive};
use crate::{
    bindings::FunctionPre,
    cache::Cache,
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

/// Sources with their paths in a guest.
type Sources<'a> = Vec<(String, &'a PackageFile)>;

/// The bytecode of all sources, as files below `/var/bytecode`. What cannot be compiled is left out: whoever imports it finds out why.
///
/// What the cache has is not compiled again. Each Python package is kept by itself, so that those that functions share, and those
/// that stay as they are when a function changes, are compiled once.
pub(super) async fn compile(
    machine: &Arc<Machine>,
    python: &Python,
    cache: Option<&Cache>,
    code: &Code,
) -> BTreeMap<PackagePath, PackageFile> {
    let mut files = BTreeMap::new();
    let mut compiler = None;
    for sources in packages(code).into_values() {
        let key =
            python.key.of_sources(sources.iter().map(|(path, file)| (path.as_str(), &file.content[..])));
        if let Some(kept) = cache.and_then(|cache| archive::unpack(&cache.bytecode(&key)?.into()).ok()) {
            files.extend(kept.files().map(|(path, file)| (path.clone(), file.clone())));
            continue;
        }
        // Without room for another instance, environments compile for themselves.
        let Some(made) = compile_package(machine, python, &mut compiler, &sources).await else { continue };
        if let (Some(cache), Ok(archive)) = (cache, archive::pack(&made)) {
            // What cannot be kept is compiled again next time.
            let _ = cache.put_bytecode(&key, &archive);
        }
        files.extend(made);
    }
    files
}

/// The sources of each Python package, by the folder that it is. Modules without a package belong together.
fn packages(code: &Code) -> BTreeMap<String, Sources<'_>> {
    let mut packages = BTreeMap::<_, Sources<'_>>::new();
    for (path, file) in super::files_ending(code, ".py") {
        // `/var/task/NAME/` and `/opt/python/NAME/`.
        let folder: String = path.split_inclusive('/').take(4).filter(|part| part.ends_with('/')).collect();
        packages.entry(folder).or_default().push((path, file));
    }
    packages
}

/// The bytecode of a package; `None` if there is no room for the compiler, which is started if it does not run.
async fn compile_package(
    machine: &Arc<Machine>,
    python: &Python,
    compiler: &mut Option<Compiler>,
    sources: &Sources<'_>,
) -> Option<BTreeMap<PackagePath, PackageFile>> {
    let mut files = BTreeMap::new();
    for (path, source) in sources {
        let Some(stem) = path.strip_suffix(".py") else { continue };
        let Ok(target) = PackagePath::parse(&format!("{}{ENDING}", stem.trim_start_matches('/'))) else {
            continue;
        };
        let mut running = match compiler.take() {
            Some(running) => running,
            None => Compiler::start(machine, python.entry.handler()).await.ok()?,
        };
        // One that a source has brought down is not used again.
        if let Ok(compiled) = running.compile(machine, path.clone(), &source.content).await {
            *compiler = Some(running);
            files.extend(compiled.map(|content| (target, PackageFile { content })));
        }
    }
    Some(files)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_apart_by_their_folders() {
        let package = |paths: &[&str]| {
            let file = |path: &&str| {
                (PackagePath::parse(path).expect("a path"), PackageFile { content: Bytes::new() })
            };
            Arc::new(Package::new(paths.iter().map(file).collect()).expect("a package"))
        };
        let code = Code {
            layers: vec![package(&["python/shared/a.py", "python/shared/deep/b.py", "python/one.py"])],
            ..Code::from(package(&["app.py", "other.py", "shop/__init__.py", "shop/a/b.py", "data.txt"]))
        };
        let packages = packages(&code);
        let found: Vec<(&str, usize)> =
            packages.iter().map(|(folder, files)| (&**folder, files.len())).collect();
        let expected =
            [("/opt/python/", 1), ("/opt/python/shared/", 2), ("/var/task/", 2), ("/var/task/shop/", 2)];
        assert_eq!(found, expected);
    }
}
