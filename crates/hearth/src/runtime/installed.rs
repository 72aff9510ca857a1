//! What is installed, and how it comes and goes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{COMPONENT, LIBRARY, PYTHON, RECORD, RuntimeError, sources};

/// What is known of a runtime; lies beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its name.
    pub(super) runtime: String,
    /// A hash of what it was built from.
    pub(super) inputs: String,
    /// Hashes of its files.
    pub(super) component_sha256: String,
    pub(super) library_sha256: String,
}

/// A runtime on the disk.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) folder: PathBuf,
    pub(super) record: Record,
    /// What it takes, without what is compiled of it.
    pub(crate) bytes: u64,
}

/// How an installed runtime compares with the sources in this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Built from these.
    Current,
    /// Built from those of another version of Hearth.
    Other,
}

/// Where runtimes lie, in the folder for what can be made again.
#[must_use]
pub fn folder(cache_folder: &Path) -> PathBuf {
    cache_folder.join("runtimes")
}

/// The Python runtime, if it is installed.
///
/// # Errors
/// If there is something in its place that is none.
pub(crate) fn open(runtimes: &Path) -> Result<Option<Installed>, RuntimeError> {
    let folder = runtimes.join(PYTHON);
    let record = match fs::read(folder.join(RECORD)) {
        Ok(record) => record,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RuntimeError::files("read", folder.join(RECORD))(error)),
    };
    let record = serde_json::from_slice(&record)
        .map_err(|error| RuntimeError::NotARuntime { path: folder.clone(), reason: error.to_string() })?;
    let bytes = [COMPONENT, LIBRARY].iter().map(|name| {
        let path = folder.join(name);
        fs::metadata(&path).map(|metadata| metadata.len()).map_err(RuntimeError::files("read", path))
    });
    let bytes = bytes.sum::<Result<u64, _>>()?;
    Ok(Some(Installed { folder, record, bytes }))
}

/// Removes the Python runtime; false if it is not installed.
///
/// # Errors
/// If it cannot be removed.
pub(crate) fn remove(runtimes: &Path) -> Result<bool, RuntimeError> {
    let folder = runtimes.join(PYTHON);
    match fs::remove_dir_all(&folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(RuntimeError::files("remove", folder)(error)),
    }
}

impl Installed {
    /// Whether it was built from the sources in this binary.
    pub(crate) fn state(&self) -> State {
        if self.record.inputs == sources::digest() { State::Current } else { State::Other }
    }

    /// Moves a folder with component and libraries to where runtimes are looked for, in place of what is there.
    pub(super) fn place(from: &Path, record: &Record, runtimes: &Path) -> Result<Self, RuntimeError> {
        let folder = runtimes.join(PYTHON);
        let text = serde_json::to_vec_pretty(record).expect("texts are a document");
        fs::write(from.join(RECORD), text).map_err(RuntimeError::files("write", from.join(RECORD)))?;
        remove(runtimes)?;
        fs::rename(from, &folder).map_err(RuntimeError::files("make", &folder))?;
        open(runtimes)?.ok_or(RuntimeError::NotInstalled)
    }
}

/// The hash of a file's content.
pub(super) fn sha256(path: &Path) -> Result<String, RuntimeError> {
    let content = fs::read(path).map_err(RuntimeError::files("read", path))?;
    Ok(sources::hexadecimal(&Sha256::digest(content)))
}
