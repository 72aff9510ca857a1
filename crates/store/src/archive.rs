//! A folder with state as one file: a fixture for tests, or what a report of a problem needs.
//!
//! The file is a zip archive. `hearth-state` in it says in which format it is; `entries/` has what services have recorded, a file
//! for each stream; `files/` has the other files of the folder as they are, such as the bodies of objects. What is no longer
//! there is not in it, unlike in a copy of the folder.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use thiserror::Error;
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    database::{Database, DatabaseFailure, View},
    error::OpenError,
    folder::Folder,
};

/// Why a folder cannot become an archive, or an archive a folder. Nothing has changed then.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] OpenError),
    /// The file is something else, or damaged.
    #[error("`{}` is no state that Hearth exported, or is damaged: {reason}", file.display())]
    NotAnArchive {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A later Hearth has written it.
    #[error("`{}` was written by a later Hearth: use that one", file.display())]
    TooNew {
        /// The file.
        file: PathBuf,
    },
    /// There is state in the folder.
    #[error("there is state in `{}`: choose another folder, or say `--replace` to lose it", folder.display())]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// The machine does not let Hearth do it.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file or the folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// The format of archives: of the file's own structure, and of the folder's files in it.
const HEADER: &str = "hearth-state";
const FORMAT: u32 = 1;
const ENTRIES: &str = "entries/";
const FILES: &str = "files/";

/// So many bytes of entries are written at once.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Writes everything that is in a folder to a file, in place of what is there.
///
/// # Errors
/// If something in the folder is damaged, or the file cannot be written.
pub fn export(folder: &Folder, file: &Path) -> Result<(), ArchiveError> {
    let database = Database::open(folder.path())?;
    let view = database.view().map_err(damaged(database.file()))?;
    let names = folder.files().map_err(at(folder.path()))?;
    let files = names.into_iter().map(|name| (folder.path().join(&name), name));
    // Nobody ever sees half of it.
    let beside = beside(file, ".new");
    let target = File::create(&beside).map_err(at(&beside));
    let written = target.and_then(|target| {
        let target = write(&view, files, BufWriter::new(target), &beside)?;
        let target = target.into_inner().map_err(|error| at(&beside)(error.into_error()))?;
        target.sync_all().map_err(at(&beside))?;
        fs::rename(&beside, file).map_err(at(file))
    });
    if written.is_err() {
        // It may not even be there.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Makes a folder of what [`export`] wrote; one with state in it only becomes that if it is to be replaced.
///
/// # Errors
/// If the file is something else, or the folder is in use, has state in it, or has files of others.
pub fn import(file: &Path, folder: &Path, replace: bool) -> Result<(), ArchiveError> {
    let occupied = || ArchiveError::Occupied { folder: folder.to_owned() };
    // Locked until it is replaced, and found to be nobody else's.
    let before = if folder.exists() { Some(Folder::open(folder)?) } else { None };
    if before.as_ref().is_some_and(|before| !before.is_new()) && !replace {
        return Err(occupied());
    }
    let (fresh, old) = (beside(folder, ".importing"), beside(folder, ".replaced"));
    let made = remove(&fresh).and_then(|()| unpack(file, &fresh));
    if let Err(error) = made {
        let _ = remove(&fresh);
        return Err(error);
    }
    if before.is_some() {
        remove(&old)?;
        fs::rename(folder, &old).map_err(at(folder))?;
    }
    fs::rename(&fresh, folder).map_err(at(folder))?;
    remove(&old)
}

/// Writes entries and files, which have these paths and these names, as an archive; gives back what it was written to, which is `path`.
pub(crate) fn write<W: Write>(
    view: &View,
    files: impl Iterator<Item = (PathBuf, String)>,
    to: W,
    path: &Path,
) -> Result<W, ArchiveError> {
    let damaged = damaged(view.file());
    let zip = |error: ZipError| at(path)(error.into());
    let mut archive = ZipWriter::new_stream(to);
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    archive.start_file(HEADER, options).map_err(zip)?;
    writeln!(archive, "archive {FORMAT}\nfolder {}", Folder::FORMAT).map_err(at(path))?;
    for stream in view.streams().map_err(&damaged)? {
        archive.start_file(format!("{ENTRIES}{stream}"), options).map_err(zip)?;
        let (mut written, mut lost) = (Ok(()), 0_u64);
        let read = view.read(&stream, |key, value| match value {
            Some(value) if written.is_ok() => written = write_entry(&mut archive, key, value),
            Some(_) => {}
            None => lost += 1,
        });
        read.map_err(&damaged)?;
        written.map_err(at(path))?;
        if lost > 0 {
            let reason = format!("{lost} entries of `{stream}` cannot be read");
            return Err(damaged(DatabaseFailure(reason)));
        }
    }
    for (source, name) in files {
        archive.start_file(format!("{FILES}{name}"), options).map_err(zip)?;
        let mut content = File::open(&source).map_err(at(&source))?;
        io::copy(&mut content, &mut archive).map_err(at(&source))?;
    }
    Ok(archive.finish().map_err(zip)?.into_inner())
}

/// That a file with entries is not what was written.
pub(crate) fn damaged(file: &Path) -> impl Fn(DatabaseFailure) -> ArchiveError + use<'_> {
    move |DatabaseFailure(reason)| OpenError::Damaged { file: file.to_owned(), reason }.into()
}

fn unpack(file: &Path, fresh: &Path) -> Result<(), ArchiveError> {
    let wrong = |reason: String| ArchiveError::NotAnArchive { file: file.to_owned(), reason };
    let content = File::open(file).map_err(at(file))?;
    let mut archive = ZipArchive::new(BufReader::new(content)).map_err(|error| wrong(error.to_string()))?;
    let mut header = String::new();
    let read = archive.by_name(HEADER).map_err(|error| wrong(format!("{HEADER}: {error}")))?;
    read.take(1_000).read_to_string(&mut header).map_err(|error| wrong(error.to_string()))?;
    let format = read_header(file, &header)?;

    let mut folder = Folder::open(fresh)?;
    let mut database = Database::create(fresh)?;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| wrong(error.to_string()))?;
        let name = part.name().map_err(|error| wrong(error.to_string()))?.into_owned();
        // Not to write anywhere else, whatever the archive says.
        let inside = part.enclosed_name().is_some_and(|path| path == Path::new(&name));
        if !inside {
            return Err(wrong(format!("it has a file `{name}`")));
        }
        if let Some(stream) = name.strip_prefix(ENTRIES) {
            let damaged = |reason: String| wrong(format!("`{name}`: {reason}"));
            fill(&mut database, stream, BufReader::new(part)).map_err(damaged)?;
        } else if let Some(path) = name.strip_prefix(FILES) {
            let path = fresh.join(path);
            let parent = path.parent().expect("it is within the folder");
            fs::create_dir_all(parent).map_err(at(parent))?;
            let mut target = File::create_new(&path).map_err(at(&path))?;
            io::copy(&mut part, &mut target).map_err(|error| wrong(format!("`{name}`: {error}")))?;
            target.sync_all().map_err(at(&path))?;
        } else if name != HEADER {
            return Err(wrong(format!("it has a file `{name}`")));
        }
    }
    // The file is closed before anybody else looks at it.
    drop(database);
    Ok(folder.establish_from(format)?)
}

/// The format of the folder that was exported.
fn read_header(file: &Path, text: &str) -> Result<u32, ArchiveError> {
    let number = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let reason = || format!("its `{HEADER}` does not say which {name} it is");
        line.and_then(|number| number.parse::<u32>().ok())
            .ok_or_else(|| ArchiveError::NotAnArchive { file: file.to_owned(), reason: reason() })
    };
    let (archive, folder) = (number("archive")?, number("folder")?);
    if archive > FORMAT || folder > Folder::FORMAT {
        return Err(ArchiveError::TooNew { file: file.to_owned() });
    }
    Ok(folder)
}

/// Lengths, key, value.
fn write_entry(to: &mut impl Write, key: &[u8], value: &[u8]) -> io::Result<()> {
    for part in [key, value] {
        let length = u32::try_from(part.len()).expect("the database has no larger ones");
        to.write_all(&length.to_le_bytes())?;
    }
    to.write_all(key)?;
    to.write_all(value)
}

/// An entry as [`write_entry`] writes it; `None` at the end.
fn read_entry(from: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut lengths = [0; 8];
    let begun = from.read(&mut lengths)?;
    if begun == 0 {
        return Ok(None);
    }
    from.read_exact(&mut lengths[begun..])?;
    let (key, value) = lengths.split_at(4);
    let mut part = |length: &[u8]| -> io::Result<Vec<u8>> {
        let length = u32::from_le_bytes(length.try_into().expect("four of them"));
        let mut bytes = Vec::new();
        // Not more memory than there is content, whatever the length says.
        let read = from.by_ref().take(length.into()).read_to_end(&mut bytes)?;
        if u32::try_from(read) == Ok(length) { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    };
    Ok(Some((part(key)?, part(value)?)))
}

fn fill(database: &mut Database, stream: &str, mut from: impl Read) -> Result<(), String> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    loop {
        let entry = read_entry(&mut from).map_err(|error| error.to_string())?;
        let ended = entry.is_none();
        if let Some((key, value)) = entry {
            bytes += key.len() + value.len();
            batch.push((key, value));
        }
        if ended || bytes > BATCH_BYTES {
            database.fill(stream, &batch).map_err(|DatabaseFailure(reason)| reason)?;
            (batch, bytes) = (Vec::new(), 0);
        }
        if ended {
            return Ok(());
        }
    }
}

/// A file or folder beside another one.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<(), ArchiveError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> ArchiveError + use<'_> {
    move |source| ArchiveError::Io { path: path.to_owned(), source }
}
