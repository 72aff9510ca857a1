//! What is kept at a moment, while a process goes on changing it.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use tempfile::TempDir;

use crate::{
    archive::{self, ArchiveError, at},
    database::View,
    folder::{EXPORTS, Folder},
};

/// What is kept at a moment: entries, and the files that they name. The files are there under names of their own, whatever becomes
/// of them in the folder.
pub struct Snapshot {
    view: View,
    names: Vec<String>,
    /// Each file under its place among the names. Goes with this.
    files: TempDir,
}

impl Snapshot {
    /// Takes files as they are. As long as no change is written meanwhile, all that entries name are among them: they are there
    /// before an entry names them, and go when it is kept that none does.
    pub(crate) fn take(folder: &Folder, view: View) -> Result<Self, ArchiveError> {
        let path = folder.path();
        let files = tempfile::Builder::new().prefix(EXPORTS).tempdir_in(path).map_err(at(path))?;
        let mut names = Vec::new();
        for name in folder.files().map_err(at(path))? {
            let source = path.join(&name);
            match share(&source, &files.path().join(names.len().to_string())) {
                Ok(()) => names.push(name),
                // No entry names it, or it would still be there.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(at(&source)(error)),
            }
        }
        Ok(Self { view, names, files })
    }

    /// Writes all of it as an archive that [`import`](crate::import) makes a folder of. Blocks.
    ///
    /// # Errors
    /// If something is damaged, or nobody takes what is written.
    pub fn write(self, to: impl Write) -> Result<(), ArchiveError> {
        let Self { view, names, files } = self;
        let there = names.into_iter().enumerate();
        let files = there.map(|(number, name)| (files.path().join(number.to_string()), name));
        let mut written = archive::write(&view, files, to, Path::new("the archive"))?;
        written.flush().map_err(at(Path::new("the archive")))
    }
}

/// Gives a file another name. Where one cannot have two, it is copied: nobody changes what is in it, though log lines may be added.
fn share(source: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(source, target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => fs::copy(source, target).map(drop),
        linked => linked,
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("files", &self.names.len()).finish_non_exhaustive()
    }
}
