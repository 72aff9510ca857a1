//! A folder as a package.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hearth_engine::package::{Package, PackagePath};

use super::{PackageError, contents::Contents};

/// What version control keeps for itself, and what Hearth does.
const LEFT_OUT: [&str; 5] = [".git", ".hearth", ".hg", ".jj", ".svn"];

/// Reads the folder at `root`, which may itself be a link.
pub(super) fn read(root: &Path) -> Result<Package, PackageError> {
    let root = fs::canonicalize(root)
        .map_err(|source| PackageError::Unreadable { path: root.to_owned(), source })?;
    let mut walk = Walk { contents: Contents::new(&root), open: vec![root.clone()], root };
    walk.folder(&walk.root.clone(), "")?;
    walk.contents.into_package()
}

struct Walk {
    /// The package's folder, without links on the way to it.
    root: PathBuf,
    /// The folders from the root to the current one, without links: who meets one of them again would never end.
    open: Vec<PathBuf>,
    contents: Contents,
}

impl Walk {
    /// Reads the folder at `path`, whose files' paths in the package begin with `prefix`.
    fn folder(&mut self, path: &Path, prefix: &str) -> Result<(), PackageError> {
        let unreadable = |source| PackageError::Unreadable { path: path.to_owned(), source };
        let mut entries =
            fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(unreadable)?;
        // The order of a folder is the file system's whim; errors shall not depend on it.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| PackageError::NotUnicode { path: path.clone() })?;
            let kind = entry
                .file_type()
                .map_err(|source| PackageError::Unreadable { path: path.clone(), source })?;
            if !LEFT_OUT.contains(&name) {
                self.entry(&path, kind, format!("{prefix}{name}"))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, kind: fs::FileType, inside: String) -> Result<(), PackageError> {
        if kind.is_symlink() {
            return self.link(path, inside);
        }
        if kind.is_dir() {
            self.open.push(path.to_owned());
            self.folder(path, &format!("{inside}/"))?;
            self.open.pop();
            return Ok(());
        }
        if !kind.is_file() {
            return Err(PackageError::NotRegular { path: path.to_owned() });
        }
        let inside = PackagePath::parse(&inside)
            .map_err(|source| PackageError::Name { package: self.root.clone(), source })?;
        self.contents.add_file(inside, path)
    }

    fn link(&mut self, path: &Path, inside: String) -> Result<(), PackageError> {
        let unreadable = |source| PackageError::Unreadable { path: path.to_owned(), source };
        let target = fs::canonicalize(path).map_err(unreadable)?;
        if !target.starts_with(&self.root) {
            return Err(PackageError::LinkLeaves { path: path.to_owned(), target });
        }
        if self.open.contains(&target) {
            return Err(PackageError::LinkLoop { path: path.to_owned() });
        }
        let kind = fs::metadata(&target).map_err(unreadable)?.file_type();
        self.entry(&target, kind, inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(package: &Package) -> Vec<&str> {
        package.files().map(|(path, _)| path.as_str()).collect()
    }

    #[test]
    fn files_of_all_depths_are_read_and_version_control_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["app.wasm", "lib/deep/data.json", ".git/HEAD", "lib/.gitignore", "empty/.svn/entries"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(&path, "x").expect("written");
        }
        let package = read(folder.path()).expect("a package");
        assert_eq!(paths(&package), ["app.wasm", "lib/.gitignore", "lib/deep/data.json"]);
        assert_eq!(package.unzipped_bytes(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_stay_inside_are_resolved() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("v2")).expect("a folder");
        fs::write(folder.path().join("v2/app.wasm"), "two").expect("written");
        symlink("v2", folder.path().join("current")).expect("a link to a folder");
        symlink("current/app.wasm", folder.path().join("bootstrap.wasm")).expect("a link to a file");
        let package = read(folder.path()).expect("a package");
        assert_eq!(paths(&package), ["bootstrap.wasm", "current/app.wasm", "v2/app.wasm"]);
        assert!(package.files().all(|(_, file)| file.content == "two"));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_leave_or_never_end_are_refused() {
        use std::os::unix::fs::symlink;

        let check = |target: &Path, expected: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            fs::create_dir(folder.path().join("sub")).expect("a folder");
            symlink(target, folder.path().join("sub/link")).expect("a link");
            let error = read(folder.path()).expect_err("refused").to_string();
            assert!(error.contains("sub/link`") && error.contains(expected), "{error}");
        };
        check(Path::new("/etc/hostname"), "outside of the package");
        check(Path::new("../.."), "outside of the package");
        check(Path::new(".."), "links to a folder that contains the link");
        check(Path::new("."), "links to a folder that contains the link");
        check(Path::new("nowhere"), "cannot read `");
        check(Path::new("link"), "cannot read `");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_neither_file_nor_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let _listener =
            std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("a socket");
        let error = read(folder.path()).expect_err("a socket").to_string();
        assert!(error.ends_with("socket` is neither a regular file nor a folder"), "{error}");
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = fs::File::create(folder.path().join("big")).expect("created");
        // A hole: takes no room on the disk.
        file.set_len(hearth_model::limits::PACKAGE_UNZIPPED_BYTES).expect("a hole");
        assert!(read(folder.path()).is_ok(), "exactly the limit");
        fs::write(folder.path().join("drop"), "x").expect("written");
        let error = read(folder.path()).expect_err("one byte more").to_string();
        assert!(error.contains("more than 250 MiB"), "{error}");
    }
}
