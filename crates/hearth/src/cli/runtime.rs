//! `hearth runtime`.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand, ValueEnum};
use hearth_engine::{
    clock::Clock,
    package::Package,
    port::{Code, Sandbox},
};
use hearth_model::function::{PythonVersion, Runtime as FunctionRuntime};
use hearth_sandbox::{ManagedRuntimes, SandboxOptions, WasmSandbox};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{
    cache,
    exit::Exit,
    runtime::{self, Build, Installed, PYTHON, RuntimeError, State},
    terminal,
};

/// Install what runs functions in other languages: `python3.14`.
///
/// The runtime is built on this machine, with its Python and packages from PyPI, and kept in the folder for compiled code.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth runtime install python3.14              once, about a minute
  hearth runtime export python3.14.hearth        for a machine without a network,
  hearth runtime import python3.14.hearth        and there")]
pub(super) struct Runtime {
    #[command(subcommand)]
    action: Action,
    /// The folder for compiled code [default: HEARTH_CACHE_DIR, or the system's folder for caches]
    #[arg(long, value_name = "FOLDER", global = true)]
    cache_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Build a runtime, unless the very same is there
    Install {
        /// The runtime: `python3.14`, which also runs functions of `python3.9` to `python3.13`
        runtime: Name,
        /// Build it anew
        #[arg(long)]
        force: bool,
        /// The Python that builds it, 3.10 or newer [default: python3]
        #[arg(long, value_name = "PROGRAM")]
        python: Option<OsString>,
    },
    /// Show what is installed
    List,
    /// Remove a runtime
    Remove {
        /// The runtime
        runtime: Name,
    },
    /// Install a runtime that was exported
    Import {
        /// What `export` wrote
        file: PathBuf,
    },
    /// Write the installed runtime to a file
    Export {
        /// The file to write
        file: PathBuf,
    },
}

/// The runtimes that there are.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    #[value(name = PYTHON)]
    Python,
}

impl Runtime {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let Some(cache_folder) = self.cache_dir.or_else(crate::default_cache_folder) else {
            let reason = format!(
                "there is no folder to keep runtimes in: name one with `--cache-dir` or {}",
                cache::VARIABLE
            );
            return Err(CommandError::Usage(reason));
        };
        let runtimes = runtime::folder(&cache_folder);
        match self.action {
            Action::Install { runtime: Name::Python, force, python } => {
                let current = runtime::open(&runtimes)?.filter(|found| found.state() == State::Current);
                if current.is_some() && !force {
                    terminal::note(format_args!("{PYTHON} is there already; `--force` builds it anew"));
                } else {
                    let mut step = |text: &str| terminal::note(format_args!("{PYTHON}: {text} …"));
                    let python = runtime::find_python(python);
                    Build { python, runtimes: &runtimes, step: &mut step }.run()?;
                }
                compile(cache_folder)
            }
            Action::Import { file } => {
                runtime::import(&file, &runtimes)?;
                compile(cache_folder)
            }
            Action::Export { file } => {
                let installed = runtime::open(&runtimes)?.ok_or(RuntimeError::NotInstalled)?;
                runtime::export(&installed, &file)?;
                Ok(Exit::Success)
            }
            Action::Remove { runtime: Name::Python } => {
                if runtime::remove(&runtimes)? {
                    Ok(Exit::Success)
                } else {
                    Err(RuntimeError::NotInstalled.into())
                }
            }
            Action::List => {
                let line = runtime::open(&runtimes)?.map_or_else(nothing, |installed| describe(&installed));
                print(format_args!("{line}\n"))?;
                Ok(Exit::Success)
            }
        }
    }
}

/// Compiles the installed runtime, so that the first `up` need not.
fn compile(cache_folder: PathBuf) -> Result<Exit, CommandError> {
    let managed = ManagedRuntimes { folder: Some(runtime::folder(&cache_folder)), strict: false };
    let options = SandboxOptions {
        cache_folder: Some(cache_folder),
        managed,
        max_environments: 1,
        ..SandboxOptions::default()
    };
    let clock = Clock::real();
    let began = clock.now();
    terminal::note(format_args!("{PYTHON}: compiling …"));
    let loaded = block_on(&mut Builder::new_multi_thread(), async {
        let sandbox = WasmSandbox::new(options).map_err(|error| CommandError::Start(error.into()))?;
        let package = Package::new(BTreeMap::new()).expect("nothing contradicts nothing");
        let code = Code {
            runtime: FunctionRuntime::Python(PythonVersion::AVAILABLE),
            package: Arc::new(package),
            layers: Vec::new(),
        };
        sandbox.load(code).await.map(drop).map_err(CommandError::Load)
    });
    loaded?;
    let took = clock.now() - began;
    terminal::note(format_args!("{PYTHON} is ready ({:.1} s to compile)", took.as_secs_f64()));
    Ok(Exit::Success)
}

fn describe(installed: &Installed) -> String {
    let mib = installed.bytes.div_ceil(1 << 20);
    let remark = match installed.state() {
        State::Current => "",
        State::Other => {
            "  built by another version of Hearth: `hearth runtime install python3.14` brings it up to date"
        }
    };
    format!("{PYTHON}  {mib} MiB  {}{remark}", installed.folder.display())
}

fn nothing() -> String {
    format!("no runtime is installed: run `hearth runtime install {PYTHON}`")
}
