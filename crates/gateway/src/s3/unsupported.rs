//! Headers that ask for what Hearth does not do.

use hearth_services::s3::{ChecksumAlgorithm, Refusal};
use http::HeaderMap;

use super::{
    content::{announced_trailers, header_name},
    failure::Failure,
};

/// Names, or how names begin.
const UNSUPPORTED: [&str; 7] = [
    "x-amz-copy-source-server-side-encryption-customer-",
    "x-amz-if-match-last-modified-time",
    "x-amz-if-match-size",
    "x-amz-mfa",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption-customer-",
    "x-amz-write-offset-bytes",
];

/// Of those whose names begin as checksums' do, the ones that are none.
const NO_CHECKSUMS: [&str; 3] = ["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"];

/// Refuses the first of these that is there: what is accepted has to act.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Failure> {
    let names = headers.keys().map(http::HeaderName::as_str);
    match names.chain(announced_trailers(headers)).find(|name| is_unsupported(name, headers)) {
        Some(name) => Err(not_there(name)),
        None => Ok(()),
    }
}

/// Something that AWS has, and Hearth does not.
pub(super) fn not_there(what: &str) -> Failure {
    let message = format!("Hearth does not have {what}, which is a part of S3: leave it out");
    Refusal::NotImplemented(message.into()).into()
}

fn is_unsupported(name: &str, headers: &HeaderMap) -> bool {
    let is_checksum = name.starts_with("x-amz-checksum-") && !NO_CHECKSUMS.contains(&name);
    let is_known = || ChecksumAlgorithm::ALL.into_iter().any(|algorithm| header_name(algorithm) == name);
    let is = |text: &str| {
        headers.get(name).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(text.as_bytes()))
    };
    UNSUPPORTED.iter().any(|unsupported| name.starts_with(unsupported))
        || (is_checksum && !is_known())
        || (name == "x-amz-bucket-object-lock-enabled" && is("true"))
        || (name == "x-amz-bucket-namespace" && !is("global"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_act_is_refused_by_name() {
        let check = |name: &'static str, value: &'static str, expected: Option<&str>| {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static(name),
                http::HeaderValue::from_static(value),
            )]);
            let refused = check(&headers).err();
            let message = refused.as_ref().map(|failure| &*failure.message);
            assert_eq!(message.is_some(), expected.is_some(), "{name}");
            let named = message.unwrap_or_default().contains(expected.unwrap_or_default());
            assert!(named, "{name}: {message:?}");
        };
        check("x-amz-checksum-crc32c", "x", None);
        check("x-amz-checksum-type", "COMPOSITE", None);
        check("x-amz-checksum-sha512", "x", Some("x-amz-checksum-sha512"));
        check("x-amz-trailer", "x-amz-checksum-sha256", None);
        check("x-amz-trailer", "x-amz-checksum-xxhash3", Some("x-amz-checksum-xxhash3"));
        check("x-amz-bucket-object-lock-enabled", "False", None);
        check("x-amz-bucket-object-lock-enabled", "true", Some("x-amz-bucket-object-lock-enabled"));
        check("x-amz-object-lock-event-hold", "ON", Some("x-amz-object-lock-event-hold"));
        check("x-amz-server-side-encryption", "AES256", None);
        check("x-amz-mfa", "1 2", Some("x-amz-mfa"));
    }
}
