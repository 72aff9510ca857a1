//! Code as files: one for each, named by its hash.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use hearth_engine::journal::Journal;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::lambda::Code;

/// The hash of a zip.
pub(in crate::lambda) type Hash = [u8; 32];

/// The files with code; nothing is kept if there is no folder for them. Clones are the same files.
///
/// Who is about to refer to code [keeps](Self::keep) it first, and holds the [`Pin`] until an entry refers to it. Who may have
/// given up the last reference lets the files be [swept](Self::sweep).
#[derive(Clone, Debug, Default)]
pub(in crate::lambda) struct CodeFiles(Option<Arc<Files>>);

#[derive(Debug)]
struct Files {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    present: BTreeSet<Hash>,
    /// Files that somebody is about to refer to, and how many do.
    pinned: BTreeMap<Hash, usize>,
    /// How many pins there have been.
    pins: u64,
    /// Files that nobody refers to, and which sweep has found that.
    doomed: BTreeMap<Hash, u64>,
    sweeps: u64,
}

/// Code that stays, whether an entry refers to it or not, as long as this lives.
#[derive(Debug, Default)]
#[must_use = "the file may go as soon as its pin is dropped"]
pub(in crate::lambda) struct Pin(Option<(Arc<Files>, Vec<Hash>)>);

/// Files that nobody refers to. To be removed when it is kept that nobody does.
#[derive(Debug)]
#[must_use = "the files stay as long as nobody removes them"]
pub(in crate::lambda) struct Sweep {
    files: Arc<Files>,
    number: u64,
}

/// Beside the journal.
pub(super) const FOLDER: &str = "code";

impl CodeFiles {
    /// The files in a subfolder of the journal's folder.
    pub(in crate::lambda) fn of(journal: &Journal) -> Self {
        Self(
            journal
                .folder()
                .map(|folder| Arc::new(Files { folder: folder.join(FOLDER), state: Mutex::default() })),
        )
    }

    /// Whether there is anywhere to keep code.
    pub(in crate::lambda) const fn is_durable(&self) -> bool {
        self.0.is_some()
    }

    /// Sees to it that there is a file for each of these. Blocks for as long as hashing and writing takes.
    pub(in crate::lambda) fn keep(&self, codes: &[Arc<Code>]) -> io::Result<Pin> {
        let Some(files) = &self.0 else { return Ok(Pin(None)) };
        let hashes: Vec<_> = codes.iter().map(|code| code.digest().sha256).collect();
        let pin = files.pin(hashes);
        for code in codes {
            files.write(code)?;
        }
        Ok(pin)
    }

    /// What is in a file, if it is what was written.
    pub(in crate::lambda) fn read(&self, hash: Hash) -> Result<Bytes, String> {
        let files = self.0.as_ref().ok_or("there is no folder with code")?;
        let path = files.path(&hash);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        if Hash::from(Sha256::digest(&bytes)) != hash {
            return Err(format!("`{}` is damaged: its name is not its hash", path.display()));
        }
        files.state.lock().present.insert(hash);
        Ok(bytes.into())
    }

    /// Removes everything but these files: what an earlier process did not come to refer to, or to remove.
    pub(in crate::lambda) fn clean(&self, used: &BTreeSet<Hash>) -> io::Result<()> {
        let Some(files) = &self.0 else { return Ok(()) };
        let entries = match fs::read_dir(&files.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        let used: BTreeSet<_> = used.iter().map(file_name).collect();
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_str().is_none_or(|name| !used.contains(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Finds files that nobody refers to; `used` tells all to which somebody does, and is asked without a lock.
    pub(in crate::lambda) fn sweep(&self, used: impl FnOnce() -> BTreeSet<Hash>) -> Option<Sweep> {
        let files = self.0.as_ref()?;
        // Before asking: who lets go of a pin meanwhile has made a reference that may not have been seen.
        let (pins, pinned) = {
            let state = files.state.lock();
            (state.pins, state.pinned.keys().copied().collect::<BTreeSet<_>>())
        };
        let used = used();
        let mut state = files.state.lock();
        // Somebody has begun to refer to code meanwhile, and will let the files be swept afterwards.
        if state.pins != pins {
            return None;
        }
        state.sweeps += 1;
        let number = state.sweeps;
        let unused = state.present.iter().filter(|hash| !used.contains(*hash) && !pinned.contains(*hash));
        let unused: Vec<_> = unused.copied().collect();
        if unused.is_empty() {
            return None;
        }
        state.doomed.extend(unused.into_iter().map(|hash| (hash, number)));
        Some(Sweep { files: Arc::clone(files), number })
    }
}

impl Sweep {
    /// Removes the files, but those that somebody refers to by now.
    pub(in crate::lambda) fn remove(self) {
        let mut state = self.files.state.lock();
        let mine = state.doomed.extract_if(.., |_, number| *number <= self.number);
        for hash in mine.map(|(hash, _)| hash).collect::<Vec<_>>() {
            let path = self.files.path(&hash);
            match fs::remove_file(&path) {
                Ok(()) => drop(state.present.remove(&hash)),
                Err(error) => {
                    tracing::warn!(%error, path = %path.display(), "code that nothing needs is still there");
                }
            }
        }
    }
}

impl Files {
    fn pin(self: &Arc<Self>, hashes: Vec<Hash>) -> Pin {
        let mut state = self.state.lock();
        state.pins += 1;
        for hash in &hashes {
            *state.pinned.entry(*hash).or_default() += 1;
            state.doomed.remove(hash);
        }
        Pin(Some((Arc::clone(self), hashes)))
    }

    /// Writes a file that is pinned, unless it is there.
    fn write(&self, code: &Code) -> io::Result<()> {
        let hash = code.digest().sha256;
        if self.state.lock().present.contains(&hash) {
            return Ok(());
        }
        create(&self.folder)?;
        // A name of its own: somebody else may be writing the same.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&code.zip())?;
        file.as_file().sync_all()?;
        file.persist(self.path(&hash)).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()?;
        self.state.lock().present.insert(hash);
        Ok(())
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        self.folder.join(file_name(hash))
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let Some((files, hashes)) = self.0.take() else { return };
        let mut state = files.state.lock();
        for hash in hashes {
            if let Some(count) = state.pinned.get_mut(&hash) {
                *count -= 1;
                if *count == 0 {
                    state.pinned.remove(&hash);
                }
            }
        }
    }
}

pub(super) fn file_name(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).chain([".zip".to_owned()]).collect()
}

/// Makes the folder, and sees to it that it is still there when the machine's power fails.
fn create(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearth_engine::{
        package::{Package, PackageFile, PackagePath},
        testing::MemoryStorage,
    };
    use tempfile::TempDir;

    use super::*;

    fn code(text: &'static str) -> Arc<Code> {
        let path = PackagePath::parse("app.py").expect("a path");
        let file = PackageFile { content: Bytes::from_static(text.as_bytes()) };
        Arc::new(Code::of(Arc::new(Package::new(BTreeMap::from([(path, file)])).expect("a package"))))
    }

    fn files(folder: &TempDir) -> CodeFiles {
        let storage = MemoryStorage::default().with_folder(folder.path().to_owned());
        CodeFiles::of(&Journal::on(Arc::new(storage)))
    }

    fn names(folder: &TempDir) -> usize {
        fs::read_dir(folder.path().join(FOLDER)).map_or(0, Iterator::count)
    }

    #[test]
    fn code_comes_back_and_damage_is_told() {
        let folder = TempDir::new().expect("a folder");
        let code = code("one");
        let hash = code.digest().sha256;
        let _pin = files(&folder).keep(&[Arc::clone(&code), Arc::clone(&code)]).expect("it is written");
        let files = files(&folder);
        assert_eq!(files.read(hash), Ok(code.zip()));
        let path = folder.path().join(FOLDER).join(file_name(&hash));
        fs::write(&path, b"something else").expect("it is written");
        assert!(files.read(hash).expect_err("it is damaged").contains("its name is not its hash"));
        fs::remove_file(&path).expect("it is there");
        assert!(files.read(hash).expect_err("it is gone").starts_with("cannot read `"));
    }

    #[test]
    fn what_nobody_refers_to_goes_when_that_is_kept() {
        let folder = TempDir::new().expect("a folder");
        let files = files(&folder);
        let [used, unused, again] = ["used", "unused", "again"].map(code);
        let all = [&used, &unused, &again].map(Arc::clone);
        drop(files.keep(&all).expect("they are written"));
        let sweep = files.sweep(|| BTreeSet::from([used.digest().sha256])).expect("two are not used");
        let _pin = files.keep(&[Arc::clone(&again)]).expect("it is there");
        assert_eq!(names(&folder), 3);
        sweep.remove();
        assert_eq!(names(&folder), 2);
        assert!(files.read(again.digest().sha256).is_ok() && files.read(used.digest().sha256).is_ok());
        // One that was removed is written again.
        drop(files.keep(&[unused]).expect("it is written"));
        assert_eq!(names(&folder), 3);
    }

    #[test]
    fn nothing_is_swept_while_somebody_begins_to_refer_to_it() {
        let folder = TempDir::new().expect("a folder");
        let files = files(&folder);
        let code = code("one");
        drop(files.keep(&[Arc::clone(&code)]).expect("it is written"));
        let sweep = files.sweep(|| {
            drop(files.keep(&[Arc::clone(&code)]).expect("it is there"));
            BTreeSet::new()
        });
        assert!(sweep.is_none());
        let pin = files.keep(&[code]).expect("it is there");
        assert!(files.sweep(BTreeSet::new).is_none());
        // Whoever let go of it has made a reference.
        let sweep = files.sweep(|| {
            drop(pin);
            BTreeSet::new()
        });
        assert!(sweep.is_none());
        files.sweep(BTreeSet::new).expect("it is not used").remove();
        assert_eq!(names(&folder), 0);
    }

    #[test]
    fn what_a_process_left_behind_is_cleaned_up() {
        let folder = TempDir::new().expect("a folder");
        let files = files(&folder);
        files.clean(&BTreeSet::new()).expect("there is no folder yet");
        let [used, unused] = ["used", "unused"].map(code);
        drop(files.keep(&[Arc::clone(&used), unused]).expect("they are written"));
        fs::write(folder.path().join(FOLDER).join(".tmpabc"), b"half").expect("it is written");
        files.clean(&BTreeSet::from([used.digest().sha256])).expect("it is cleaned");
        assert_eq!(names(&folder), 1);
        assert!(files.read(used.digest().sha256).is_ok());
    }
}
