//! Which account, region and service a request means: what its signature's credential scope says.
//!
//! Signatures are not verified: whoever reaches the port may do everything.

use std::borrow::Cow;

use hearth_model::identity::{AccountId, Partition, Region};
use http::{HeaderMap, header::AUTHORIZATION};

use crate::percent;

/// The partition that a request means. `default` is the one of requests that are not signed; both parts fall back to
/// its own on their own, as an access key is mostly no account number.
pub(crate) fn partition<'a>(headers: &HeaderMap, default: &'a Partition) -> Cow<'a, Partition> {
    let Some(scope) = scope(headers) else { return Cow::Borrowed(default) };
    scope.partition(default)
}

/// The partition of a credential as it stands in queries and forms: `<access key>/<date>/<region>/<service>/aws4_request`.
pub(crate) fn of_scope(credential: &str, default: &Partition) -> Option<Partition> {
    Scope::of_credential(credential).map(|scope| scope.partition(default).into_owned())
}

/// The access key of a signature of the second version, which only S3 still takes.
pub(crate) fn version_2_access_key(headers: &HeaderMap) -> Option<&str> {
    let (access_key, _) = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("AWS ")?.split_once(':')?;
    Some(access_key)
}

/// Whose an access key is.
pub(crate) fn account(access_key: &str, default: &Partition) -> AccountId {
    AccountId::parse(access_key).unwrap_or(default.account)
}

/// The access key that a request was signed with, in its headers or, in a URL that was signed, in its query.
pub(crate) fn signer<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<Cow<'a, str>> {
    if let Some(scope) = scope(headers) {
        return Some(Cow::Borrowed(scope.access_key));
    }
    let credential = percent::parameter(query, "X-Amz-Credential")??;
    credential.split('/').next().map(|access_key| Cow::Owned(access_key.to_owned()))
}

/// The service that a signed request is for, by the name under which it signs, such as `sqs` or `monitoring`.
pub(crate) fn service(headers: &HeaderMap) -> Option<&str> {
    scope(headers).map(|scope| scope.service)
}

/// `<access key>/<date>/<region>/<service>/aws4_request`.
struct Scope<'a> {
    access_key: &'a str,
    region: &'a str,
    service: &'a str,
}

fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
    Scope::parse(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

impl<'a> Scope<'a> {
    /// Reads the header of Signature Version 4; `None` for any other scheme.
    fn parse(authorization: &'a str) -> Option<Self> {
        let (_, rest) = authorization.strip_prefix("AWS4-HMAC-SHA256")?.split_once("Credential=")?;
        Self::of_credential(rest.split([',', ' ']).next()?)
    }

    fn of_credential(credential: &'a str) -> Option<Self> {
        let mut parts = credential.split('/');
        let (access_key, _date, region) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { access_key, region, service: parts.next().unwrap_or_default() })
    }

    fn partition<'p>(&self, default: &'p Partition) -> Cow<'p, Partition> {
        let account = account(self.access_key, default);
        if account == default.account && self.region == default.region.as_str() {
            return Cow::Borrowed(default);
        }
        let region = Region::parse(self.region).unwrap_or_else(|| default.region.clone());
        Cow::Owned(Partition { account, region })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(authorization: Option<&str>, account: &str, region: &str) {
        let mut headers = HeaderMap::new();
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization.parse().expect("a header's value"));
        }
        let default = Partition::default();
        let partition = partition(&headers, &default);
        assert_eq!((partition.account.to_string().as_str(), partition.region.as_str()), (account, region));
    }

    #[test]
    fn the_scope_names_account_and_region() {
        let signed = |scope: &str| {
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=fe5f80f7")
        };
        check(None, "000000000000", "us-east-1");
        check(Some("Basic dXNlcjpzZWNyZXQ="), "000000000000", "us-east-1");
        check(Some("AWS4-HMAC-SHA256 nonsense"), "000000000000", "us-east-1");
        check(
            Some(&signed("AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request")),
            "000000000000",
            "us-east-1",
        );
        check(
            Some(&signed("test/20260101/eu-central-1/lambda/aws4_request")),
            "000000000000",
            "eu-central-1",
        );
        check(
            Some(&signed("123456789012/20260101/eu-west-1/lambda/aws4_request")),
            "123456789012",
            "eu-west-1",
        );
        check(Some(&signed("123456789012/20260101/NO REGION/lambda")), "123456789012", "us-east-1");
        check(
            Some(
                "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/lambda/aws4_request,SignedHeaders=host",
            ),
            "123456789012",
            "eu-west-1",
        );
    }
}
