//! The files with code, for people.

use std::{collections::BTreeMap, fmt::Display, fs, io};

use hearth_engine::{
    journal::{Journal, NotLoaded, Unreadable},
    kept::KeptFiles,
};
use sha2::{Digest, Sha256};

use super::{
    FUNCTIONS, LAYER_VERSIONS, VERSIONS,
    content::VersionDocument,
    files::{FOLDER, Hash, file_name},
    function::FunctionDocument,
    layers::LayerVersionDocument,
    read_number,
};
use crate::kept::{read, read_prefix, unreadable};

/// Reads the files with the code of functions and layers that a journal's entries name, and changes nothing. Each is compared with
/// its hash.
///
/// # Errors
/// If entries cannot be read.
pub fn inspect_code(journal: &Journal) -> Result<KeptFiles, NotLoaded> {
    let mut named = Named(BTreeMap::new());
    journal.load(FUNCTIONS, |key, value| {
        let (_, name) = read_prefix(key)?;
        let FunctionDocument::V1(function) = read(value)?;
        named.note(function.codes(), || format!("function `{}`", name.escape_ascii()));
        Ok(())
    })?;
    journal.load(VERSIONS, |key, value| {
        let (name, number) = numbered(key)?;
        let VersionDocument::V1(version) = read(value)?;
        named.note(version.codes(), || format!("version {number} of function `{name}`"));
        Ok(())
    })?;
    journal.load(LAYER_VERSIONS, |key, value| {
        let (name, number) = numbered(key)?;
        let LayerVersionDocument::V1(version) = read(value)?;
        named.note([version.code], || format!("version {number} of layer `{name}`"));
        Ok(())
    })?;
    let Some(folder) = journal.folder() else { return Ok(KeptFiles::default()) };
    let mut found = KeptFiles::default();
    for (hash, owner) in named.0 {
        let path = folder.join(FOLDER).join(file_name(&hash));
        let state = match fs::read(&path) {
            Ok(bytes) if Hash::from(Sha256::digest(&bytes)) == hash => Ok(bytes.len() as u64),
            Ok(_) => Err("its content is not what was written".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is missing".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        found.add(path, Some(owner), state);
    }
    Ok(found)
}

/// The files that entries name, and what needs each of them first.
struct Named(BTreeMap<Hash, String>);

impl Named {
    fn note(&mut self, codes: impl IntoIterator<Item = Hash>, owner: impl Fn() -> String) {
        for hash in codes {
            self.0.entry(hash).or_insert_with(&owner);
        }
    }
}

/// What the key of a version names, and its number.
fn numbered(key: &[u8]) -> Result<(impl Display, u64), Unreadable> {
    let (_, rest) = read_prefix(key)?;
    let (name, number) = read_number(rest).ok_or_else(|| unreadable("its key names no version"))?;
    Ok((name.escape_ascii(), number))
}
