//! Which route of an HTTP API a request takes.
//!
//! A [`RouteKey`] says which requests a route is for: `GET /images/{id}`, `ANY /files/{path+}`, or `$default` for all that no
//! other route is for. A [`RouteTable`] finds the one route of a request, in a time that depends on the length of the path
//! and not on the number of routes.
//!
//! Source: API Gateway developer guide, "Create routes for HTTP APIs in API Gateway".

use std::borrow::Cow;

use crate::percent;

mod key;
mod table;
mod template;

pub use key::{InvalidRouteKey, RouteKey, RouteMethod};
pub use table::{RouteMatch, RouteTable};
pub use template::{RouteTemplate, Segment};

/// A path without percent-encoding, as functions of HTTP APIs get it.
#[must_use]
pub fn decode_path(path: &str) -> Cow<'_, str> {
    percent::decode(path)
}
