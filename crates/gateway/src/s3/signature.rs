//! What a signature says about time, caller and content.
//!
//! Whoever reaches the port may do everything, so that no signature is checked: SDKs sign with secrets that nobody told
//! Hearth. But a presigned URL stops working when it says so, by Hearth's clock, and content must have the hash that was signed.
//! Then the signature is taken off.
//!
//! Source: "Authenticating requests (AWS Signature Version 4)" in the S3 API reference.

use std::{borrow::Cow, time::Duration};

use hearth_model::time::Timestamp;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header::AUTHORIZATION, request::Parts};
use jiff::civil::DateTime;

use super::failure::Failure;
use crate::percent;

/// Parameters of a query that are a signature; in lower case.
const SIGNATURE_PARAMETERS: [&str; 11] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "awsaccesskeyid",
    "signature",
    "expires",
];

/// A week: no URL is valid for longer.
const MOST_SECONDS: u64 = 604_800;

/// Checks what a presigned URL says about time, and takes the signature off a request.
pub(super) fn take_off(head: &mut Parts, now: Timestamp) -> Result<(), Failure> {
    head.headers.remove(AUTHORIZATION);
    let Some(query) = head.uri.query().filter(|query| is_signed(query)) else { return Ok(()) };
    let expiry = if has(query, "X-Amz-Signature") {
        Expiry::of_version_4(query)?
    } else {
        Expiry::of_version_2(query)?
    };
    expiry.check(now)?;
    let mut kept = Vec::new();
    let mut headers = Vec::new();
    for parameter in query.split('&') {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        if SIGNATURE_PARAMETERS.contains(&name.as_str()) || is_checksum(&name) {
            continue;
        }
        // Whoever opens the URL cannot send headers, so that signers put them into it.
        match (name.starts_with("x-amz-"), HeaderName::from_bytes(name.as_bytes())) {
            (true, Ok(header)) => headers.extend(value(parameter, &name).map(|value| (header, value))),
            _ => kept.push(parameter),
        }
    }
    let path = head.uri.path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    head.uri = target.parse::<Uri>().map_err(|_| invalid_uri())?;
    for (name, value) in headers {
        head.headers.entry(name).or_insert(value);
    }
    Ok(())
}

/// Whether a query has a signature in it.
pub(super) fn is_signed(query: &str) -> bool {
    has(query, "X-Amz-Signature")
        || has(query, "X-Amz-Credential")
        || (has(query, "Signature") && has(query, "AWSAccessKeyId"))
}

/// Whether a parameter is a checksum of content. There is no content yet when a URL is signed, and some SDKs sign the checksum
/// of nothing; nobody checks it.
fn is_checksum(name: &str) -> bool {
    const OTHERS: [&str; 3] = ["algorithm", "mode", "type"];
    name == "x-amz-sdk-checksum-algorithm"
        || name.strip_prefix("x-amz-checksum-").is_some_and(|what| !OTHERS.contains(&what))
}

/// The access key and region in a query's signature, as a header would have them.
pub(super) fn credential(query: &str) -> Option<Cow<'_, str>> {
    percent::parameter(Some(query), "X-Amz-Credential").flatten()
}

/// The access key of a signature of the second version.
pub(super) fn access_key(query: &str) -> Option<Cow<'_, str>> {
    percent::parameter(Some(query), "AWSAccessKeyId").flatten()
}

/// Until when a URL is valid.
struct Expiry {
    at: Timestamp,
    /// What the URL says, for the error document.
    seconds: Option<u64>,
}

impl Expiry {
    fn of_version_4(query: &str) -> Result<Self, Failure> {
        const ALL: [&str; 6] = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Signature",
            "X-Amz-Date",
            "X-Amz-SignedHeaders",
            "X-Amz-Expires",
        ];
        if !ALL.iter().all(|name| has(query, name)) {
            return Err(parameters_error(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
                 X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            ));
        }
        let text = |name| percent::parameter(Some(query), name).flatten().unwrap_or_default();
        let date = DateTime::strptime("%Y%m%dT%H%M%SZ", &*text("X-Amz-Date")).ok();
        let signed = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok()).ok_or_else(|| {
            parameters_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })?;
        let seconds = text("X-Amz-Expires");
        if seconds.starts_with('-') {
            return Err(parameters_error("X-Amz-Expires must be non-negative"));
        }
        let seconds: u64 =
            seconds.parse().map_err(|_| parameters_error("X-Amz-Expires should be a number"))?;
        if seconds > MOST_SECONDS {
            return Err(parameters_error(
                "X-Amz-Expires must be less than a week (in seconds) that is 604800",
            ));
        }
        let signed = Timestamp::from_unix_millis(signed.timestamp().as_millisecond());
        Ok(Self { at: signed + Duration::from_secs(seconds), seconds: Some(seconds) })
    }

    fn of_version_2(query: &str) -> Result<Self, Failure> {
        let expires = percent::parameter(Some(query), "Expires").flatten();
        let seconds: Option<i64> = expires.and_then(|text| text.parse().ok());
        let seconds = seconds.ok_or_else(|| {
            let message =
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
            Failure::new("AccessDenied", StatusCode::FORBIDDEN, message)
        })?;
        Ok(Self { at: Timestamp::from_unix_millis(seconds.saturating_mul(1_000)), seconds: None })
    }

    fn check(&self, now: Timestamp) -> Result<(), Failure> {
        if now <= self.at {
            return Ok(());
        }
        let expired = Failure::new("AccessDenied", StatusCode::FORBIDDEN, "Request has expired");
        let expired = match self.seconds {
            Some(seconds) => expired.with("X-Amz-Expires", seconds.to_string()),
            None => expired,
        };
        Err(expired.with("Expires", iso(self.at)).with("ServerTime", iso(now)))
    }
}

fn iso(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.as_unix_seconds())
        .map(|moment| moment.to_string())
        .unwrap_or_default()
}

fn parameters_error(message: &'static str) -> Failure {
    Failure::new("AuthorizationQueryParametersError", StatusCode::BAD_REQUEST, message)
}

fn invalid_uri() -> Failure {
    Failure::new("InvalidURI", StatusCode::BAD_REQUEST, "Couldn't parse the specified URI.")
}

fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|parameter| parameter.split('=').next() == Some(name))
}

fn value(parameter: &str, name: &str) -> Option<HeaderValue> {
    let given = parameter.get(..name.len())?;
    let decoded = percent::parameter(Some(parameter), given).flatten()?;
    HeaderValue::from_str(&decoded).ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20240304%2Fus-east-1%2Fs3%2Faws4_request&\
                          X-Amz-Date=20240304T172238Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=ab";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis((1_709_572_958 + seconds) * 1_000)
    }

    fn take(query: &str, now: Timestamp) -> Result<Parts, Failure> {
        let request = Request::get(format!("/bucket/key?{query}")).body(()).expect("a request");
        let mut head = request.into_parts().0;
        take_off(&mut head, now).map(|()| head)
    }

    #[test]
    fn a_signature_is_taken_off() {
        let head = take(&format!("versionId=null&{SIGNED}&x-amz-meta-a=b%20c&x-id=GetObject"), at(60))
            .expect("valid");
        assert_eq!(head.uri, "/bucket/key?versionId=null&x-id=GetObject");
        assert_eq!(head.headers.get("x-amz-meta-a").expect("a header"), "b c");
        assert_eq!(take(SIGNED, at(0)).expect("valid").uri, "/bucket/key");
        let head =
            take(&format!("x-amz-checksum-crc32=AAAAAA%3D%3D&{SIGNED}&x-amz-checksum-mode=ENABLED"), at(0));
        let head = head.expect("valid");
        assert_eq!(head.uri, "/bucket/key");
        assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["x-amz-checksum-mode"]);
        let second = "AWSAccessKeyId=test&Signature=ab%3D&Expires=1709572958";
        assert_eq!(take(second, at(0)).expect("valid").uri, "/bucket/key");
        assert_eq!(take("prefix=a%26b", at(0)).expect("not signed").uri, "/bucket/key?prefix=a%26b");
    }

    #[test]
    fn urls_expire() {
        let check = |query: &str, now: i64, code: &str, message: &str| {
            let failure = take(query, at(now)).expect_err("it is refused");
            assert_eq!((&*failure.code, &*failure.message), (code, message));
        };
        check(SIGNED, 61, "AccessDenied", "Request has expired");
        check(
            "AWSAccessKeyId=test&Signature=ab&Expires=1709572958",
            1,
            "AccessDenied",
            "Request has expired",
        );
        let parameters = "AuthorizationQueryParametersError";
        check(
            &SIGNED.replace("Expires=60", "Expires=604801"),
            0,
            parameters,
            "X-Amz-Expires must be less than a week (in seconds) that is 604800",
        );
        check(
            &SIGNED.replace("Expires=60", "Expires=-1"),
            0,
            parameters,
            "X-Amz-Expires must be non-negative",
        );
        check(&SIGNED.replace("Expires=60", "Expires=x"), 0, parameters, "X-Amz-Expires should be a number");
        check(
            &SIGNED.replace("T172238Z", ""),
            0,
            parameters,
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        );
        assert!(take("X-Amz-Signature=ab", at(0)).is_err());
    }
}
