//! Files. Errors have the kind of the operating system's error as their type.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use hearth_lambda::Error;
use serde_json::{Value, json};

/// How much of a file an answer shows.
const EXCERPT_BYTES: usize = 256;

pub(crate) fn read(path: &Path) -> Result<Value, Error> {
    let content = fs::read(path).map_err(|error| at(path, &error))?;
    let excerpt = &content[..content.len().min(EXCERPT_BYTES)];
    Ok(json!({ "bytes": content.len(), "excerpt": String::from_utf8_lossy(excerpt) }))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<Value, Error> {
    fs::write(path, text).map_err(|error| at(path, &error))?;
    Ok(json!({ "written": text.len() }))
}

pub(crate) fn list(path: &Path) -> Result<Value, Error> {
    let names = fs::read_dir(path)
        .and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        })
        .map_err(|error| at(path, &error))?;
    let mut names: Vec<String> = names;
    names.sort();
    Ok(json!({ "names": names }))
}

pub(crate) fn remove(path: &Path) -> Result<Value, Error> {
    fs::remove_file(path).map_err(|error| at(path, &error))?;
    Ok(json!({ "removed": path }))
}

pub(crate) fn rename(from: &Path, to: &Path) -> Result<Value, Error> {
    fs::rename(from, to).map_err(|error| at(from, &error))?;
    Ok(json!({ "renamed": to }))
}

pub(crate) fn hard_link(from: &Path, to: &Path) -> Result<Value, Error> {
    fs::hard_link(from, to).map_err(|error| at(to, &error))?;
    Ok(json!({ "linked": to }))
}

#[expect(deprecated, reason = "the only way to a symbolic link that the standard library has on WASI")]
pub(crate) fn symlink(target: &Path, path: &Path) -> Result<Value, Error> {
    fs::soft_link(target, path).map_err(|error| at(path, &error))?;
    Ok(json!({ "linked": path }))
}

/// Opens files until there are `count` or the system refuses; says how far it came and why.
pub(crate) fn open_many(count: usize) -> Result<Value, Error> {
    let mut open = Vec::new();
    let mut refusal = None;
    while open.len() < count && refusal.is_none() {
        match File::create(format!("/tmp/open-{}", open.len())) {
            Ok(file) => open.push(file),
            Err(error) => refusal = Some(error.to_string()),
        }
    }
    let opened = open.len();
    drop(open);
    for number in 0..opened {
        remove(Path::new(&format!("/tmp/open-{number}")))?;
    }
    Ok(json!({ "opened": opened, "error": refusal }))
}

fn at(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("{:?}", error.kind()), format!("{}: {error}", path.display()))
}
