//! What an operation knows besides its parameters.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use hearth_services::s3::{Buckets, Caller};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::failure::Failure;

/// A request, as far as operations have it in common. It travels through `s3s` among the request's extensions.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) buckets: Arc<Buckets>,
    pub(super) caller: Caller,
    /// The host by which the client reached Hearth.
    pub(super) host: String,
    /// What is said of the content that comes: headers, or the fields of a form.
    pub(super) headers: HeaderMap,
    /// What stood behind the content, once it has come.
    pub(super) trailers: OnceLock<HeaderMap>,
    /// The document that came, if one did.
    pub(super) document: OnceLock<Bytes>,
    /// The content comes with a form, which may limit its size.
    pub(super) form: Option<SizeRange>,
    /// Why the request fails: error documents are made of this, not of what `s3s` would make of it.
    pub(super) failure: OnceLock<Failure>,
}

/// The sizes that a form's policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SizeRange {
    pub(super) least: u64,
    pub(super) most: u64,
}

/// Some callers want to be sure whose bucket it is.
pub(super) fn check_owner(
    buckets: &Buckets,
    expected: Option<&HeaderValue>,
    bucket: &str,
) -> Result<(), Failure> {
    let Some(expected) = expected else { return Ok(()) };
    let Ok(view) = buckets.describe(bucket) else { return Ok(()) };
    if expected.as_bytes() == view.partition.account.to_string().as_bytes() {
        return Ok(());
    }
    Err(Failure::new("AccessDenied", StatusCode::FORBIDDEN, "Access Denied"))
}

/// A context, on its way.
pub(super) type Call = Arc<Context>;
