//! The segments, for people.

use std::fs;

use super::{
    contents::Contents,
    folder::{segment_name, segments},
    restore::known_folder,
};
use crate::{
    journal::{Journal, NotLoaded, Unreadable},
    kept::KeptFiles,
};

/// Reads the files with what functions have logged, and changes nothing.
///
/// # Errors
/// If the journal cannot be read.
pub fn inspect_logs(journal: &Journal) -> Result<KeptFiles, NotLoaded> {
    let mut found = KeptFiles::default();
    let Some(folder) = known_folder(journal)? else { return Ok(found) };
    match segments(&folder) {
        Ok(numbers) => {
            for path in numbers.into_iter().map(|number| folder.join(segment_name(number))) {
                let (owner, bytes) = match fs::read(&path) {
                    Ok(bytes) => inspect(&bytes),
                    Err(error) => (None, Err(error.to_string())),
                };
                found.add(path, owner, bytes);
            }
        }
        Err(error) => found.add(folder, None, Err(error.to_string())),
    }
    Ok(found)
}

/// Whose a segment is, and how many bytes it has if it is whole.
fn inspect(bytes: &[u8]) -> (Option<String>, Result<u64, String>) {
    let whole = Ok(bytes.len() as u64);
    match Contents::read(bytes) {
        Ok(None) => (None, whole),
        Ok(Some(Contents { owner: (_, group), damaged, .. })) => {
            let damage = || format!("{damaged} of its parts cannot be read");
            (Some(format!("log group `{group}`")), if damaged == 0 { whole } else { Err(damage()) })
        }
        Err(Unreadable { reason }) => (None, Err(reason)),
    }
}
