//! Where APIs of API Gateway are called: by their host names, or by a path for clients that cannot resolve names below
//! `localhost`.
//!
//! | form | example |
//! | --- | --- |
//! | host | `http://<api-id>.execute-api.<region>.localhost:4566/<stage>/…`, without the stage if that is `$default` |
//! | path | `http://localhost:4566/_aws/execute-api/<api-id>/<stage>/…`, `$default` written or left out |
//! | the manifest's HTTP API | `http://localhost:4566/_hearth/http/…` |
//! | the manifest's WebSocket API | `ws://localhost:4566/_hearth/websocket` |

use std::{borrow::Cow, net::IpAddr};

use hearth_model::identity::Region;
use hearth_services::apigateway::ApiId;

use crate::host;

/// What follows the identifier in the host name of an API.
const DOMAIN: &str = ".execute-api.";
/// The path below which all APIs are.
const PATH: &str = "/_aws/execute-api/";
/// The paths below which the manifest's APIs are, and their identifiers.
const MANIFEST: [(&str, &str); 2] =
    [("/_hearth/http", ApiId::MANIFEST), ("/_hearth/websocket", ApiId::MANIFEST_WEBSOCKET)];

/// Where a request to an API goes: the API's identifier, and the path behind its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApiPath<'a> {
    /// The host by which it was called, with the port, if that is the API's own.
    pub(crate) host: Option<&'a str>,
    pub(crate) id: &'a str,
    pub(crate) path: &'a str,
}

impl<'a> ApiPath<'a> {
    /// Reads the host and the path of a request, if one of them is an API's.
    pub(crate) fn of(host: Option<&'a str>, path: &'a str) -> Option<Self> {
        let by_host = host.and_then(|host| Self::of_host(host, path));
        by_host.or_else(|| Self::of_path(path)).or_else(|| Self::of_manifest(path))
    }

    fn of_host(host: &'a str, path: &'a str) -> Option<Self> {
        // Identifiers are short: to look at each byte is quicker than to search.
        let (id, domain) = host.split_at(host.bytes().position(|byte| byte == b'.')?);
        if domain.starts_with(DOMAIN) { Self::new(Some(host), id, path) } else { None }
    }

    fn of_path(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(PATH)?;
        let (id, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let below = path.strip_prefix("/$default").or_else(|| path.strip_prefix("/%24default"));
        let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
        Self::new(None, id, below.unwrap_or(path))
    }

    fn of_manifest(path: &'a str) -> Option<Self> {
        let (id, below) = MANIFEST.iter().find_map(|(start, id)| Some((*id, path.strip_prefix(start)?)))?;
        if below.is_empty() || below.starts_with('/') { Self::new(None, id, below) } else { None }
    }

    fn new(host: Option<&'a str>, id: &'a str, path: &'a str) -> Option<Self> {
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte != b'.');
        is_id.then_some(Self { host, id, path: if path.is_empty() { "/" } else { path } })
    }

    /// The host name of the API, without port.
    pub(crate) fn domain(self, region: &Region) -> Cow<'a, str> {
        host::domain(self.host, self.id, DOMAIN, region)
    }
}

/// The URL of an API, as a client can use it that reached Hearth by `host`.
pub(crate) fn endpoint(id: &str, region: &Region, host: &str) -> String {
    format!("http://{id}{DOMAIN}{region}.{}", named(host))
}

/// The URL of a WebSocket API.
pub(crate) fn socket_endpoint(id: &str, region: &Region, host: &str) -> String {
    format!("ws://{id}{DOMAIN}{region}.{}", named(host))
}

/// A host that may have names below it: an address may not, and `localhost` stands for it.
pub(crate) fn named(host: &str) -> String {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        Some(_) | None => (host, None),
    };
    let is_address = name.starts_with('[') || name.parse::<IpAddr>().is_ok();
    let name = if is_address { "localhost" } else { name };
    port.map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_to_apis_are_known_by_host_or_path() {
        let check = |host: &str, path: &str, expected: Option<(&str, &str)>| {
            let read = ApiPath::of(Some(host), path).map(|read| (read.id, read.path));
            assert_eq!(read, expected, "{host} {path}");
        };
        check("abc.execute-api.us-east-1.localhost:4566", "/a/b", Some(("abc", "/a/b")));
        check("abc.execute-api.us-east-1.amazonaws.com", "/", Some(("abc", "/")));
        check("a.b.execute-api.us-east-1.localhost", "/", None);
        check(".execute-api.us-east-1.localhost", "/", None);
        check("localhost:4566", "/_aws/execute-api/abc", Some(("abc", "/")));
        check("localhost:4566", "/_aws/execute-api/abc/prod/a%2Fb", Some(("abc", "/prod/a%2Fb")));
        check("localhost:4566", "/_aws/execute-api/abc/$default/a", Some(("abc", "/a")));
        check("localhost:4566", "/_aws/execute-api/abc/%24default", Some(("abc", "/")));
        check("localhost:4566", "/_aws/execute-api/abc/$defaults/a", Some(("abc", "/$defaults/a")));
        check("localhost:4566", "/_aws/execute-api//a", None);
        check("localhost:4566", "/_hearth/http/a", Some(("hearth", "/a")));
        check("localhost:4566", "/_hearth/http", Some(("hearth", "/")));
        check("localhost:4566", "/_hearth/https", None);
        check("localhost:4566", "/_hearth/websocket", Some(("hearth-websocket", "/")));
        check("localhost:4566", "/a", None);
    }

    #[test]
    fn the_domain_is_the_one_that_was_called() {
        let check = |host: &str, path: &str, expected: &str| {
            let read = ApiPath::of(Some(host), path).expect("an API");
            assert_eq!(read.domain(&Region::parse("us-east-1").expect("a region")), expected);
        };
        check("abc.execute-api.us-east-1.localhost:4566", "/a", "abc.execute-api.us-east-1.localhost");
        check("abc.execute-api.us-east-1.amazonaws.com", "/a", "abc.execute-api.us-east-1.localhost");
        check("localhost:4566", "/_aws/execute-api/abc", "abc.execute-api.us-east-1.localhost");
    }

    #[test]
    fn an_address_has_no_names_below_it() {
        let check = |host: &str, expected: &str| assert_eq!(named(host), expected, "{host}");
        check("localhost:4566", "localhost:4566");
        check("localhost", "localhost");
        check("127.0.0.1:4566", "localhost:4566");
        check("127.0.0.1", "localhost");
        check("[::1]:4566", "localhost:4566");
        check("hearth.internal:80", "hearth.internal:80");
        let region = Region::parse("us-east-1").expect("a region");
        assert_eq!(endpoint("a", &region, "127.0.0.1:1"), "http://a.execute-api.us-east-1.localhost:1");
    }
}
