//! Reads a deployment package, or a layer, into memory: a folder, a `.zip` or a single `.wasm` file.
//!
//! All reading blocks; call it where that is allowed. What comes out obeys [`Package`]'s rules: every path stays
//! inside, links are resolved, and nothing refers to the host's file system any more.

mod archive;
mod contents;
mod error;
mod folder;

use std::{fs, path::Path};

use hearth_engine::package::{Package, PackagePath};

use self::contents::Contents;
pub use self::{archive::read_zip, error::PackageError};

/// Reads the package at `path`.
///
/// - A folder: all regular files in it, at any depth. Symbolic links are resolved if they stay inside the folder.
///   The folders of version control (`.git`, `.hg`, `.jj`, `.svn`) are left out: no handler needs them, and they
///   often outweigh everything else. So is `.hearth`, where state is: it would be another package after every run.
/// - A `.zip`, known by its name or by its first bytes.
/// - A `.wasm` file: a package with this one file under its own name, so that errors call it what the user calls it.
///
/// # Errors
/// If it is none of these, cannot be read, is damaged, has a path that leaves it, or exceeds
/// [250 MiB](hearth_model::limits::PACKAGE_UNZIPPED_BYTES) unzipped.
pub fn read(path: &Path) -> Result<Package, PackageError> {
    let unreadable = |source| PackageError::Unreadable { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return folder::read(path);
    }
    if !metadata.is_file() {
        return Err(PackageError::NotRegular { path: path.to_owned() });
    }
    let extension = path.extension().unwrap_or_default();
    if extension.eq_ignore_ascii_case("wasm") {
        return read_single_file(path);
    }
    let bytes = contents::read_file(path).map_err(unreadable)?;
    if extension.eq_ignore_ascii_case("zip") || bytes.starts_with(archive::MAGIC) {
        return read_zip(path, &bytes);
    }
    Err(PackageError::UnknownKind { path: path.to_owned() })
}

fn read_single_file(path: &Path) -> Result<Package, PackageError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = PackagePath::parse(&name)
        .map_err(|source| PackageError::Name { package: path.to_owned(), source })?;
    let mut contents = Contents::new(path);
    contents.add_file(name, path)?;
    contents.into_package()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wasm_file_keeps_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("thumbnail.wasm");
        fs::write(&path, b"\0asm").expect("written");
        let package = read(&path).expect("a package");
        let paths: Vec<&str> = package.files().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["thumbnail.wasm"]);
    }

    #[test]
    fn what_is_no_package_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("app.py");
        fs::write(&script, "print()").expect("written");
        let error = read(&script).expect_err("a script").to_string();
        assert!(error.ends_with("app.py` is neither a folder, nor a `.zip`, nor a `.wasm` file"), "{error}");

        let error = read(&folder.path().join("nowhere")).expect_err("nothing there").to_string();
        assert!(error.starts_with("cannot read `") && error.ends_with("nowhere`"), "{error}");
    }

    #[test]
    fn a_zip_is_known_by_its_first_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("code.jar");
        let mut writer = zip::ZipWriter::new(fs::File::create(&path).expect("created"));
        writer.start_file("bootstrap.wasm", zip::write::SimpleFileOptions::default()).expect("an entry");
        writer.finish().expect("finished");
        assert_eq!(read(&path).expect("a package").files().count(), 1);
    }
}
