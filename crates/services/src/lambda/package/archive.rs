//! A zip archive as a package.

use std::{
    io::{self, Cursor},
    path::Path,
};

use hearth_engine::package::{Package, PackagePath};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{
    PackageError,
    contents::{AddError, Contents},
};

/// How every zip with at least one entry begins.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";

/// Reads the zip archive in `bytes`; `name` is how errors call it.
///
/// The limit counts what comes out of the decompressor, not what headers promise, so that a zip bomb does no harm.
///
/// # Errors
/// If it is no zip, or has an entry that is encrypted, damaged, a symbolic link, outside of the package, or there
/// twice, or exceeds [250 MiB](hearth_model::limits::PACKAGE_UNZIPPED_BYTES) unzipped.
pub fn read_zip(name: &Path, bytes: &[u8]) -> Result<Package, PackageError> {
    let broken = |error| PackageError::BrokenZip { archive: name.to_owned(), source: io_error(error) };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.has_duplicate_names() {
        return Err(PackageError::DuplicateEntries { archive: name.to_owned() });
    }
    let mut unpacking = Unpacking { archive: name, contents: Contents::new(name) };
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(broken)?;
        let path = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.encrypted() {
            return Err(unpacking.refused(path, "is encrypted: make the zip without a password"));
        }
        match archive.by_index(index) {
            Ok(file) => unpacking.entry(path, file)?,
            Err(source) => return Err(unpacking.broken(path, source)),
        }
    }
    unpacking.contents.into_package()
}

struct Unpacking<'a> {
    archive: &'a Path,
    contents: Contents,
}

impl Unpacking<'_> {
    fn entry(&mut self, entry: String, file: ZipFile<'_, Cursor<&[u8]>>) -> Result<(), PackageError> {
        if file.is_symlink() {
            return Err(
                self.refused(entry, "is a symbolic link: make the zip with the files that links lead to")
            );
        }
        // `zip -r code.zip ./*` and its like; the leading `./` says nothing.
        let path = entry.strip_prefix("./").unwrap_or(&entry);
        if file.is_dir() {
            return Ok(());
        }
        let path = PackagePath::parse(path)
            .map_err(|source| PackageError::Name { package: self.archive.to_owned(), source })?;
        if self.contents.contains(&path) {
            return Err(self.refused(entry, "is in the archive twice: remove one of the two"));
        }
        let size = file.size();
        self.contents.add(path, file, size).map_err(|error| match error {
            AddError::TooLarge => self.contents.too_large(),
            AddError::Unreadable(error) => self.broken(entry, ZipError::Io(error)),
        })
    }

    fn refused(&self, entry: String, reason: &'static str) -> PackageError {
        PackageError::RefusedEntry { archive: self.archive.to_owned(), entry, reason }
    }

    fn broken(&self, entry: String, error: ZipError) -> PackageError {
        PackageError::BrokenEntry { archive: self.archive.to_owned(), entry, source: io_error(error) }
    }
}

/// The error without the layer that would say the same once more.
fn io_error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    type Writer = ZipWriter<Cursor<Vec<u8>>>;

    fn archive(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        write(&mut writer);
        writer.finish().expect("finished").into_inner()
    }

    fn add(writer: &mut Writer, name: &str, content: &[u8]) {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(content).expect("written");
    }

    /// The error and everything behind it, as people see it.
    fn refusal(bytes: &[u8]) -> String {
        let mut text = String::new();
        let error = read_zip(Path::new("code.zip"), bytes).expect_err("refused");
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            text += &format!("{error}; ");
            cause = error.source();
        }
        text
    }

    #[test]
    fn files_are_unpacked_and_folders_follow_from_them() {
        let bytes = archive(|writer| {
            writer.add_directory("lib", SimpleFileOptions::default()).expect("a folder");
            add(writer, "lib/data.txt", &[b'x'; 10_000]);
            add(writer, "./bootstrap", b"\0asm");
        });
        let package = read_zip(Path::new("code.zip"), &bytes).expect("a package");
        let files: Vec<_> = package.files().map(|(path, file)| (path.as_str(), file.content.len())).collect();
        assert_eq!(files, [("bootstrap", 4), ("lib/data.txt", 10_000)]);
    }

    #[test]
    fn entries_outside_of_the_package_are_refused() {
        for (name, reason) in [
            ("/etc/passwd", "it is absolute"),
            ("../up", "it has a `.` or `..` segment"),
            ("a/../../up", "it has a `.` or `..` segment"),
            ("C:\\up", "it has a backslash"),
        ] {
            // The writer tidies names up; what it wrote is replaced by what shall be there.
            let tidy = "x".repeat(name.len());
            let bytes = archive(|writer| add(writer, &tidy, b"content"));
            let error = refusal(&replace(bytes, tidy.as_bytes(), name.as_bytes()));
            assert!(error.contains(reason) && error.contains(name), "{error}");
        }
    }

    #[test]
    fn links_duplicates_and_files_in_place_of_folders_are_refused() {
        let link = archive(|writer| {
            writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).expect("a link");
        });
        assert!(refusal(&link).starts_with("`link` of `code.zip` is a symbolic link"), "{}", refusal(&link));

        let twice = archive(|writer| {
            add(writer, "a.py", b"1");
            add(writer, "b.py", b"2");
        });
        let twice = replace(twice, b"b.py", b"a.py");
        assert!(
            refusal(&twice).starts_with("`code.zip` has several entries of one name"),
            "{}",
            refusal(&twice)
        );

        let twice_in_effect = archive(|writer| {
            add(writer, "a.py", b"1");
            add(writer, "./a.py", b"2");
        });
        assert!(refusal(&twice_in_effect).starts_with("`./a.py` of `code.zip` is in the archive twice"));

        let folder_and_file = archive(|writer| {
            add(writer, "a", b"1");
            add(writer, "a/b", b"2");
        });
        assert!(refusal(&folder_and_file).contains("one of its folders is also a file"));
    }

    #[test]
    fn encrypted_entries_are_named() {
        let mut bytes = archive(|writer| add(writer, "secret.py", b"x"));
        let central = position(&bytes, b"PK\x01\x02");
        bytes[central + 8] |= 1;
        let error = refusal(&bytes);
        assert!(error.starts_with("`secret.py` of `code.zip` is encrypted"), "{error}");
    }

    #[test]
    fn damage_is_an_error() {
        let whole = archive(|writer| add(writer, "app.wasm", &[b'x'; 1000]));
        for end in [0, 3, 20, whole.len() - 30, whole.len() - 1] {
            let error = refusal(&whole[..end]);
            assert!(
                error.starts_with("`code.zip` is not a zip archive that can be read; "),
                "{end}: {error}"
            );
        }
        let mut flipped = whole.clone();
        let content = position(&flipped, b"app.wasm") + b"app.wasm".len();
        flipped[content + 2] ^= 0xff;
        let error = refusal(&flipped);
        assert!(error.starts_with("cannot unpack `app.wasm` of `code.zip`; "), "{error}");
    }

    #[test]
    fn a_bomb_goes_off_at_the_limit_or_where_its_header_lies() {
        let limit = usize::try_from(hearth_model::limits::PACKAGE_UNZIPPED_BYTES).expect("fits");
        let mut bytes = archive(|writer| {
            writer.start_file("bomb", SimpleFileOptions::default()).expect("an entry");
            let chunk = vec![0; 1024 * 1024];
            for _ in 0..=limit / chunk.len() {
                writer.write_all(&chunk).expect("written");
            }
        });
        assert!(bytes.len() < limit / 100);
        assert!(refusal(&bytes).contains("more than 250 MiB"), "{}", refusal(&bytes));

        let central = position(&bytes, b"PK\x01\x02");
        bytes[central + 24..central + 28].copy_from_slice(&1000_u32.to_le_bytes());
        assert!(refusal(&bytes).starts_with("cannot unpack `bomb` of `code.zip`; "), "{}", refusal(&bytes));
    }

    fn position(bytes: &[u8], needle: &[u8]) -> usize {
        bytes.windows(needle.len()).position(|window| window == needle).expect("it is there")
    }

    /// Replaces both the local and the central copy of a name by one of the same length.
    fn replace(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
        for _ in 0..2 {
            let at = position(&bytes, from);
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        bytes
    }
}
