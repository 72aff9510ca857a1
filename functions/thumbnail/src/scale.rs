//! From the bytes of an image to the bytes of a smaller one.

use std::io::Cursor;

use hearth_lambda::Error;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage, codecs::jpeg::JpegEncoder,
    error::ImageError, metadata::Orientation,
};

/// A thumbnail is at most as wide and as high as this, in pixels.
const LONGEST_SIDE: u32 = 320;
const JPEG_QUALITY: u8 = 80;

pub(crate) struct Thumbnail {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) input_width: u32,
    pub(crate) input_height: u32,
    pub(crate) input_format: &'static str,
    pub(crate) jpeg: Vec<u8>,
}

/// Makes a thumbnail with the proportions of the image, never larger than it, turned as its EXIF data says.
///
/// # Errors
/// `UnsupportedImage` if it is neither a JPEG nor a PNG, `DamagedImage` if it cannot be decoded, `ImageTooLarge` if its
/// pixels take more than `budget` bytes.
pub(crate) fn thumbnail(image: &[u8], budget: u64) -> Result<Thumbnail, Error> {
    let format = match image::guess_format(image) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => format,
        Ok(other) => return Err(unsupported(&format!("{other:?}"))),
        Err(_) => return Err(unsupported("something else")),
    };
    let mut decoder = ImageReader::with_format(Cursor::new(image), format)
        .into_decoder()
        .map_err(|error| damaged(&error))?;
    let (input_width, input_height) = decoder.dimensions();
    if decoder.total_bytes() > budget {
        let message = format!(
            "{input_width} x {input_height} pixels take {} MiB, more than half of the function's memory",
            decoder.total_bytes().div_ceil(1024 * 1024)
        );
        return Err(Error::new("ImageTooLarge", message));
    }
    // Broken EXIF data is no reason to refuse an image.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| damaged(&error))?;

    if input_width > LONGEST_SIDE || input_height > LONGEST_SIDE {
        image = image.thumbnail(LONGEST_SIDE, LONGEST_SIDE);
    }
    image.apply_orientation(orientation);
    let pixels = on_white(image);

    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
        .encode_image(&pixels)
        .map_err(|error| Error::new("EncodingFailed", error.to_string()))?;
    Ok(Thumbnail {
        width: pixels.width(),
        height: pixels.height(),
        input_width,
        input_height,
        input_format: if format == ImageFormat::Png { "png" } else { "jpeg" },
        jpeg,
    })
}

/// A JPEG has no transparency.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        let mix = |colour| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8;
        image::Rgb([mix(red), mix(green), mix(blue)])
    })
}

fn unsupported(kind: &str) -> Error {
    Error::new("UnsupportedImage", format!("expected a JPEG or PNG, found {kind}"))
}

fn damaged(error: &ImageError) -> Error {
    Error::new("DamagedImage", error.to_string())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, Rgba, RgbaImage};

    use super::*;

    const BUDGET: u64 = 64 * 1024 * 1024;

    fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        encode(RgbImage::from_pixel(width, height, Rgb([200, 100, 50])), ImageFormat::Png)
    }

    fn error_type(image: &[u8], budget: u64) -> String {
        thumbnail(image, budget).map(|_| ()).unwrap_err().error_type().to_owned()
    }

    #[test]
    fn proportions_stay_and_nothing_grows() {
        for ((width, height), expected) in [
            ((640, 480), (320, 240)),
            ((480, 640), (240, 320)),
            ((321, 321), (320, 320)),
            ((320, 200), (320, 200)),
            ((1, 1), (1, 1)),
            ((2000, 1), (320, 1)),
        ] {
            let result = thumbnail(&png(width, height), BUDGET).unwrap();
            assert_eq!((result.width, result.height), expected, "{width} x {height}");
            assert_eq!(
                (result.input_width, result.input_height, result.input_format),
                (width, height, "png")
            );
            let decoded = image::load_from_memory(&result.jpeg).unwrap();
            assert_eq!((decoded.width(), decoded.height()), expected);
        }
    }

    #[test]
    fn transparency_becomes_white() {
        let glass = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        let result = thumbnail(&encode(glass, ImageFormat::Png), BUDGET).unwrap();
        let pixels = image::load_from_memory(&result.jpeg).unwrap().into_rgb8();
        assert!(
            pixels.pixels().all(|pixel| pixel.0.iter().all(|value| *value > 250)),
            "{:?}",
            pixels.get_pixel(0, 0)
        );
    }

    #[test]
    fn grey_and_sixteen_bit_images_are_images() {
        for image in [
            DynamicImage::new_luma8(400, 400),
            DynamicImage::new_luma_a16(400, 400),
            DynamicImage::new_rgb16(400, 400),
        ] {
            let result = thumbnail(&encode(image, ImageFormat::Png), BUDGET).unwrap();
            assert_eq!((result.width, result.height), (320, 320));
        }
    }

    #[test]
    fn exif_turns_the_image() {
        // Orientation 6: the camera was held upright. A TIFF header and one entry, as cameras write it.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let mut jpeg = encode(RgbImage::new(64, 32), ImageFormat::Jpeg);
        jpeg.splice(2..2, exif.iter().copied());
        let result = thumbnail(&jpeg, BUDGET).unwrap();
        assert_eq!((result.input_width, result.input_height), (64, 32));
        assert_eq!((result.width, result.height), (32, 64));
    }

    #[test]
    fn what_is_no_image_is_refused() {
        assert_eq!(error_type(b"", BUDGET), "UnsupportedImage");
        assert_eq!(error_type(b"GIF89a, but no more", BUDGET), "UnsupportedImage");
        assert_eq!(error_type(&png(10, 10)[..40], BUDGET), "DamagedImage");
        assert_eq!(error_type(&png(1000, 1000), 1_000_000), "ImageTooLarge");
    }
}
