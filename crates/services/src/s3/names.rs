//! What buckets, objects, versions and uploads are called.

use std::{borrow::Borrow, fmt, net::Ipv4Addr, sync::Arc};

use hearth_engine::random::random_number;

use super::Refusal;

/// A bucket's name, unique in all of Hearth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketName(Arc<str>);

/// An object's key: any text. It is never a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey(Arc<str>);

/// Which version of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionId {
    /// The one that was written while the bucket was not versioned; its name is `null`.
    Null,
    /// One that was written while it was.
    Named(Arc<str>),
}

/// A multipart upload's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(Arc<str>);

impl BucketName {
    /// Reads a name.
    ///
    /// Source: "General purpose bucket naming rules" in the S3 user guide.
    ///
    /// # Errors
    /// If no bucket can have it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let bytes = text.as_bytes();
        let fits = (3..=63).contains(&bytes.len())
            && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
            && edge(bytes.first())
            && edge(bytes.last())
            && !text.contains("..")
            && text.parse::<Ipv4Addr>().is_err()
            && !["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| text.starts_with(prefix))
            && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
                .iter()
                .any(|suffix| text.ends_with(suffix));
        if fits { Ok(Self(text.into())) } else { Err(Refusal::InvalidBucketName { bucket: text.to_owned() }) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bucket's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:s3:::{self}")
    }
}

impl ObjectKey {
    const MOST_BYTES: usize = 1_024;

    /// Reads a key of 1 to 1,024 bytes.
    ///
    /// # Errors
    /// If it is longer, or empty.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.len() {
            1..=Self::MOST_BYTES => Ok(Self(text.into())),
            0 => Err(Refusal::MalformedXml),
            bytes => Err(Refusal::KeyTooLong { bytes, most: Self::MOST_BYTES }),
        }
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keys are in the order of their bytes, so that a range of them can begin where no key could.
impl Borrow<[u8]> for ObjectKey {
    fn borrow(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl VersionId {
    /// Reads a version's name.
    ///
    /// # Errors
    /// If no version can have it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "null" => Ok(Self::Null),
            _ if (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self::Named(text.into()))
            }
            "" => Err(Refusal::argument("Version id cannot be the empty string", "versionId", text)),
            _ => Err(Refusal::argument("Invalid version id specified", "versionId", text)),
        }
    }

    /// A name that nothing else has.
    pub(super) fn draw() -> Self {
        Self::Named(draw_text(32).into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.named().unwrap_or("null")
    }

    /// The name, unless it is `null`.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Named(name) => Some(name),
        }
    }
}

impl UploadId {
    /// The upload of this name, if there is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// A name that nothing else has.
    pub(super) fn draw() -> Self {
        Self(draw_text(96).into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that stand for themselves in URLs, six random bits each.
fn draw_text(length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let bits = random_number();
        let characters = (0..10).map(|place| char::from(ALPHABET[(bits >> (6 * place) & 63) as usize]));
        text.extend(characters.take(length - text.len()));
    }
    text
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn bucket_names_follow_the_rules() {
        for text in ["abc", "my-bucket", "my.bucket.1", "1bucket", &"x".repeat(63)] {
            assert_eq!(BucketName::parse(text).expect(text).as_str(), text);
        }
        for text in [
            "",
            "ab",
            &"x".repeat(64),
            "My-Bucket",
            "my_bucket",
            "-bucket",
            "bucket-",
            ".bucket",
            "bucket.",
            "my..bucket",
            "192.168.0.1",
            "xn--bucket",
            "bucket-s3alias",
            "bücket",
            "a/b",
            "a%b",
        ] {
            assert!(BucketName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_any_text() {
        for text in ["a", "../../etc/passwd", "/", "ä\u{1f600}\u{1}", " ", &"x".repeat(1_024)] {
            assert_eq!(ObjectKey::parse(text).expect(text).as_str(), text);
        }
        assert_eq!(
            ObjectKey::parse(&"ä".repeat(513)),
            Err(Refusal::KeyTooLong { bytes: 1_026, most: 1_024 })
        );
        assert!(ObjectKey::parse("").is_err());
    }

    #[test]
    fn versions_have_names() {
        assert_eq!(VersionId::parse("null"), Ok(VersionId::Null));
        let drawn = VersionId::draw();
        assert_eq!(VersionId::parse(&drawn.to_string()), Ok(drawn.clone()));
        assert_eq!(drawn.to_string().len(), 32);
        assert!(VersionId::parse("").is_err() && VersionId::parse("a b").is_err());
    }

    #[test]
    fn drawn_names_differ() {
        let drawn: HashSet<_> = (0..1_000).map(|_| UploadId::draw()).collect();
        assert_eq!(drawn.len(), 1_000);
        assert!(drawn.iter().all(|id| id.as_str().len() == 96));
    }
}
