//! Why a folder cannot be used.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a folder cannot be used. Nothing in it has changed then.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("`{}` is in use by {owner}: stop that one, or choose another folder", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Who has it.
        owner: String,
        /// Where that process answers, if it has said so.
        endpoint: Option<String>,
    },
    /// There is no state in it.
    #[error("there is no state of Hearth in `{}`", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// It is something else.
    #[error("`{}` is no folder: move it away, or choose another one", folder.display())]
    NotAFolder {
        /// What should be the folder.
        folder: PathBuf,
    },
    /// What is in it is not Hearth's.
    #[error(
        "`{}` has files in it that are not Hearth's (`{file}`): choose a folder that is empty or does not exist",
        folder.display()
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// One of them.
        file: String,
    },
    /// A later Hearth has written it.
    #[error(
        "`{}` was written by a later Hearth: it has format {found}, and this one knows formats up to {known}: use that Hearth",
        folder.display()
    )]
    TooNew {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
        /// The latest format that is known.
        known: u32,
    },
    /// A file in it is not what was written.
    #[error(
        "`{}` is damaged: {reason}. Nothing was changed: restore it from a copy, or move the folder away to start empty",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The machine does not let Hearth use it.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The folder or the file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}
