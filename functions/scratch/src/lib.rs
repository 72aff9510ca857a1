//! Fills and reads `/tmp` as the event says, and reports what the file system answered.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use hearth_lambda::{Context, Error, handler};
use serde::{Deserialize, Serialize, de::IgnoredAny};

const CHUNK: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;
const FILL_FILE: &str = "/tmp/fill";
/// How much of a file's start an answer shows.
const EXCERPT: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    /// Writes a file.
    Write { path: PathBuf, mib: u64 },
    /// Reads a file.
    Read(PathBuf),
    /// Lists a folder.
    List(PathBuf),
    /// Removes a file.
    Remove(PathBuf),
    /// Writes `/tmp/fill` until there is no space left.
    Fill(IgnoredAny),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Written(Written),
    Content(Content),
    List { entries: Vec<Entry> },
    Removed { removed: PathBuf },
}

#[derive(Serialize)]
struct Written {
    path: PathBuf,
    /// How much went in before the error, if there was one.
    bytes: u64,
    /// FNV-1a of what went in, to compare with what comes out.
    checksum: String,
    error: Option<Trouble>,
}

#[derive(Serialize)]
struct Content {
    path: PathBuf,
    bytes: u64,
    checksum: String,
    /// The beginning, as text.
    excerpt: String,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    name: String,
    folder: bool,
    bytes: u64,
}

/// An error that is an answer: the event asked for it.
#[derive(Serialize)]
struct Trouble {
    kind: String,
    message: String,
}

fn handle(event: Event, _: &Context) -> Result<Answer, Error> {
    match event {
        Event::Write { path, mib } => {
            let file = File::create(&path).map_err(|error| at(&path, &error))?;
            Ok(Answer::Written(write(path, file, mib * MIB)))
        }
        Event::Read(path) => read(&path).map(Answer::Content).map_err(|error| at(&path, &error)),
        Event::List(path) => {
            list(&path).map(|entries| Answer::List { entries }).map_err(|error| at(&path, &error))
        }
        Event::Remove(path) => match fs::remove_file(&path) {
            Ok(()) => Ok(Answer::Removed { removed: path }),
            Err(error) => Err(at(&path, &error)),
        },
        Event::Fill(_) => {
            let path = PathBuf::from(FILL_FILE);
            let file = File::create(&path).map_err(|error| at(&path, &error))?;
            Ok(Answer::Written(write(path, file, u64::MAX)))
        }
    }
}

/// Writes so many bytes of a pattern, or until an error.
fn write(path: PathBuf, mut sink: impl Write, bytes: u64) -> Written {
    let pattern: Vec<u8> = (0..CHUNK).map(|index| b"0123456789abcdef"[index % 16]).collect();
    let mut checksum = Checksum::default();
    let mut done = 0;
    let mut error = None;
    while done < bytes && error.is_none() {
        // The pattern's length is a multiple of its period, so a short write must go on where it ended.
        let start = (done % CHUNK as u64) as usize;
        let end = CHUNK.min(start.saturating_add(usize::try_from(bytes - done).unwrap_or(usize::MAX)));
        match sink.write(&pattern[start..end]) {
            Ok(0) => error = Some(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                checksum.update(&pattern[start..start + count]);
                done += count as u64;
            }
            Err(problem) => error = Some(problem),
        }
    }
    let error =
        error.map(|error| Trouble { kind: format!("{:?}", error.kind()), message: error.to_string() });
    Written { path, bytes: done, checksum: checksum.to_string(), error }
}

fn read(path: &Path) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    let mut checksum = Checksum::default();
    let mut bytes = 0;
    let mut excerpt = String::new();
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(Content { path: path.to_owned(), bytes, checksum: checksum.to_string(), excerpt });
        }
        if bytes == 0 {
            excerpt = String::from_utf8_lossy(&buffer[..count.min(EXCERPT)]).into_owned();
        }
        checksum.update(&buffer[..count]);
        bytes += count as u64;
    }
}

fn list(path: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = fs::read_dir(path)?
        .map(|entry| {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok(Entry { name, folder: metadata.is_dir(), bytes: metadata.len() })
        })
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// The error's kind is its type (`NotFound`, `PermissionDenied`), so that a test can tell them apart.
fn at(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("{:?}", error.kind()), format!("{}: {error}", path.display()))
}

/// FNV-1a, 64 bits.
struct Checksum(u64);

impl Default for Checksum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Checksum {
    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

handler!(handle);

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, then is full.
    struct Disk {
        room: usize,
        content: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room).min(1000);
            if count == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.content.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_an_answer() {
        let mut disk = Disk { room: 100_000, content: Vec::new() };
        let written = write("/tmp/fill".into(), &mut disk, u64::MAX);
        assert_eq!((written.bytes, disk.content.len()), (100_000, 100_000));
        assert_eq!(written.error.map(|error| error.kind), Some("StorageFull".into()));
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = std::env::temp_dir().join(format!("hearth-scratch-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("file");
        let written = write(path.clone(), File::create(&path).unwrap(), MIB + 1);
        assert!(written.error.is_none());
        let content = read(&path).unwrap();
        assert_eq!((content.bytes, &content.checksum), (MIB + 1, &written.checksum));
        assert!(content.excerpt.starts_with("0123456789abcdef"));
        let file = Entry { name: "file".into(), folder: false, bytes: MIB + 1 };
        assert_eq!(list(&folder).unwrap(), [file]);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            read(&path).map_err(|error| at(&path, &error).error_type().to_owned()).err().unwrap(),
            "NotFound"
        );
    }

    #[test]
    fn the_checksum_is_fnv() {
        let mut checksum = Checksum::default();
        checksum.update(b"foobar");
        assert_eq!(checksum.to_string(), "85944171f73967e8");
    }
}
