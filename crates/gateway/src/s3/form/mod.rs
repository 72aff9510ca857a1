//! Uploads by browsers: forms that are posted to a bucket.
//!
//! Source: "Browser-based uploads using POST" in the S3 API reference.

mod answer;
mod decoder;
mod policy;
mod upload;

pub(super) use self::{answer::FormAnswer, decoder::Decoder, upload::Upload};

/// The fields of a form in their order, names in lower case; without the file.
#[derive(Clone, Debug, Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn find(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(given, value)| (given == name).then_some(value))
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
