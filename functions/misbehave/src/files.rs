//! Files. Errors have the kind of the operating system's error as their type.

use std::{fs, io, path::Path};

use hearth_lambda::Error;
use serde_json::{Value, json};
use wasip2::filesystem::{
    preopens::get_directories,
    types::{DescriptorFlags, OpenFlags, PathFlags},
};

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

/// Opens one file so many times. Straight on WASI, because the adapter from preview 1 has room for 128.
pub(crate) fn open_many(count: usize) -> Result<Value, Error> {
    const NAME: &str = "open-files";
    let folders = get_directories();
    let Some((tmp, _)) = folders.iter().find(|(_, path)| path == "/tmp") else {
        return Err(Error::new("NotFound", "there is no /tmp"));
    };
    let mut open = Vec::new();
    while open.len() < count {
        let file = tmp.open_at(
            PathFlags::empty(),
            NAME,
            OpenFlags::CREATE,
            DescriptorFlags::READ | DescriptorFlags::WRITE,
        );
        open.push(file.map_err(|code| {
            Error::new(code.name(), format!("cannot open file {}: {code}", open.len() + 1))
        })?);
    }
    drop(open);
    tmp.unlink_file_at(NAME)?;
    Ok(json!({ "opened": count }))
}

fn at(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("{:?}", error.kind()), format!("{}: {error}", path.display()))
}
