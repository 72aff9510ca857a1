//! Where an event comes from.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use bytes::Bytes;
use hearth_model::limits;
use serde::de::IgnoredAny;

use super::error::CommandError;

/// Reads what the user gave: `-` is stdin, a file that exists is read, and JSON is taken as it is.
pub(super) fn read(given: Option<&str>) -> Result<Bytes, CommandError> {
    let Some(given) = given else { return Ok(Bytes::from_static(b"{}")) };
    if given == "-" {
        return read_all(io::stdin().lock())
            .map_err(|source| CommandError::Event { from: "stdin".to_owned(), source });
    }
    let json = serde_json::from_str::<IgnoredAny>(given);
    if json.is_ok() && !Path::new(given).exists() {
        return Ok(Bytes::copy_from_slice(given.as_bytes()));
    }
    match (fs::File::open(given).and_then(read_all), json) {
        (Ok(event), _) => Ok(event),
        (Err(error), Err(json)) if is_no_file(&error) => {
            Err(CommandError::Usage(format!("the event `{given}` is neither a file nor JSON: {json}")))
        }
        (Err(source), _) => Err(CommandError::Event { from: format!("`{given}`"), source }),
    }
}

fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename)
}

/// Reads to the end, or to just above the limit, which is enough to be told that it is too much.
fn read_all(reader: impl Read) -> io::Result<Bytes> {
    let mut event = Vec::new();
    reader.take(limits::SYNCHRONOUS_REQUEST_BYTES as u64 + 1).read_to_end(&mut event)?;
    Ok(event.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_files_or_json() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("event.json");
        fs::write(&file, "{\"from\": \"a file\"}").expect("written");
        let file = file.to_str().expect("text");
        assert_eq!(read(Some(file)).expect("a file"), "{\"from\": \"a file\"}");
        assert_eq!(read(Some("{\"a\": [1]}")).expect("an object"), "{\"a\": [1]}");
        assert_eq!(read(Some("7")).expect("a number"), "7");
        assert_eq!(read(None).expect("the default"), "{}");
        let error = read(Some("{\"a\": ")).expect_err("broken").to_string();
        let expected =
            "the event `{\"a\": ` is neither a file nor JSON: EOF while parsing a value at line 1 column 6";
        assert_eq!(error, expected);
        let long = format!("[{}", "1,".repeat(10_000));
        assert!(read(Some(&long)).expect_err("no file can be called so").to_string().contains("nor JSON"));
    }

    #[test]
    fn no_more_is_read_than_can_be_used() {
        let event = read_all(io::repeat(b' ')).expect("endless");
        assert_eq!(event.len(), limits::SYNCHRONOUS_REQUEST_BYTES + 1);
    }
}
