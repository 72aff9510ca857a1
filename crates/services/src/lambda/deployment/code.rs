//! A function's code: what runs, and the zip that its owner sees.

use std::{
    error::Error,
    fmt,
    io::{Cursor, Write},
    path::Path,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use hearth_engine::package::Package;
use hearth_model::limits;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::lambda::package::{PackageError, read_zip};

/// A function's code, or a layer's content.
pub struct Code {
    package: Arc<Package>,
    /// What was uploaded. Code that was read from a folder is zipped whenever somebody asks for it.
    upload: Option<Bytes>,
    digest: OnceLock<CodeDigest>,
    /// Why it is not there any more.
    lost: Option<Arc<str>>,
}

/// What identifies code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeDigest {
    /// The zip's hash.
    pub sha256: [u8; 32],
    /// The zip's size in bytes.
    pub zipped_bytes: u64,
}

/// Why an uploaded file is no code. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidUpload {
    /// A zip without any file, or nothing at all.
    #[error("Uploaded file must be a non-empty zip")]
    Empty,
    /// No zip, or a damaged one.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    Broken,
    /// More than may be uploaded directly.
    #[error("Zipped size must be smaller than {} bytes", limits::PACKAGE_ZIPPED_BYTES)]
    ZippedTooLarge,
    /// More than Lambda allows.
    #[error("Unzipped size must be smaller than {} bytes", limits::PACKAGE_UNZIPPED_BYTES)]
    UnzippedTooLarge,
    /// A zip with something in it that no package may have.
    #[error("{reason}")]
    Refused {
        /// What, and how to mend it.
        reason: String,
    },
}

impl Code {
    /// Unpacks an uploaded zip. Blocks for as long as that takes: up to a second for the largest.
    ///
    /// # Errors
    /// If it is no zip, has what no package may have, or is too large.
    pub fn unzip(upload: Bytes) -> Result<Self, InvalidUpload> {
        if upload.is_empty() {
            return Err(InvalidUpload::Empty);
        }
        if upload.len() as u64 > limits::PACKAGE_ZIPPED_BYTES {
            return Err(InvalidUpload::ZippedTooLarge);
        }
        Self::unzip_stored(upload)
    }

    /// Unpacks a zip that was in a bucket, which may be larger than one that is uploaded directly. Blocks like
    /// [`unzip`](Self::unzip).
    ///
    /// # Errors
    /// As `unzip`.
    pub fn unzip_stored(upload: Bytes) -> Result<Self, InvalidUpload> {
        // Nobody but the uploader knows the file's name.
        let package = read_zip(Path::new("ZipFile"), &upload)?;
        if package.files().next().is_none() {
            return Err(InvalidUpload::Empty);
        }
        Ok(Self { upload: Some(upload), ..Self::of(Arc::new(package)) })
    }

    /// Code that an earlier process had, as [`zip`](Self::zip) has told it.
    pub(in crate::lambda) fn restored(zip: Bytes, sha256: [u8; 32]) -> Result<Self, PackageError> {
        let package = Arc::new(read_zip(Path::new("code"), &zip)?);
        let digest = OnceLock::from(CodeDigest { sha256, zipped_bytes: zip.len() as u64 });
        Ok(Self { package, upload: Some(zip), digest, lost: None })
    }

    /// Code that an earlier process had, and of which nothing is left but its hash.
    pub(in crate::lambda) fn lost(sha256: [u8; 32], reason: &str) -> Self {
        let digest = OnceLock::from(CodeDigest { sha256, zipped_bytes: 0 });
        Self { package: Arc::default(), upload: None, digest, lost: Some(reason.into()) }
    }

    /// Code that was not uploaded as a zip.
    #[must_use]
    pub fn of(package: Arc<Package>) -> Self {
        Self { package, upload: None, digest: OnceLock::new(), lost: None }
    }

    /// Why it is not there any more, though functions or layers have it.
    pub(in crate::lambda) fn loss(&self) -> Option<&Arc<str>> {
        self.lost.as_ref()
    }

    /// The files.
    #[must_use]
    pub fn package(&self) -> &Arc<Package> {
        &self.package
    }

    /// Hash and size of [`zip`](Self::zip); found out when it is asked for the first time.
    #[must_use]
    pub fn digest(&self) -> CodeDigest {
        *self.digest.get_or_init(|| {
            let zip = self.zip();
            CodeDigest { sha256: Sha256::digest(&zip).into(), zipped_bytes: zip.len() as u64 }
        })
    }

    /// Whether both are the same code.
    pub(in crate::lambda) fn is(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || self.digest() == other.digest()
    }

    /// What its owner gets who asks for it: [`zip`](Self::zip), unless nothing is left of it.
    #[must_use]
    pub fn download(&self) -> Option<Bytes> {
        self.lost.is_none().then(|| self.zip())
    }

    /// The code as a zip: the one that was uploaded, or else one that is made now and is the same every time.
    #[must_use]
    pub fn zip(&self) -> Bytes {
        self.upload.clone().unwrap_or_else(|| zip(&self.package))
    }
}

/// Packs without compressing: what is packed lies in memory anyway, and is asked for by tools on the same machine.
fn zip(package: &Package) -> Bytes {
    const WRITABLE: &str = "memory takes everything, and a package's paths fit into a zip";
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, file) in package.files() {
        writer.start_file(path.as_str(), options).expect(WRITABLE);
        writer.write_all(&file.content).expect(WRITABLE);
    }
    writer.finish().expect(WRITABLE).into_inner().into()
}

impl From<PackageError> for InvalidUpload {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::BrokenZip { .. } | PackageError::BrokenEntry { .. } => Self::Broken,
            PackageError::TooLarge { .. } => Self::UnzippedTooLarge,
            PackageError::Name { .. }
            | PackageError::DuplicateEntries { .. }
            | PackageError::RefusedEntry { .. }
            | PackageError::Unreadable { .. }
            | PackageError::UnknownKind { .. }
            | PackageError::NotRegular { .. }
            | PackageError::NotUnicode { .. }
            | PackageError::LinkLeaves { .. }
            | PackageError::LinkLoop { .. } => {
                let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                Self::Refused { reason: format!("{error}{cause}") }
            }
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("unzipped_bytes", &self.package.unzipped_bytes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearth_engine::package::{PackageFile, PackagePath};

    use super::*;

    fn package() -> Arc<Package> {
        let file = |path: &str, content: &'static str| {
            let content = Bytes::from_static(content.as_bytes());
            (PackagePath::parse(path).expect(path), PackageFile { content })
        };
        let files = BTreeMap::from([file("bootstrap", "\0asm"), file("data/ä.txt", "x")]);
        Arc::new(Package::new(files).expect("a package"))
    }

    #[test]
    fn code_comes_back_as_it_was_uploaded() {
        let upload = Code::of(package()).zip();
        let code = Code::unzip(upload.clone()).expect("a zip");
        assert_eq!(code.package(), &package());
        assert_eq!(code.zip(), upload);
        assert_eq!(code.digest(), Code::of(package()).digest());
        assert_eq!(code.digest().zipped_bytes, upload.len() as u64);
    }

    #[test]
    fn what_is_no_zip_is_refused_in_awss_words() {
        let check = |upload: Bytes, expected: &str| {
            let error = Code::unzip(upload).expect_err(expected);
            assert_eq!(error.to_string(), expected);
        };
        let broken = "Could not unzip uploaded file. Please check your file, then try to upload again.";
        check(Bytes::from_static(b"print('hello')"), broken);
        let empty = "Uploaded file must be a non-empty zip";
        check(Bytes::new(), empty);
        let whole = Code::of(package()).zip();
        check(whole.slice(..whole.len() - 9), broken);
        let nothing = ZipWriter::new(Cursor::new(Vec::new())).finish().expect("finished").into_inner();
        check(nothing.into(), empty);
        let large = vec![0; usize::try_from(limits::PACKAGE_ZIPPED_BYTES).expect("fits") + 1];
        check(large.into(), "Zipped size must be smaller than 52428800 bytes");
    }

    #[test]
    fn what_no_package_may_have_is_named() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).expect("a link");
        let upload = writer.finish().expect("finished").into_inner();
        let error = Code::unzip(upload.into()).expect_err("a link").to_string();
        assert!(error.starts_with("`link` of `ZipFile` is a symbolic link: make the zip with"), "{error}");
    }
}
