//! Compile once: artifacts on disk, found by the content they were compiled from and the configuration of the engine; and the bytecode
//! that managed runtimes make, found by its sources.
//!
//! # Trust
//! Loading an artifact is running it, so that a file counts only if all of this holds: the folder is not writable by
//! others, a record lies beside it that names the same key, and length and checksum of the file are those of the
//! record. Anything else is compiled again and replaced. The checksum tells damage, not malice: who can write to the
//! folder can run code as its owner anyway.
//!
//! # Sharing
//! Files appear by rename, the artifact before its record, and are never changed in place. Any number of processes may
//! use one folder; two that compile the same code at the same time write the same twice.

use std::{
    fmt, fs,
    hash::{Hash, Hasher},
    io::{self, Read},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmtime::{Engine, component::Component};

use crate::artifact;

/// Changes whenever the way from WebAssembly to an artifact changes.
const FORMAT: u32 = 1;

/// Size of all artifacts beyond which the oldest are removed when a new one comes.
const FOLDER_LIMIT_BYTES: u64 = 2 << 30;

/// How files with machine code end, and those with bytecode.
const COMPONENT: &str = "cwasm";
const BYTECODE: &str = "bytecode";

/// A folder of compiled artifacts.
pub(crate) struct Cache {
    folder: PathBuf,
}

/// What an artifact is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// The key of some WebAssembly under an engine's configuration.
    pub(crate) fn new(engine: &Engine, content: &[u8]) -> Self {
        let mut configuration = std::hash::DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut configuration);
        let mut hash = Sha256::new();
        hash.update(FORMAT.to_le_bytes());
        hash.update(configuration.finish().to_le_bytes());
        hash.update(content);
        Self::of(hash)
    }

    /// The key of what the component of another key makes of these sources: paths with contents.
    pub(crate) fn of_sources<'a>(&self, sources: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut hash = Sha256::new();
        hash.update(&self.0);
        for (path, content) in sources {
            for part in [path.as_bytes(), content] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        Self::of(hash)
    }

    fn of(hash: Sha256) -> Self {
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of an artifact; lies beside it.
#[derive(PartialEq, Serialize, Deserialize)]
struct Record {
    key: String,
    #[serde(flatten)]
    measures: Measures,
}

/// Length and checksum.
#[derive(PartialEq, Serialize, Deserialize)]
struct Measures {
    bytes: u64,
    crc32: u32,
}

impl Measures {
    fn of(content: &[u8]) -> Self {
        Self { bytes: content.len() as u64, crc32: crc32fast::hash(content) }
    }
}

impl Cache {
    /// A cache in `folder`, which is created if it is not there.
    ///
    /// # Errors
    /// If the folder can't be created or read, or if others may write to it.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        create_private(&folder)?;
        refuse_shared(&folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The artifact of a key, if there is one to be trusted. Anything that is wrong with it is as if it were not there.
    pub(crate) fn component(&self, engine: &Engine, key: &Key) -> Option<Component> {
        let path = self.path(key, COMPONENT);
        if self.record(key)?.measures != measure(&path).ok()? {
            return None;
        }
        let component = artifact::map(engine, &path).ok()?;
        mark_as_used(&path);
        Some(component)
    }

    /// The bytecode of a key, in the same way.
    pub(crate) fn bytecode(&self, key: &Key) -> Option<Vec<u8>> {
        let path = self.path(key, BYTECODE);
        let content = fs::read(&path).ok()?;
        if self.record(key)?.measures != Measures::of(&content) {
            return None;
        }
        mark_as_used(&path);
        Some(content)
    }

    /// Keeps an artifact.
    ///
    /// # Errors
    /// If it can't be written; then nothing of it stays.
    pub(crate) fn put_component(&self, key: &Key, artifact: &[u8]) -> io::Result<()> {
        self.put(key, COMPONENT, artifact)
    }

    /// Keeps bytecode, in the same way.
    pub(crate) fn put_bytecode(&self, key: &Key, content: &[u8]) -> io::Result<()> {
        self.put(key, BYTECODE, content)
    }

    fn put(&self, key: &Key, ending: &str, content: &[u8]) -> io::Result<()> {
        let record = Record { key: key.0.clone(), measures: Measures::of(content) };
        self.write(&self.path(key, ending), content)?;
        self.write(&self.record_path(key), &serde_json::to_vec(&record)?)?;
        self.shrink_to(FOLDER_LIMIT_BYTES)
    }

    fn record(&self, key: &Key) -> Option<Record> {
        let record: Record = serde_json::from_slice(&fs::read(self.record_path(key)).ok()?).ok()?;
        (record.key == key.0).then_some(record)
    }

    fn path(&self, key: &Key, ending: &str) -> PathBuf {
        self.folder.join(format!("{key}.{ending}"))
    }

    fn record_path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = self.folder.join(format!("{}-{number}.tmp", process::id()));
        let written = fs::write(&temporary, content).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Removes the artifacts that were used least recently until the rest fits.
    fn shrink_to(&self, limit: u64) -> io::Result<()> {
        let mut artifacts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == COMPONENT || extension == BYTECODE) {
                // Another process may have removed it in the meantime.
                let Ok(metadata) = fs::metadata(&path) else { continue };
                artifacts.push((metadata.modified()?, metadata.len(), path));
            }
        }
        let mut total: u64 = artifacts.iter().map(|(_, bytes, _)| bytes).sum();
        artifacts.sort_unstable();
        for (_, bytes, path) in artifacts {
            if total <= limit {
                break;
            }
            let _ = fs::remove_file(path.with_extension("json"));
            let _ = fs::remove_file(&path);
            total -= bytes;
        }
        Ok(())
    }
}

/// The measures of a file.
fn measure(path: &Path) -> io::Result<Measures> {
    let mut file = fs::File::open(path)?;
    let mut checksum = crc32fast::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Measures { bytes, crc32: checksum.finalize() }),
            read => {
                checksum.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// So that what is in use is the last to be removed. A folder that can't be written just keeps its order.
fn mark_as_used(path: &Path) {
    let _ = fs::File::open(path).and_then(|file| file.set_modified(now()));
}

/// The machine's time, for the age of files.
#[expect(clippy::disallowed_methods, reason = "orders files by age across processes; nobody sees it as time")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Refuses a folder into which others may put artifacts.
#[cfg(unix)]
fn refuse_shared(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let reason =
        "others may write to it, and Hearth runs what it finds there: take that right away (chmod go-w)";
    Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
}

#[cfg(not(unix))]
fn refuse_shared(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SOURCE: &[u8] = b"(component)";

    struct Fixture {
        _folder: tempfile::TempDir,
        cache: Cache,
        engine: Engine,
        key: Key,
    }

    fn filled() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path().join("compiled")).expect("opens");
        let engine = Engine::default();
        let wasm = wat::parse_bytes(SOURCE).expect("valid text");
        let key = Key::new(&engine, &wasm);
        let artifact = engine.precompile_component(&wasm).expect("compiles");
        cache.put_component(&key, &artifact).expect("is written");
        Fixture { _folder: folder, cache, engine, key }
    }

    impl Fixture {
        fn hit(&self) -> bool {
            self.cache.component(&self.engine, &self.key).is_some()
        }

        fn change(&self, change: impl FnOnce(&mut Vec<u8>)) {
            let path = self.cache.path(&self.key, COMPONENT);
            let mut bytes = fs::read(&path).expect("is there");
            change(&mut bytes);
            fs::write(path, bytes).expect("is written");
        }
    }

    #[test]
    fn an_artifact_is_found_by_content_and_configuration() {
        let fixture = filled();
        assert!(fixture.hit());
        let other = Key::new(&fixture.engine, b"other");
        assert!(fixture.cache.component(&fixture.engine, &other).is_none());
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let configured = Engine::new(&config).expect("an engine");
        assert_ne!(Key::new(&configured, SOURCE), Key::new(&fixture.engine, SOURCE));
    }

    #[test]
    fn a_damaged_or_foreign_artifact_is_as_if_it_were_not_there() {
        let fixture = filled();
        fixture.change(|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert!(!fixture.hit(), "a flipped bit");

        let fixture = filled();
        fixture.change(|bytes| bytes.truncate(bytes.len() / 2));
        assert!(!fixture.hit(), "cut short");

        let fixture = filled();
        let other = Key::new(&fixture.engine, b"other");
        fs::copy(fixture.cache.path(&fixture.key, COMPONENT), fixture.cache.path(&other, COMPONENT))
            .expect("copied");
        fs::copy(fixture.cache.record_path(&fixture.key), fixture.cache.record_path(&other)).expect("copied");
        assert!(
            fixture.cache.component(&fixture.engine, &other).is_none(),
            "another's artifact under this name"
        );

        let fixture = filled();
        fs::remove_file(fixture.cache.record_path(&fixture.key)).expect("removed");
        assert!(!fixture.hit(), "no record");
    }

    #[test]
    fn bytecode_is_found_by_its_sources() {
        let fixture = filled();
        let key = |path, content: &'static [u8]| fixture.key.of_sources([(path, content)]);
        let own = key("app.py", b"pass");
        fixture.cache.put_bytecode(&own, b"code").expect("is written");
        assert_eq!(fixture.cache.bytecode(&own).as_deref(), Some(&b"code"[..]));
        for other in
            [key("app.py", b"pas"), key("app.pyp", b"ass"), own.of_sources([("app.py", &b"pass"[..])])]
        {
            assert_ne!(other, own);
            assert_eq!(fixture.cache.bytecode(&other), None);
        }
        fs::write(fixture.cache.path(&own, BYTECODE), b"cod3").expect("is written");
        assert_eq!(fixture.cache.bytecode(&own), None, "damaged");
    }

    #[test]
    fn the_oldest_make_room() {
        let fixture = filled();
        let young = Key::new(&fixture.engine, b"young");
        fixture.cache.put_bytecode(&young, b"1234").expect("is written");
        let age = |key: &Key, ending, seconds| {
            let file = fs::File::open(fixture.cache.path(key, ending)).expect("is there");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("is set");
        };
        age(&fixture.key, COMPONENT, 1);
        age(&young, BYTECODE, 2);
        fixture.cache.shrink_to(4).expect("shrinks");
        assert!(!fixture.cache.path(&fixture.key, COMPONENT).exists());
        assert!(fixture.cache.path(&young, BYTECODE).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("is set");
        assert!(Cache::open(folder.path().to_owned()).is_err());
    }
}
