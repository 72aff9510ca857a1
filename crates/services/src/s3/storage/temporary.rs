//! A folder for as long as the process lives.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use tempfile::TempDir;

/// A folder that goes with this. A process that is killed leaves it behind, and one that makes another [clears](clear) it away.
#[derive(Debug)]
pub(super) struct Temporary {
    /// Before the lock: it is gone by the time that anybody could take it for one that was left behind.
    folder: TempDir,
    /// Locked; the system lets go of it with the process, however that ends.
    _lock: File,
}

const PREFIX: &str = "hearth-objects-";
const LOCK: &str = "lock";

impl Temporary {
    /// Makes one in this folder.
    pub(super) fn make_in(parent: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // Locked before it has its name: whoever finds it can have it only if nobody does.
        let unlocked = folder.path().join("unlocked");
        let lock = File::create_new(&unlocked)?;
        lock.lock()?;
        fs::rename(unlocked, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what processes that were killed have left in a folder. Blocks.
pub(super) fn clear(parent: &Path) {
    // What cannot be looked at is somebody else's.
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        let left = File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if left && let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(%error, path = %path.display(), "what another Hearth has left is still there");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem;

    use super::*;

    #[test]
    fn what_is_left_behind_is_cleared_away_and_nothing_else() {
        let parent = TempDir::new().expect("a folder");
        let mine = Temporary::make_in(parent.path()).expect("a folder");
        let Temporary { mut folder, _lock: lock } = Temporary::make_in(parent.path()).expect("a folder");
        fs::write(folder.path().join("1"), "content").expect("it is written");
        // As if its process had been killed.
        folder.disable_cleanup(true);
        let left = folder.path().to_owned();
        mem::drop((folder, lock));
        for other in ["hearth-objects-of-others", "other"] {
            fs::create_dir(parent.path().join(other)).expect("it is made");
        }
        clear(parent.path());
        assert!(mine.path().exists() && !left.exists());
        assert_eq!(fs::read_dir(parent.path()).expect("a folder").count(), 3);
        let path = mine.path().to_owned();
        drop(mine);
        assert!(!path.exists());
    }
}
