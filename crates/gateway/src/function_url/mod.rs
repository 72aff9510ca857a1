//! Function URLs: requests become events of payload format 2.0, and what functions return becomes answers.
//!
//! A URL is called by its host name, or by a path for clients that cannot resolve names below `localhost`:
//! `/_hearth/url/<url-id>/…`.
//!
//! Answers come as a whole in both invoke modes, since handlers give them so.
//!
//! Source: Lambda developer guide, "Invoking Lambda function URLs"; recorded answers.

mod answer;
mod cors;
mod request;

use std::borrow::Cow;

use hearth_model::identity::Region;
use hearth_services::lambda::UrlAuthorization;
use http::{Response, request::Parts};

use self::request::UrlRequest;
use crate::{
    body::{self, AnswerBody, RequestBody},
    credential,
    gateway::Gateway,
    host,
    peer::Peer,
    rest_json,
};

/// What follows the identifier in the host name of a URL.
const DOMAIN: &str = ".lambda-url.";
/// How long an identifier is.
const ID_BYTES: usize = 32;

/// Where a request to a URL goes: the URL's identifier, and the path below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UrlPath<'a> {
    /// The host by which it was called, with the port, if that is the URL's own.
    pub(crate) host: Option<&'a str>,
    pub(crate) id: &'a str,
    pub(crate) path: &'a str,
}

impl<'a> UrlPath<'a> {
    /// Reads the host of a request, if it is one of a URL.
    pub(crate) fn of_host(host: &'a str, path: &'a str) -> Option<Self> {
        let (id, rest) = host.split_at_checked(ID_BYTES)?;
        rest.starts_with(DOMAIN).then_some(Self { host: Some(host), id, path })
    }

    /// Reads what follows `/_hearth/url/`.
    pub(crate) fn of_path(text: &'a str) -> Self {
        let (id, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        Self { host: None, id, path: if path.is_empty() { "/" } else { path } }
    }

    /// The host name of the URL, without port.
    fn domain(self, region: &Region) -> Cow<'a, str> {
        host::domain(self.host, self.id, DOMAIN, region)
    }
}

/// Answers a request to a URL.
pub(crate) async fn answer(
    gateway: &Gateway,
    url: UrlPath<'_>,
    peer: &Peer,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    let functions = gateway.functions();
    let heard_out = async |body| {
        if !body::awaits_permission(&head.headers) {
            body::discard(body).await;
        }
    };
    let Some(callee) = functions.url_of(url.id) else {
        heard_out(body).await;
        return answer::forbidden(None);
    };
    let configuration = callee.configuration();
    if let Some(preflight) = configuration.cors.as_ref().and_then(|cors| cors::preflight(cors, head)) {
        heard_out(body).await;
        return preflight;
    }
    let signer = credential::signer(&head.headers, head.uri.query());
    let caller = signer.as_deref().map(|key| credential::account(key, gateway.default_partition()));
    if !callee.lets_in(caller) {
        heard_out(body).await;
        return answer::forbidden(Some(answer::FORBIDDEN));
    }
    let signer = signer.filter(|_| configuration.authorization == UrlAuthorization::Iam);
    let request = UrlRequest { url, peer, head, signer: signer.as_deref().zip(caller) };
    let answer = request.answer(gateway, &callee, body).await;
    let mut response = answer.unwrap_or_else(|error| rest_json::error(&error));
    if let Some(cors) = &configuration.cors {
        cors::share(cors, head, &mut response);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_host_may_be_one_of_a_url() {
        let check = |host: &str, expected: Option<&str>| {
            assert_eq!(UrlPath::of_host(host, "/a").map(|url| url.id), expected, "{host}");
        };
        check(&format!("{ID}.lambda-url.us-east-1.localhost:4566"), Some(ID));
        check(&format!("{ID}.lambda-url.us-east-1.on.aws"), Some(ID));
        check("localhost:4566", None);
        check(&format!("{ID}.example.com"), None);
        check(&format!("{}.lambda-url.us-east-1.localhost", &ID[1..]), None);
        check("äääääääääääääääää.lambda-url.us-east-1", None);
    }

    #[test]
    fn a_path_has_the_urls_own_below_it() {
        let check = |text: &str, id: &str, path: &str| {
            assert_eq!(UrlPath::of_path(text), UrlPath { host: None, id, path });
        };
        check("id", "id", "/");
        check("id/", "id", "/");
        check("id/a/b%20c/", "id", "/a/b%20c/");
    }
}
