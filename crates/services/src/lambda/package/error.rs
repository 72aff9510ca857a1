//! Why a package cannot be read.

use std::{io, path::PathBuf};

use hearth_engine::package::InvalidPackagePath;
use hearth_model::limits;
use thiserror::Error;

/// Why a package cannot be read.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The operating system does not let us.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of another kind.
    #[error("`{}` is neither a folder, nor a `.zip`, nor a `.wasm` file", path.display())]
    UnknownKind {
        /// The file.
        path: PathBuf,
    },
    /// A pipe, a socket, a device.
    #[error("`{}` is neither a regular file nor a folder", path.display())]
    NotRegular {
        /// What it is.
        path: PathBuf,
    },
    /// More than Lambda allows.
    #[error(
        "`{}` has more than {} MiB unzipped, which is Lambda's limit: leave out what the handler does not need",
        package.display(),
        limits::PACKAGE_UNZIPPED_BYTES / (1024 * 1024)
    )]
    TooLarge {
        /// The package.
        package: PathBuf,
    },
    /// A name that is no path inside a package.
    #[error("`{}` cannot be a package", package.display())]
    Name {
        /// The package.
        package: PathBuf,
        /// The name, and what is wrong with it.
        #[source]
        source: InvalidPackagePath,
    },
    /// A file's name is not text.
    #[error("the name of `{}` is not UTF-8: rename the file", path.display())]
    NotUnicode {
        /// The file, as far as it can be shown.
        path: PathBuf,
    },
    /// A symbolic link to somewhere else.
    #[error(
        "`{}` links to `{}`, outside of the package: copy what it links to into the package",
        path.display(),
        target.display()
    )]
    LinkLeaves {
        /// The link.
        path: PathBuf,
        /// What it leads to in the end.
        target: PathBuf,
    },
    /// A symbolic link to a folder that it lies in.
    #[error("`{}` links to a folder that contains the link: remove it", path.display())]
    LinkLoop {
        /// The link.
        path: PathBuf,
    },
    /// A zip that is damaged as a whole, or no zip.
    #[error("`{}` is not a zip archive that can be read", archive.display())]
    BrokenZip {
        /// The archive.
        archive: PathBuf,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// Which of the two would be meant depends on the reader.
    #[error("`{}` has several entries of one name: make the archive anew", archive.display())]
    DuplicateEntries {
        /// The archive.
        archive: PathBuf,
    },
    /// An entry of a zip that is damaged or compressed in another way than by deflate.
    #[error("cannot unpack `{entry}` of `{}`", archive.display())]
    BrokenEntry {
        /// The archive.
        archive: PathBuf,
        /// The entry's name.
        entry: String,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// An entry of a zip that no package may have.
    #[error("`{entry}` of `{}` {reason}", archive.display())]
    RefusedEntry {
        /// The archive.
        archive: PathBuf,
        /// The entry's name.
        entry: String,
        /// What it is, and how to mend it.
        reason: &'static str,
    },
}
