//! Managed runtimes on the user's disk: built from the sources in this binary, listed, removed, and carried to other machines.
//!
//! An installed runtime is a folder below the one for what can be made again: the component, its libraries, and a record of both. A
//! runtime appears by rename when it is whole.

mod archive;
mod build;
mod installed;
mod sources;

pub use self::installed::folder;
pub(crate) use self::{
    archive::{export, import},
    build::{Build, find_python},
    installed::{Installed, State, open, remove},
};

use std::{io, path::PathBuf};

use thiserror::Error;

/// The one managed runtime that there is.
pub(crate) const PYTHON: &str = "python3.14";

/// The files of an installed runtime.
const COMPONENT: &str = "runtime.wasm";
const LIBRARY: &str = "library.zip";
const RECORD: &str = "runtime.json";

/// Why something could not be done with a runtime.
#[derive(Debug, Error)]
pub(crate) enum RuntimeError {
    /// No program runs the build.
    #[error(
        "cannot run `{python}`, and building the runtime needs Python 3.10 or newer: install Python, name one with \
         `--python`, or take a runtime that was exported elsewhere (`hearth runtime import FILE`)"
    )]
    NoPython {
        /// What was tried.
        python: String,
        #[source]
        source: io::Error,
    },
    /// The build says why.
    #[error(
        "the build failed: {words}\nIt fetches packages with pip: they must be within reach, from PyPI or from the index that \
         pip is configured for. Where there is no network, take a runtime that was exported elsewhere (`hearth runtime \
         import FILE`)"
    )]
    Build {
        /// The last of what it wrote.
        words: String,
    },
    /// There is nothing of this name.
    #[error("the runtime `{PYTHON}` is not installed: run `hearth runtime install {PYTHON}`")]
    NotInstalled,
    /// A file that no export wrote, or that is damaged.
    #[error("`{}` is not a runtime that Hearth exported: {reason}", path.display())]
    NotARuntime {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system does not let us.
    #[error("cannot {doing} `{}`", path.display())]
    Files {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl RuntimeError {
    fn files(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Files { doing, path, source }
    }
}
