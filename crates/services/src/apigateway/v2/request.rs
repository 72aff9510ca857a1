//! A request, as it comes to an API.

use bytes::Bytes;
use hearth_model::{http_event, identity::AccountId};

/// A request to an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The path as it was sent, with the stage if it has that.
    pub path: String,
    /// The query without its question mark.
    pub query: String,
    /// The headers by their lower-case names; a name may come several times.
    pub headers: Vec<(String, String)>,
    /// The host name of the API, without port.
    pub domain: String,
    /// The address that it came from.
    pub source: String,
    /// The access key and the account of whoever signed it.
    pub signer: Option<(String, AccountId)>,
    /// The X-Ray trace header.
    pub trace: String,
    /// The body.
    pub body: Bytes,
}

impl HttpRequest {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The values of a parameter of the query, decoded, with commas between them.
    pub(super) fn query_parameter(&self, name: &str) -> Option<String> {
        http_event::query_parameters(&self.query).remove(name)
    }
}
