//! The bucket in a host's name.
//!
//! Source: "Virtual hosting of general purpose buckets" in the S3 user guide.

use crate::host;

/// What a host's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// Requests are for this bucket.
    Bucket(&'a str),
    /// Requests are for S3; the bucket is in the path.
    S3,
    /// Nothing about S3.
    Other,
}

impl<'a> Host<'a> {
    /// Reads `BUCKET.localhost`, `BUCKET.s3.localhost` and `BUCKET.s3.REGION.localhost`, with or without a port. The first
    /// form is only for buckets without dots in their names: other services have hosts with dots.
    pub(super) fn of(host: &'a str) -> Self {
        let Some(name) = host::name(host).strip_suffix(".localhost") else { return Self::Other };
        if name == "s3" || is_regional(name) {
            return Self::S3;
        }
        if let Some(bucket) = name.strip_suffix(".s3") {
            return Self::Bucket(bucket);
        }
        match name.rfind(".s3.") {
            Some(dot) if is_regional(&name[dot + 1..]) => Self::Bucket(&name[..dot]),
            _ if !name.is_empty() && !name.contains('.') => Self::Bucket(name),
            _ => Self::Other,
        }
    }
}

fn is_regional(name: &str) -> bool {
    name.strip_prefix("s3.").is_some_and(|region| !region.is_empty() && !region.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_buckets() {
        for (host, expected) in [
            ("uploads.localhost", Host::Bucket("uploads")),
            ("uploads.localhost:4566", Host::Bucket("uploads")),
            ("uploads.s3.localhost:4566", Host::Bucket("uploads")),
            ("my.uploads.s3.localhost", Host::Bucket("my.uploads")),
            ("uploads.s3.eu-west-1.localhost:4566", Host::Bucket("uploads")),
            ("my.s3.uploads.s3.eu-west-1.localhost", Host::Bucket("my.s3.uploads")),
            ("s3.localhost:4566", Host::S3),
            ("s3.eu-west-1.localhost", Host::S3),
            ("my.uploads.localhost", Host::Other),
            ("abcdef.lambda-url.us-east-1.localhost:4566", Host::Other),
            ("localhost:4566", Host::Other),
            ("localhost", Host::Other),
            (".localhost", Host::Other),
            ("127.0.0.1:4566", Host::Other),
            ("[::1]:4566", Host::Other),
            ("example.org", Host::Other),
        ] {
            assert_eq!(Host::of(host), expected, "{host}");
        }
    }
}
