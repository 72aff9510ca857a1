//! What an event says beyond the request itself.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value};

use crate::{identity::AccountId, time::Timestamp};

/// Where a request came in, and from whom.
#[derive(Clone, Debug)]
pub struct HttpOrigin<'a> {
    /// The identifier of the URL or API.
    pub api: &'a str,
    /// The host name of the URL or API, without port.
    pub domain: &'a str,
    /// Who signed the request, if anybody had to.
    pub caller: Option<IamCaller<'a>>,
    /// The address that the request came from.
    pub source: &'a str,
    /// The request's own identifier.
    pub request_id: &'a str,
    /// When it came.
    pub received: Timestamp,
    /// Which way it took through an API; a URL has none.
    pub route: Option<RouteOrigin<'a>>,
}

/// Who signed a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IamCaller<'a> {
    /// The access key.
    pub access_key: &'a str,
    /// Whose it is.
    pub account: AccountId,
}

/// Which way a request took through an HTTP API.
#[derive(Clone, Copy, Debug)]
pub struct RouteOrigin<'a> {
    /// Whose the API is.
    pub account: AccountId,
    /// The key of the route, such as `GET /images/{id}`.
    pub key: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// What the variables of the route's path stand for, in the order of their names.
    pub path_parameters: &'a [(&'a str, Cow<'a, str>)],
    /// The variables of the stage.
    pub stage_variables: &'a BTreeMap<String, String>,
    /// What the route's authorizer says of the caller, if it has one.
    pub authorizer: Option<RouteAuthorizer<'a>>,
}

/// What an authorizer says of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteAuthorizer<'a> {
    /// What is in the caller's token.
    Jwt {
        /// Its claims.
        claims: &'a Map<String, Value>,
        /// Those of its scopes that the route asks for, if it asks for any.
        scopes: Option<&'a [String]>,
    },
    /// The context that a function returned.
    Lambda(&'a Map<String, Value>),
}
