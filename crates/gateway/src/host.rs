//! The host that a request is for. It says which function or API is called, so that there must be no doubt about it.

use std::borrow::Cow;

use hearth_model::identity::Region;
use http::{
    HeaderValue, Version,
    header::{CONNECTION, HOST},
    request::Parts,
};

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    rest_json,
};

/// Checks that a request names one host, and only one. Source: RFC 9112, sections 3.2 and 3.2.2; where the request line names
/// a host too, it must be the same, which the RFC leaves to the last server.
pub(crate) fn check(head: &Parts) -> Result<(), ApiError> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    let problem = match (host, another, head.uri.authority()) {
        (Some(_), Some(_), _) => "a request has one `Host` header, not several",
        (Some(host), None, _) if !is_host(host.as_bytes()) => "the `Host` header is no host",
        (Some(host), None, Some(named))
            if !host.as_bytes().eq_ignore_ascii_case(named.as_str().as_bytes()) =>
        {
            "the request line and the `Host` header name different hosts"
        }
        (None, _, _) if head.version > Version::HTTP_10 => "a request needs a `Host` header",
        (Some(_) | None, _, _) => return Ok(()),
    };
    Err(ApiError::new(ErrorCode::MalformedRequest, problem))
}

/// The answer to a request that could be read in two ways. Nothing else is read from its connection.
pub(crate) fn refuse(error: &ApiError) -> http::Response<AnswerBody> {
    let mut response = rest_json::error(error);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The name of a host, without the port.
pub(crate) fn name(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// The host name of an API or a URL, without the port: the one by which it was called, as `$context.domainName` has it, if that leads
/// to Hearth from everywhere. `infix` is what stands between the identifier and the region.
pub(crate) fn domain<'a>(called: Option<&'a str>, id: &str, infix: &str, region: &Region) -> Cow<'a, str> {
    match called.map(name).filter(|name| name.ends_with(".localhost")) {
        Some(name) => name.into(),
        None => [id, infix, region.as_str(), ".localhost"].concat().into(),
    }
}

/// `uri-host [":" port]` of RFC 3986, as far as characters go.
fn is_host(bytes: &[u8]) -> bool {
    // Without a branch for each byte, which is quicker: nearly all hosts are.
    bytes.iter().fold(true, |all, byte| all & IN_HOSTS[usize::from(*byte)])
}

/// Which bytes may be in a host. A table, because those of every request are looked at.
static IN_HOSTS: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:[]%!$&'()*+;=";
    while let [byte, behind @ ..] = rest {
        table[*byte as usize] = true;
        rest = behind;
    }
    table
};

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn one_host_is_named() {
        let check = |target: &str, version: Version, hosts: &[&str], expected: Option<&str>| {
            let mut request = Request::get(target).version(version);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            let (head, ()) = request.body(()).expect("a request").into_parts();
            let checked = check(&head).map_err(|error| error.message);
            match expected {
                None => assert_eq!(checked, Ok(()), "{target} {hosts:?}"),
                Some(problem) => {
                    assert!(checked.is_err_and(|message| message.contains(problem)), "{hosts:?}");
                }
            }
        };
        let version = Version::HTTP_11;
        check("/", version, &["localhost:4566"], None);
        check("/", version, &["[::1]:4566"], None);
        check("/", version, &[""], None);
        check("http://LOCALHOST:4566/", version, &["localhost:4566"], None);
        check("/", Version::HTTP_10, &[], None);
        check("/", version, &[], Some("needs a `Host` header"));
        check("/", version, &["a", "a"], Some("not several"));
        check("/", Version::HTTP_10, &["a", "b"], Some("not several"));
        for host in ["a b", "a,b", "a/b", "user@a", "a\u{e4}", "a\\b", "a?b", "a#b"] {
            check("/", version, &[host], Some("is no host"));
        }
        check("http://a/", version, &["b"], Some("different hosts"));
        check("http://a:1/", version, &["a"], Some("different hosts"));
    }
}
