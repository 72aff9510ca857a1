//! Many files as one: a runtime's libraries, and bytecode that is kept. They are read at once, and are parts of what was read.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
};

use bytes::Bytes;
use hearth_engine::package::{Package, PackageFile, PackagePath};
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipResult, write::SimpleFileOptions};

/// The files of an archive. Those that are not compressed are not copied.
pub(super) fn unpack(archive: &Bytes) -> Result<Package, Box<dyn std::error::Error>> {
    let mut zip = ZipArchive::new(Cursor::new(archive.clone()))?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        if entry.is_dir() {
            continue;
        }
        let path = PackagePath::parse(&entry.name()?)?;
        let content = if entry.compression() == CompressionMethod::Stored {
            part(archive, entry.data_start(), entry.size()).ok_or("it is cut short")?
        } else {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            content.into()
        };
        files.insert(path, PackageFile { content });
    }
    Ok(Package::new(files)?)
}

/// An archive of files, not compressed.
pub(super) fn pack(files: &BTreeMap<PackagePath, PackageFile>) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, file) in files {
        zip.start_file(path.as_str(), options)?;
        zip.write_all(&file.content)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn part(archive: &Bytes, start: Option<u64>, length: u64) -> Option<Bytes> {
    let start = usize::try_from(start?).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    (end <= archive.len()).then(|| archive.slice(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_there_whether_compressed_or_not() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, method) in
            [("0/stored.py", CompressionMethod::Stored), ("0/deflated.py", CompressionMethod::Deflated)]
        {
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(name, options).expect("an entry");
            writer.write_all(name.as_bytes()).expect("written");
        }
        let archive = Bytes::from(writer.finish().expect("finished").into_inner());
        let library = unpack(&archive).expect("a library");
        let files: Vec<_> = library.files().map(|(path, file)| (path.as_str(), &file.content[..])).collect();
        assert_eq!(files, [("0/deflated.py", &b"0/deflated.py"[..]), ("0/stored.py", b"0/stored.py")]);
        assert!(unpack(&archive.slice(..archive.len() / 2)).is_err());
    }

    #[test]
    fn what_was_packed_comes_out_again() {
        let path = PackagePath::parse("var/task/app.cpython-314.pyc").expect("a path");
        let files = BTreeMap::from([(path, PackageFile { content: Bytes::from_static(b"code") })]);
        let package = unpack(&pack(&files).expect("packed").into()).expect("an archive");
        assert!(package.files().eq(files.iter()));
    }
}
