//! What is in a folder, for people.

use crate::{
    database::{Database, DatabaseFailure, Found},
    error::OpenError,
    folder::{Folder, io_error},
};

/// What is in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The size of the file with the entries, in bytes.
    pub file_bytes: u64,
    /// Whether every part of that file is as it was written.
    pub whole: bool,
    /// What services have recorded, in the order of names.
    pub streams: Vec<StreamInspection>,
}

/// What a service has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInspection {
    /// What it is, such as `sqs.messages`.
    pub name: String,
    /// Entries that can be read.
    pub entries: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Entries that cannot be read.
    pub damaged: u64,
}

impl Inspection {
    /// Reads everything that is in a folder, and changes nothing.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn of(folder: &Folder) -> Result<Self, OpenError> {
        // On its own: where the check fails as a whole, entries can be read all the same.
        let whole = Database::open(folder.path())?.is_whole().unwrap_or(false);
        let database = Database::open(folder.path())?;
        let file = database.file().to_owned();
        let damaged = |DatabaseFailure(reason)| OpenError::Damaged { file: file.clone(), reason };
        let view = database.view().map_err(damaged)?;
        let names = view.streams().map_err(damaged)?;
        let stream = |name: String| {
            let mut found = Found::default();
            view.read(&name, |key, value| match value {
                Some(value) => found.add(key, value),
                None => found.damaged += 1,
            })?;
            let Found { entries, bytes, damaged } = found;
            Ok(StreamInspection { name, entries, bytes, damaged })
        };
        let streams = names.into_iter().map(stream).collect::<Result<_, _>>().map_err(damaged)?;
        let file_bytes = file.metadata().map_err(io_error(&file))?.len();
        Ok(Self { file_bytes, whole, streams })
    }
}

impl Inspection {
    /// Whether everything that is there can be used.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.whole && self.streams.iter().all(|stream| stream.damaged == 0)
    }
}

impl Found {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.entries += 1;
        self.bytes +=
            [key, value].iter().map(|part| u64::try_from(part.len()).expect("a usize fits")).sum::<u64>();
    }
}
