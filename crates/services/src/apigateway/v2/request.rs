//! A request, as it comes to an API.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_model::{
    http_event::{self, RequestHeaders},
    identity::AccountId,
};

/// A request to an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest<'a> {
    /// The method.
    pub method: Cow<'a, str>,
    /// The path as it was sent, with the stage if it has that.
    pub path: Cow<'a, str>,
    /// The query without its question mark.
    pub query: Cow<'a, str>,
    /// The headers.
    pub headers: RequestHeaders<'a>,
    /// The host name of the API, without port.
    pub domain: Cow<'a, str>,
    /// The address that it came from.
    pub source: Cow<'a, str>,
    /// The access key and the account of whoever signed it.
    pub signer: Option<(Cow<'a, str>, AccountId)>,
    /// The X-Ray trace header.
    pub trace: Cow<'a, str>,
    /// The body.
    pub body: Bytes,
}

impl HttpRequest<'_> {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.first(name)
    }

    /// The values of a parameter of the query, decoded, with commas between them.
    pub(super) fn query_parameter(&self, name: &str) -> Option<String> {
        http_event::query_parameters(&self.query).remove(name)
    }
}
