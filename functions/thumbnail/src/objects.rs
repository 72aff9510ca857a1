//! From an object in a bucket to its thumbnail in the same bucket.

use hearth_lambda::{Error, s3};
use serde::Serialize;

use crate::scale::{self, Thumbnail};

/// Where photographs are; the rest of a key is the same for both.
const PHOTOGRAPHS: &str = "uploads/";
/// Where their thumbnails go.
const THUMBNAILS: &str = "thumbnails/";

/// A thumbnail that was written.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    bucket: String,
    key: String,
    width: u32,
    height: u32,
    bytes: usize,
}

/// Reads the object of a record, and writes its thumbnail.
///
/// # Errors
/// Those of S3 and of scaling.
pub(crate) fn thumbnail(record: &s3::Record, budget: u64) -> Result<Written, Error> {
    let s3::Record { bucket, key, .. } = record;
    let photograph = s3::get_object(bucket, key)?;
    let Thumbnail { width, height, input_width, input_height, jpeg, .. } =
        scale::thumbnail(&photograph, budget)?;
    let (target, bytes) = (thumbnail_key(key), jpeg.len());
    s3::put_object(bucket, &target, "image/jpeg", jpeg)?;
    println!("{key} ({input_width} x {input_height}) -> {target} ({width} x {height}, {bytes} bytes)");
    Ok(Written { bucket: bucket.clone(), key: target, width, height, bytes })
}

/// `uploads/tea/cup.png` has its thumbnail at `thumbnails/tea/cup.png.jpg`: a thumbnail is a JPEG, and `cup.jpg` may be there
/// too.
fn thumbnail_key(key: &str) -> String {
    let rest = key.strip_prefix(PHOTOGRAPHS).unwrap_or(key);
    let extension = rest.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_jpeg = ["jpg", "jpeg"].iter().any(|jpeg| extension.eq_ignore_ascii_case(jpeg));
    format!("{THUMBNAILS}{rest}{}", if is_jpeg { "" } else { ".jpg" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbnails_are_named_like_their_photographs() {
        for (key, expected) in [
            ("uploads/cup.jpg", "thumbnails/cup.jpg"),
            ("uploads/tea/red cup.JPEG", "thumbnails/tea/red cup.JPEG"),
            ("uploads/cup.png", "thumbnails/cup.png.jpg"),
            ("uploads/cup", "thumbnails/cup.jpg"),
            ("cup.jpg", "thumbnails/cup.jpg"),
            ("thumbnails/cup.jpg", "thumbnails/thumbnails/cup.jpg"),
        ] {
            assert_eq!(thumbnail_key(key), expected);
        }
    }
}
