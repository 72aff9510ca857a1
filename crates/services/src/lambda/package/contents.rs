//! What has been read of a package, within Lambda's limit.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use hearth_engine::package::{Package, PackageFile, PackagePath};
use hearth_model::limits;

use super::PackageError;

/// The files of a package that is being read.
pub(super) struct Contents {
    package: PathBuf,
    files: BTreeMap<PackagePath, PackageFile>,
    remaining_bytes: u64,
}

/// Why content was not added.
pub(super) enum AddError {
    /// The limit.
    TooLarge,
    /// The reader failed.
    Unreadable(io::Error),
}

impl Contents {
    /// Nothing yet; `package` is how errors call it.
    pub(super) fn new(package: &Path) -> Self {
        let remaining_bytes = limits::PACKAGE_UNZIPPED_BYTES;
        Self { package: package.to_owned(), files: BTreeMap::new(), remaining_bytes }
    }

    /// Whether a file of this path is there.
    pub(super) fn contains(&self, path: &PackagePath) -> bool {
        self.files.contains_key(path)
    }

    /// Adds a file of the host.
    pub(super) fn add_file(&mut self, path: PackagePath, source: &Path) -> Result<(), PackageError> {
        let unreadable = |error| PackageError::Unreadable { path: source.to_owned(), source: error };
        let file = File::open(source).map_err(unreadable)?;
        let expected_bytes = file.metadata().map_or(0, |metadata| metadata.len());
        self.add(path, file, expected_bytes).map_err(|error| match error {
            AddError::TooLarge => self.too_large(),
            AddError::Unreadable(error) => unreadable(error),
        })
    }

    /// Adds what `reader` has. `expected_bytes` only saves copies: a reader that has more is read to its end, or to
    /// the limit, whichever comes first.
    pub(super) fn add(
        &mut self,
        path: PackagePath,
        reader: impl Read,
        expected_bytes: u64,
    ) -> Result<(), AddError> {
        // What a reader claims is not memory yet: a liar gets no more than the limit reserved.
        let capacity = usize::try_from(expected_bytes.min(self.remaining_bytes)).unwrap_or(0);
        let mut content = Vec::with_capacity(capacity);
        reader.take(self.remaining_bytes + 1).read_to_end(&mut content).map_err(AddError::Unreadable)?;
        self.remaining_bytes =
            self.remaining_bytes.checked_sub(content.len() as u64).ok_or(AddError::TooLarge)?;
        self.files.insert(path, PackageFile { content: content.into() });
        Ok(())
    }

    /// The error of a package that exceeds the limit.
    pub(super) fn too_large(&self) -> PackageError {
        PackageError::TooLarge { package: self.package.clone() }
    }

    /// The package.
    pub(super) fn into_package(self) -> Result<Package, PackageError> {
        Package::new(self.files).map_err(|source| PackageError::Name { package: self.package, source })
    }
}

/// Reads a whole file of a size that a package may have as a zip; longer ones are cut, and thus no zip any more.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limits::PACKAGE_UNZIPPED_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
