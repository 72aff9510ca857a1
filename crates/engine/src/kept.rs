//! How entries of the [journal](crate::journal) are written, and read.
//!
//! An entry's key begins with the account and the region that it belongs to. Its value is a `postcard` document, an enum with
//! a variant for each form that it ever had: a later Hearth reads what an earlier one wrote, and writes it in its own form when it
//! changes.

use std::path::PathBuf;

use hearth_model::identity::{AccountId, Partition, Region};
use serde::{Deserialize, Serialize};

use crate::journal::Unreadable;

/// Files beside the journal, as people are told of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFiles {
    /// Those that are as they should be.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Those that are not.
    pub damaged: Vec<DamagedFile>,
}

/// A file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedFile {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
    /// What needs it, if that is known: the first of several.
    pub owner: Option<String>,
}

impl KeptFiles {
    /// Adds a file that is as it should be, with its size, or is not.
    pub fn add(&mut self, path: PathBuf, owner: Option<String>, found: Result<u64, String>) {
        match found {
            Ok(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            Err(reason) => self.damaged.push(DamagedFile { path, reason, owner }),
        }
    }
}

/// How the keys of a partition begin.
#[must_use]
pub fn prefix(Partition { account, region }: &Partition) -> Vec<u8> {
    format!("{account}/{region}/").into_bytes()
}

/// Reads the beginning of a key; what follows it is the service's.
///
/// # Errors
/// If it names no account and region.
pub fn read_prefix(key: &[u8]) -> Result<(Partition, &[u8]), Unreadable> {
    let parts = || {
        let (account, rest) = split(key)?;
        let (region, rest) = split(rest)?;
        Some((Partition { account: AccountId::parse(account)?, region: Region::parse(region)? }, rest))
    };
    parts().ok_or_else(|| unreadable("its key names no account and region"))
}

/// Writes a value.
///
/// # Panics
/// Never, if all of its parts have a known length.
#[must_use]
pub fn write(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("memory takes everything that has a known length")
}

/// Reads a value.
///
/// # Errors
/// If it is none, or something follows it.
pub fn read<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, Unreadable> {
    let (read, rest) = postcard::take_from_bytes(value)
        .map_err(|error| unreadable(format!("its value is damaged, or of a later Hearth: {error}")))?;
    if rest.is_empty() { Ok(read) } else { Err(unreadable("its value has something after its end")) }
}

/// An entry cannot be used.
pub fn unreadable(reason: impl Into<String>) -> Unreadable {
    Unreadable { reason: reason.into() }
}

fn split(key: &[u8]) -> Option<(&str, &[u8])> {
    let end = key.iter().position(|byte| *byte == b'/')?;
    Some((str::from_utf8(&key[..end]).ok()?, &key[end + 1..]))
}
