//! What owners tag buckets and objects with.

use std::collections::BTreeSet;

use super::Refusal;

/// Keys and values, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Box<[(String, String)]>);

/// What has tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// A bucket.
    Bucket,
    /// A version of an object.
    Object,
}

impl Tags {
    /// Checks tags.
    ///
    /// Source: "Categorizing your storage using tags" in the S3 user guide.
    ///
    /// # Errors
    /// If there are too many, two have the same key, or one has a key or value that it cannot have.
    pub fn new(tagged: Tagged, tags: Vec<(String, String)>) -> Result<Self, Refusal> {
        let (most, too_many) = match tagged {
            Tagged::Object => (10, "Object tags cannot be greater than 10"),
            Tagged::Bucket => (50, "Bucket tag count cannot be greater than 50"),
        };
        if tags.len() > most {
            return Err(Refusal::BadRequest(too_many.into()));
        }
        let mut keys = BTreeSet::new();
        for (key, value) in &tags {
            let invalid = |message: &'static str| {
                Err(Refusal::InvalidTag { message: message.into(), key: key.clone() })
            };
            if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_allowed) {
                return invalid("The TagKey you have provided is invalid");
            }
            if value.chars().count() > 256 || !value.chars().all(is_allowed) {
                return invalid("The TagValue you have provided is invalid");
            }
            if key.starts_with("aws:") {
                return invalid("System tags cannot be added/updated by requester");
            }
            if !keys.insert(key) {
                return invalid("Cannot provide multiple Tags with the same key");
            }
        }
        Ok(Self(tags.into()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether a tag is there with this value.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.iter().any(|tag| tag == (key, value))
    }
}

fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Result<Tags, Refusal> {
        let owned = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Tags::new(Tagged::Object, owned.collect())
    }

    #[test]
    fn tags_are_checked() {
        assert!(tags(&[("a", ""), ("B c", "ä@x")]).expect("tags").has("B c", "ä@x"));
        for wrong in [&[("", "x")][..], &[("a", "x"), ("a", "y")], &[("aws:x", "y")], &[("a", "<")]] {
            assert!(matches!(tags(wrong), Err(Refusal::InvalidTag { .. })), "{wrong:?}");
        }
        assert!(matches!(tags(&[("a", "x"); 11]), Err(Refusal::BadRequest(_))));
    }
}
