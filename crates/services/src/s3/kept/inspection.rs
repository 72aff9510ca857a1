//! The files of objects, for people.

use std::{collections::BTreeMap, fs};

use hearth_engine::journal::{Journal, NotLoaded};

use super::{
    PARTS, VERSIONS,
    object::{PartDocument, VersionDocument},
};
use crate::{
    kept::read,
    s3::storage::{FileName, KeptPiece},
};

/// The files with the content of objects and parts that a journal's entries name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptFiles {
    /// Those that are there.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Those that are not, or not all of them.
    pub lost: u64,
}

impl KeptFiles {
    /// Looks at them, and changes nothing.
    ///
    /// # Errors
    /// If entries cannot be read.
    pub fn inspect(journal: &Journal) -> Result<Self, NotLoaded> {
        let Some(folder) = journal.folder() else { return Ok(Self::default()) };
        let mut named: BTreeMap<FileName, u64> = BTreeMap::new();
        let mut note = |pieces: Vec<KeptPiece>| {
            for KeptPiece { file, start, bytes } in pieces {
                let end = named.entry(file).or_default();
                *end = start.saturating_add(bytes).max(*end);
            }
        };
        journal.load(VERSIONS, |_, value| {
            let VersionDocument::V1(version) = read(value)?;
            note(version.pieces());
            Ok(())
        })?;
        journal.load(PARTS, |_, value| {
            let PartDocument::V1(part) = read(value)?;
            note(part.pieces());
            Ok(())
        })?;
        let mut found = Self::default();
        for (file, bytes) in named {
            match fs::metadata(folder.join(file.to_string())) {
                Ok(metadata) if metadata.len() >= bytes => {
                    found.files += 1;
                    found.bytes += metadata.len();
                }
                Ok(_) | Err(_) => found.lost += 1,
            }
        }
        Ok(found)
    }
}
