//! From a folder of an earlier format to one of this format.
//!
//! Most changes need none of this: each entry says in which form it is written, and whoever reads it knows all forms that there ever
//! were. The format of the folder changes only with what files there are, and what is in them besides entries. Then
//!
//! 1. add one to [`Folder::FORMAT`](crate::Folder::FORMAT): from then on this file does not compile until
//! 2. [`STEPS`] has a step from the format before. It is given the folder, locked, and changes it in place. Whatever ends the process in
//!    the middle, the step is made again: so it must begin with what it may already have done. It removes what it has replaced last, and
//!    flushes what it writes. An archive that was exported in an earlier format is unpacked, with its entries in today's file, and then
//!    goes through the same steps.
//! 3. Keep `fixtures/state/format-N.zip` of the format before as it is, and add one of the new format: `just state-fixture`. The test
//!    that reads them all (`formats` of the tests of `hearth`) then goes through the step with something of every service.

use std::path::Path;

use crate::{error::OpenError, folder::Folder};

/// Makes of a folder of one format one of the next.
pub(crate) type Step = fn(&Path) -> Result<(), OpenError>;

/// The first one makes format 2 of format 1.
pub(crate) const STEPS: [Step; Folder::FORMAT as usize - 1] = [];

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::folder::io_error;

    /// What was in `old` is in `new`.
    fn rename(folder: &Path) -> Result<(), OpenError> {
        let (old, new) = (folder.join("old"), folder.join("new"));
        if old.exists() { fs::rename(&old, &new).map_err(io_error(&old)) } else { Ok(()) }
    }

    /// What is in `new` is written twice.
    fn double(folder: &Path) -> Result<(), OpenError> {
        let (from, to) = (folder.join("new"), folder.join("twice"));
        let text = fs::read_to_string(&from).map_err(io_error(&from))?;
        fs::write(&to, text.repeat(2)).map_err(io_error(&to))
    }

    fn folder(format: &str) -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("format"), format).expect("written");
        fs::write(folder.path().join("old"), "text").expect("written");
        folder
    }

    fn read(folder: &TempDir, file: &str) -> Option<String> {
        fs::read_to_string(folder.path().join(file)).ok()
    }

    #[test]
    fn a_folder_goes_through_all_formats_since_its_own() {
        let folder = folder("1\n");
        for _ in 0..2 {
            let open = Folder::open_with(folder.path(), &[rename, double]).expect("it is taken over");
            assert!(!open.is_new());
            assert_eq!(read(&folder, "twice").as_deref(), Some("texttext"));
            assert_eq!(read(&folder, "format").as_deref(), Some("3\n"));
        }
        assert_eq!(read(&folder, "old"), None);
        let refused =
            Folder::open_with(folder.path(), &[rename]).expect_err("that one is of an earlier time");
        assert!(matches!(refused, OpenError::TooNew { found: 3, known: 2, .. }), "{refused}");
        assert_eq!(read(&folder, "format").as_deref(), Some("3\n"));
    }

    #[test]
    fn a_step_that_does_not_succeed_is_made_again() {
        let folder = folder("1");
        fs::rename(folder.path().join("old"), folder.path().join("new"))
            .expect("as if it had died after that");
        fs::create_dir(folder.path().join("twice")).expect("an obstacle");
        let failed = Folder::open_with(folder.path(), &[rename, double]).expect_err("it cannot be written");
        assert!(matches!(failed, OpenError::Io { .. }), "{failed}");
        assert_eq!(read(&folder, "format").as_deref(), Some("2\n"), "the first step is made");
        fs::remove_dir(folder.path().join("twice")).expect("it is there");
        Folder::open_with(folder.path(), &[|_| panic!("it is made"), double]).expect("it is taken over");
        assert_eq!(read(&folder, "twice").as_deref(), Some("texttext"));
    }

    #[test]
    fn what_is_new_begins_with_the_latest_format() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut open = Folder::open_with(folder.path(), &[|_| panic!("there is nothing to take over")])
            .expect("it is nobody's");
        assert!(open.is_new());
        open.establish().expect("it can be written");
        assert_eq!(read(&folder, "format").as_deref(), Some("2\n"));
    }

    #[test]
    fn no_format_is_damage() {
        for text in ["", "0", "-1", "one", "1 2"] {
            let folder = folder(text);
            let refused = Folder::open_with(folder.path(), &[rename]).expect_err("it says nothing");
            assert!(matches!(refused, OpenError::Damaged { .. }), "{text}: {refused}");
            assert_eq!(read(&folder, "old").as_deref(), Some("text"));
        }
    }
}
