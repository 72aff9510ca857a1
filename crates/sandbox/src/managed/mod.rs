//! Managed runtimes: one component runs the code of any number of functions.
//!
//! Such a component exports the contract of handlers, as any function does, and finds the handler's code in `/var/task` when it is
//! initialised. Beside it lie its libraries, as files that guests see at `/`. Its other export compiles sources, which happens
//! once, when a function is deployed.

mod archive;
mod bytecode;
mod native;

use std::{fs, path::PathBuf, sync::Arc};

use hearth_engine::{
    package::{Package, PackageFile, PackagePath},
    port::{Code, LoadError},
};
use hearth_model::function::{PythonVersion, Runtime};

use crate::{
    cache::{Cache, Key},
    fs::{ManagedTrees, ReadOnlyTree},
    machine::Machine,
    program::Entry,
};

/// The files that make a managed runtime, in a folder of its name.
const COMPONENT: &str = "runtime.wasm";
const LIBRARY: &str = "library.zip";

/// Managed runtimes, as a sandbox is to use them.
#[derive(Clone, Debug, Default)]
pub struct ManagedRuntimes {
    /// The folder in which each installed runtime has a folder of its name; `None` if there can't be any.
    pub folder: Option<PathBuf>,
    /// Whether functions are refused that name another version of a language than the one that would run them.
    pub strict: bool,
}

/// The Python runtime as it lies on the disk.
pub(crate) struct Installation {
    folder: PathBuf,
}

/// The Python runtime, ready to run functions.
pub(crate) struct Python {
    pub(crate) entry: Arc<Entry>,
    /// What its component is known by.
    key: Key,
    library: Arc<ReadOnlyTree>,
}

impl ManagedRuntimes {
    /// The installation that runs functions of this version.
    pub(crate) fn python(&self, version: PythonVersion) -> Result<Installation, LoadError> {
        if self.strict && version != PythonVersion::AVAILABLE {
            return Err(LoadError::OtherRuntimeVersion { runtime: Runtime::Python(version) });
        }
        let available = Runtime::Python(PythonVersion::AVAILABLE).to_string();
        let folder = self.folder.as_ref().ok_or(LoadError::RuntimeNotInstalled)?.join(available);
        if folder.join(COMPONENT).is_file() {
            Ok(Installation { folder })
        } else {
            Err(LoadError::RuntimeNotInstalled)
        }
    }
}

impl Installation {
    /// The component.
    pub(crate) fn component(&self) -> Result<Vec<u8>, LoadError> {
        self.read(COMPONENT)
    }

    /// The runtime, of which the component is already linked.
    pub(crate) fn open(&self, entry: Arc<Entry>, key: Key) -> Result<Python, LoadError> {
        let library = archive::unpack(&self.read(LIBRARY)?.into());
        let library = library.map_err(|error| self.damaged(&format!("{LIBRARY}: {error}")))?;
        Ok(Python { entry, key, library: ReadOnlyTree::from_packages(&[Arc::new(library)]) })
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, LoadError> {
        fs::read(self.folder.join(name)).map_err(|error| self.damaged(&format!("{name}: {error}")))
    }

    fn damaged(&self, reason: &str) -> LoadError {
        LoadError::RuntimeDamaged { folder: self.folder.clone(), reason: reason.to_owned() }
    }
}

impl Python {
    /// What a function's environments see beside its code: the runtime's libraries, and the code compiled.
    ///
    /// # Errors
    /// If the code has what cannot run here.
    pub(crate) async fn trees(
        &self,
        machine: &Arc<Machine>,
        cache: Option<&Cache>,
        code: &Code,
    ) -> Result<ManagedTrees, LoadError> {
        native::refuse(code)?;
        let bytecode = bytecode::compile(machine, self, cache, code).await;
        let bytecode = Package::new(bytecode)
            .map_err(|error| LoadError::Internal { file: error.path.clone(), reason: error.to_string() })?;
        let bytecode = ReadOnlyTree::from_packages(&[Arc::new(bytecode)]);
        Ok(ManagedTrees { library: Arc::clone(&self.library), bytecode })
    }
}

/// What people should know who read the log of a function of this version.
pub(crate) fn remark(version: PythonVersion) -> Option<String> {
    let available = PythonVersion::AVAILABLE;
    (version != available).then(|| {
        format!("HEARTH: this function's runtime is python{version}; it runs on Python {available}\n")
    })
}

/// The files of a function's code and layers that end in this, with their paths in a guest. What a later layer hides is left out.
fn files_ending<'a>(
    code: &'a Code,
    ending: &'a str,
) -> impl Iterator<Item = (String, &'a PackageFile)> + use<'a> {
    let ends = move |(path, _): &(&PackagePath, _)| path.as_str().ends_with(ending);
    let task = code.package.files().filter(ends).map(|(path, file)| (format!("/var/task/{path}"), file));
    let layers = code.layers.iter().enumerate().flat_map(move |(number, layer)| {
        let hidden = move |path: &PackagePath| {
            code.layers[number + 1..].iter().any(|later| later.file(path).is_some())
        };
        let is_python = |path: &PackagePath| path.as_str().starts_with("python/");
        let files = layer.files().filter(ends);
        let seen = files.filter(move |(path, _)| is_python(path) && !hidden(path));
        seen.map(|(path, file)| (format!("/opt/{path}"), file))
    });
    task.chain(layers)
}
