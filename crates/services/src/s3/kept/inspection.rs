//! The files of objects, for people.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use hearth_engine::{
    journal::{Journal, NotLoaded, Unreadable},
    kept::KeptFiles,
};
use md5::{Digest, Md5};

use super::{
    PARTS, VERSIONS,
    object::{KeptContent, PartDocument, VersionDocument},
};
use crate::{
    kept::{read, unreadable},
    s3::storage::{FileName, KeptPiece},
};

/// Looks at the files with the content of objects and parts that a journal's entries name, and changes nothing. To `verify` is to read
/// them, and to compare them with the ETags of what consists of them.
///
/// # Errors
/// If entries cannot be read.
pub fn inspect_objects(journal: &Journal, verify: bool) -> Result<KeptFiles, NotLoaded> {
    let Some(folder) = journal.folder() else { return Ok(KeptFiles::default()) };
    let mut named = Named { folder, verify, files: BTreeMap::new() };
    journal.load(VERSIONS, |key, value| {
        let VersionDocument::V1(version) = read(value)?;
        named.note(key, version.content())
    })?;
    journal.load(PARTS, |key, value| {
        let (upload, _number) =
            key.split_last_chunk::<4>().ok_or_else(|| unreadable("it is no part's key"))?;
        let PartDocument::V1(part) = read(value)?;
        named.note(upload, Some(part.content()))
    })?;
    Ok(named.inspect())
}

/// The files that entries name.
struct Named<'f> {
    folder: &'f Path,
    verify: bool,
    files: BTreeMap<FileName, NamedFile>,
}

struct NamedFile {
    /// How many bytes it has to have.
    bytes: u64,
    owner: String,
    /// Whether what consists of it is something else now.
    other: bool,
}

impl Named<'_> {
    fn note(&mut self, key: &[u8], content: Option<KeptContent>) -> Result<(), Unreadable> {
        let Some(content) = content else { return Ok(()) };
        let owner = owner(key).ok_or_else(|| unreadable("its key names nothing in a bucket"))?;
        // One that cannot be read is told of as missing, or too short.
        let other = self.verify && content.is_intact(|piece| self.open(piece)).is_ok_and(|intact| !intact);
        for KeptPiece { file, start, bytes } in content.pieces {
            let named = self.files.entry(file);
            let named = named.or_insert_with(|| NamedFile { bytes: 0, owner: owner.clone(), other: false });
            named.bytes = named.bytes.max(start.saturating_add(bytes));
            if other && !named.other {
                (named.other, named.owner) = (true, owner.clone());
            }
        }
        Ok(())
    }

    fn inspect(self) -> KeptFiles {
        let mut found = KeptFiles::default();
        for (name, NamedFile { bytes, owner, other }) in &self.files {
            let path = self.path(*name);
            let state = match fs::metadata(&path) {
                Ok(metadata) if metadata.len() < *bytes => {
                    Err(format!("it has {} of {bytes} bytes", metadata.len()))
                }
                Ok(_) if *other => Err("its content is not what was written".to_owned()),
                Ok(metadata) => Ok(metadata.len()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is missing".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            found.add(path, Some(owner.clone()), state);
        }
        found
    }

    fn path(&self, file: FileName) -> PathBuf {
        self.folder.join(file.to_string())
    }

    fn open(&self, piece: &KeptPiece) -> io::Result<io::Take<File>> {
        let mut file = File::open(self.path(piece.file))?;
        file.seek(SeekFrom::Start(piece.start))?;
        Ok(file.take(piece.bytes))
    }
}

impl KeptContent {
    /// Whether the content has the ETag that it should have.
    fn is_intact<R: Read>(&self, open: impl Fn(&KeptPiece) -> io::Result<R>) -> io::Result<bool> {
        let mut content: Box<dyn Read + '_> = Box::new(io::empty());
        for piece in &self.pieces {
            content = Box::new(content.chain(open(piece)?));
        }
        let (expected, parts) = self.etag;
        if parts == 0 {
            return Ok(digest(&mut content)?.1 == expected);
        }
        let mut digests = Md5::new();
        for part in &self.parts {
            let (read, digest) = digest(&mut (&mut content).take(*part))?;
            if read != *part {
                return Ok(false);
            }
            digests.update(digest);
        }
        Ok(<[u8; 16]>::from(digests.finalize()) == expected)
    }
}

/// How many bytes there are, and their MD5.
fn digest(content: &mut impl Read) -> io::Result<(u64, [u8; 16])> {
    let (mut digest, mut buffer, mut bytes) = (Md5::new(), vec![0; 64 * 1024], 0);
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, digest.finalize().into()));
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// What an entry's key names: an object's key and its bucket, behind the account and the region.
fn owner(key: &[u8]) -> Option<String> {
    let (names, _place) = key.split_last_chunk::<8>()?;
    let mut names = str::from_utf8(names).ok()?.splitn(4, '/').skip(2);
    let (bucket, object) = (names.next()?, names.next()?);
    Some(format!("`{object}` in bucket `{bucket}`"))
}
