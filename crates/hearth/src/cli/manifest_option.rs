//! Which manifest a command means.

use std::path::{Path, PathBuf};

use super::error::CommandError;
use crate::manifest::{FILE_NAME, Manifest};

/// Reads the manifest that the user named, which may be the folder that it is in; otherwise that of the current folder.
/// `None` if there is none and none was named.
pub(super) fn find(named: Option<&Path>) -> Result<Option<Manifest>, CommandError> {
    let path = match named {
        Some(path) if path.is_dir() => path.join(FILE_NAME),
        Some(path) => path.to_owned(),
        None if Path::new(FILE_NAME).exists() => PathBuf::from(FILE_NAME),
        None => return Ok(None),
    };
    Ok(Some(Manifest::read(&path)?))
}

/// As [`find`], for commands that need one.
pub(super) fn require(named: Option<&Path>) -> Result<Manifest, CommandError> {
    find(named)?.ok_or_else(|| {
        CommandError::Usage(format!(
            "there is no `{FILE_NAME}` here: name one with `--manifest`, or begin a project with `hearth new`"
        ))
    })
}
