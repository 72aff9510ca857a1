//! Makes thumbnails of JPEGs and PNGs: of one in the event, of a file, or of the objects that an event of S3 tells of.

use std::{env, fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use hearth_lambda::{Context, Error, handler, s3};
use serde::{Deserialize, Serialize};

mod objects;
mod scale;

use objects::Written;

/// Pixels may take half of the function's memory: the event and the answer need room too.
const PIXEL_SHARE: u64 = 2;

#[derive(Default, Deserialize)]
struct Event {
    image_base64: Option<String>,
    path: Option<PathBuf>,
    #[serde(rename = "Records")]
    records: Option<Vec<s3::Record>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Image(Image),
    Objects { thumbnails: Vec<Written> },
}

#[derive(Debug, Serialize)]
struct Image {
    width: u32,
    height: u32,
    input_width: u32,
    input_height: u32,
    input_format: &'static str,
    /// A JPEG.
    image_base64: String,
}

fn handle(event: Event, _: &Context) -> Result<Answer, Error> {
    let budget = memory_bytes() / PIXEL_SHARE;
    match event {
        Event { image_base64: Some(text), path: None, records: None } => {
            let image = BASE64_STANDARD.decode(text).map_err(|error| {
                Error::new("InvalidBase64", format!("`image_base64` is not base64: {error}"))
            })?;
            image_of(&image, budget).map(Answer::Image)
        }
        Event { image_base64: None, path: Some(path), records: None } => {
            let image = fs::read(&path).map_err(|error| {
                Error::new("CannotReadFile", format!("cannot read {}: {error}", path.display()))
            })?;
            image_of(&image, budget).map(Answer::Image)
        }
        Event { image_base64: None, path: None, records: Some(records) } => {
            let thumbnails =
                records.iter().map(|record| objects::thumbnail(record, budget)).collect::<Result<_, _>>()?;
            Ok(Answer::Objects { thumbnails })
        }
        _ => {
            let message = "the event must have either `image_base64`, `path` or `Records`";
            Err(Error::new("ValidationError", message))
        }
    }
}

fn image_of(image: &[u8], budget: u64) -> Result<Image, Error> {
    let thumbnail = scale::thumbnail(image, budget)?;
    Ok(Image {
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

    fn image(event: Event) -> Image {
        match handle(event, &Context::default()).unwrap() {
            Answer::Image(image) => image,
            Answer::Objects { .. } => panic!("there were no objects"),
        }
    }

    fn error_type(image_base64: Option<&str>, path: Option<&str>) -> String {
        let event = Event {
            image_base64: image_base64.map(Into::into),
            path: path.map(Into::into),
            ..Event::default()
        };
        handle(event, &Context::default()).unwrap_err().error_type().to_owned()
    }

    #[test]
    fn a_photograph_becomes_smaller() {
        let image = image(Event { image_base64: Some(BASE64_STANDARD.encode(PHOTO)), ..Event::default() });
        assert_eq!((image.width, image.height), (320, 320));
        assert_eq!((image.input_width, image.input_height, image.input_format), (512, 512, "jpeg"));
        let jpeg = BASE64_STANDARD.decode(image.image_base64).unwrap();
        assert!(jpeg.len() < PHOTO.len());
        assert_eq!(image::guess_format(&jpeg).unwrap(), image::ImageFormat::Jpeg);
    }

    #[test]
    fn a_file_will_do() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/astronaut.png");
        let image = image(Event { path: Some(path.into()), ..Event::default() });
        assert_eq!((image.width, image.height, image.input_format), (320, 320, "png"));
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
