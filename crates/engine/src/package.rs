//! A deployment package in memory: the immutable tree that a guest sees at `/var/task`, or a layer at `/opt`.
//!
//! Whoever reads a folder or a zip resolves names and links while reading, so that nothing inside ever maps a guest's
//! path to a path of the host.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use thiserror::Error;

/// A path inside a package: relative, `/`-separated, without empty, `.` or `..` segments, valid UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackagePath(Box<str>);

/// Why a text is no path inside a package.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{path}` is not a path inside a package: {reason}")]
pub struct InvalidPackagePath {
    /// What was given.
    pub path: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl PackagePath {
    /// Reads a path.
    ///
    /// # Errors
    /// If it is absolute, leaves the package, or has empty segments, backslashes or control characters.
    pub fn parse(path: &str) -> Result<Self, InvalidPackagePath> {
        let fail = |reason| Err(InvalidPackagePath { path: path.to_owned(), reason });
        if path.starts_with('/') {
            return fail("it is absolute");
        }
        if path.chars().any(|c| c == '\\' || c.is_control()) {
            return fail("it has a backslash or a control character");
        }
        for segment in path.split('/') {
            match segment {
                "" => return fail("it has an empty segment"),
                "." | ".." => return fail("it has a `.` or `..` segment"),
                _ => {}
            }
        }
        Ok(Self(path.into()))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// Its content.
    pub content: Bytes,
}

/// A deployment package. Folders exist by the files in them; empty folders are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    files: BTreeMap<PackagePath, PackageFile>,
}

impl Package {
    /// A package of these files.
    ///
    /// # Errors
    /// If one path is a file and, in another path, a folder.
    pub fn new(files: BTreeMap<PackagePath, PackageFile>) -> Result<Self, InvalidPackagePath> {
        for path in files.keys() {
            let parents = path.as_str().match_indices('/').map(|(end, _)| &path.as_str()[..end]);
            for parent in parents {
                if files.contains_key(&PackagePath(parent.into())) {
                    let reason = "one of its folders is also a file";
                    return Err(InvalidPackagePath { path: path.to_string(), reason });
                }
            }
        }
        Ok(Self { files })
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&PackagePath, &PackageFile)> {
        self.files.iter()
    }

    /// The file at a path.
    #[must_use]
    pub fn file(&self, path: &PackagePath) -> Option<&PackageFile> {
        self.files.get(path)
    }

    /// The size of all files together, in bytes.
    #[must_use]
    pub fn unzipped_bytes(&self) -> u64 {
        self.files.values().map(|file| file.content.len() as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_leave_the_package() {
        for path in ["app.py", "lib/a b/ä.txt", "..a/b.."] {
            assert_eq!(PackagePath::parse(path).expect(path).as_str(), path);
        }
        for path in ["", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "a\\b", "a\0"] {
            assert!(PackagePath::parse(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_path_is_a_file_or_a_folder() {
        let file =
            |path: &str| (PackagePath::parse(path).expect(path), PackageFile { content: Bytes::new() });
        assert!(Package::new(BTreeMap::from([file("a/b"), file("a/c")])).is_ok());
        assert!(Package::new(BTreeMap::from([file("a"), file("a/c")])).is_err());
    }
}
