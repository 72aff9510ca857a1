//! Makes a thumbnail of a JPEG or PNG.

use std::{env, fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use hearth_lambda::{Context, Error, handler};
use serde::{Deserialize, Serialize};

mod scale;

/// Pixels may take half of the function's memory: the event and the answer need room too.
const PIXEL_SHARE: u64 = 2;

#[derive(Deserialize)]
struct Event {
    image_base64: Option<String>,
    path: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Answer {
    width: u32,
    height: u32,
    input_width: u32,
    input_height: u32,
    input_format: &'static str,
    /// A JPEG.
    image_base64: String,
}

fn handle(event: Event, _: &Context) -> Result<Answer, Error> {
    let image = match (event.image_base64, event.path) {
        (Some(text), None) => BASE64_STANDARD
            .decode(text)
            .map_err(|error| Error::new("InvalidBase64", format!("`image_base64` is not base64: {error}")))?,
        (None, Some(path)) => fs::read(&path).map_err(|error| {
            Error::new("CannotReadFile", format!("cannot read {}: {error}", path.display()))
        })?,
        _ => {
            let message = "the event must have either `image_base64` or `path`";
            return Err(Error::new("ValidationError", message));
        }
    };
    let thumbnail = scale::thumbnail(&image, memory_bytes() / PIXEL_SHARE)?;
    Ok(Answer {
        width: thumbnail.width,
        height: thumbnail.height,
        input_width: thumbnail.input_width,
        input_height: thumbnail.input_height,
        input_format: thumbnail.input_format,
        image_base64: BASE64_STANDARD.encode(thumbnail.jpeg),
    })
}

/// The memory that the function is configured with.
fn memory_bytes() -> u64 {
    const DEFAULT_MIB: u64 = 128;
    let configured = env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").ok().and_then(|mib| mib.parse().ok());
    configured.unwrap_or(DEFAULT_MIB) * 1024 * 1024
}

handler!(handle);

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: &[u8] = include_bytes!("../../../fixtures/astronaut.jpg");

    fn error_type(image_base64: Option<&str>, path: Option<&str>) -> String {
        let event = Event { image_base64: image_base64.map(Into::into), path: path.map(Into::into) };
        handle(event, &Context::default()).unwrap_err().error_type().to_owned()
    }

    #[test]
    fn a_photograph_becomes_smaller() {
        let event = Event { image_base64: Some(BASE64_STANDARD.encode(PHOTO)), path: None };
        let answer = handle(event, &Context::default()).unwrap();
        assert_eq!((answer.width, answer.height), (320, 320));
        assert_eq!((answer.input_width, answer.input_height, answer.input_format), (512, 512, "jpeg"));
        let jpeg = BASE64_STANDARD.decode(answer.image_base64).unwrap();
        assert!(jpeg.len() < PHOTO.len());
        assert_eq!(image::guess_format(&jpeg).unwrap(), image::ImageFormat::Jpeg);
    }

    #[test]
    fn a_file_will_do() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/astronaut.png");
        let answer =
            handle(Event { image_base64: None, path: Some(path.into()) }, &Context::default()).unwrap();
        assert_eq!((answer.width, answer.height, answer.input_format), (320, 320, "png"));
    }

    #[test]
    fn bad_events_have_errors_of_their_own() {
        assert_eq!(error_type(None, None), "ValidationError");
        assert_eq!(error_type(Some(""), Some("/tmp/x")), "ValidationError");
        assert_eq!(error_type(Some("*"), None), "InvalidBase64");
        assert_eq!(error_type(None, Some("/nowhere/x.jpg")), "CannotReadFile");
        assert_eq!(error_type(Some("aGVsbG8="), None), "UnsupportedImage");
    }
}
