//! `http = "GET /images/{id}"`: requests to the manifest's HTTP API invoke a function.

use std::ops::Range;

use hearth_model::http_route::RouteKey;
use hearth_services::apigateway::v2::PayloadFormat;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::manifest::{
    HttpDeclaration,
    fields::{Fields, Located},
    problem::{Place, Problem},
    suggestion,
};

/// Requests that invoke a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpEvents {
    /// Which requests.
    pub route: RouteKey,
    /// `payload_format`: what events and answers look like.
    pub payload_format: PayloadFormat,
    /// `authorizer`: who says which callers are let in.
    pub authorizer: Option<String>,
    /// `scopes`: of which a token must have one.
    pub scopes: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

impl HttpEvents {
    /// Whether both are the same but for where they are written.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let same_place = Self { place: self.place.clone(), ..other.clone() };
        *self == same_place
    }
}

/// Reads a route, or a table with one and how it is answered.
pub(super) fn read(
    outer: &mut Fields<'_>,
    value: &Spanned<DeValue<'_>>,
    http: &HttpDeclaration,
) -> Option<HttpEvents> {
    match value.get_ref() {
        DeValue::String(text) => {
            let open = |route| HttpEvents {
                route,
                payload_format: PayloadFormat::V2,
                authorizer: None,
                scopes: Vec::new(),
                place: Place(value.span()),
            };
            route(outer, text, value.span()).map(open)
        }
        DeValue::Table(table) => read_table(outer, table, Place(value.span()), http),
        _ => {
            outer.wrong_type("http", value, "a route such as `\"GET /images/{id}\"`, or a table with one");
            None
        }
    }
}

/// A request goes one way: the problems of those that would go two ways.
pub(super) fn twice(all: &[&HttpEvents]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (position, later) in all.iter().enumerate() {
        let same = |earlier: &&&HttpEvents| earlier.route.is_for_the_same_as(&later.route);
        let Some(first) = all[..position].iter().find(same) else { continue };
        let problem =
            Problem::new(format!("there are two routes for `{}`", later.route), later.place.0.clone());
        let problem = problem.related(first.place.0.clone(), "the first one");
        problems.push(problem.help("a request invokes one function: remove one of the two"));
    }
    problems
}

fn read_table(
    outer: &mut Fields<'_>,
    table: &DeTable<'_>,
    place: Place,
    http: &HttpDeclaration,
) -> Option<HttpEvents> {
    let mut fields = Fields::new("`http`", table);
    let text = fields.string("route");
    if !table.contains_key("route") {
        let problem = Problem::new("`http` has no `route`", place.0.clone());
        fields.note(problem.help("add `route = \"GET /images/{id}\"`"));
    }
    let key = text.and_then(|(text, span)| route(&mut fields, text, span));
    let format = fields.string("payload_format");
    let payload_format = format.map_or(Some(PayloadFormat::V2), |format| payload_format(&mut fields, format));
    let authorizer = fields.string("authorizer").map(|(name, span)| {
        let names = || http.authorizers.iter().map(|authorizer| authorizer.name.as_str());
        if !names().any(|known| known == name) {
            let problem = Problem::new(format!("there is no authorizer `{name}`"), span);
            fields.note(problem.help(match suggestion::closest(name, names()) {
                Some(closest) => format!("did you mean `{closest}`?"),
                None => format!("add `[http.authorizers.{name}]`"),
            }));
        }
        name.to_owned()
    });
    let scopes: Vec<String> =
        fields.strings("scopes").into_iter().map(|(scope, _)| scope.to_owned()).collect();
    let by_token = |name: &String| {
        http.authorizers.iter().any(|authorizer| authorizer.name == *name && authorizer.is_by_token())
    };
    if !scopes.is_empty() && !authorizer.as_ref().is_some_and(by_token) {
        let problem = Problem::new("scopes are those of tokens", place.0.clone());
        fields.note(problem.help("name an `authorizer` that has an `issuer`, or remove `scopes`"));
    }
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(HttpEvents { route: key?, payload_format: payload_format?, authorizer, scopes, place })
}

fn route(fields: &mut Fields<'_>, text: &str, span: Range<usize>) -> Option<RouteKey> {
    let key = RouteKey::parse(text).ok();
    if key.is_none() {
        let problem = Problem::new(format!("`{text}` is not a route"), span);
        fields.note(problem.help(
            "write a method or `ANY` and a path, such as `GET /images/{id}` or `ANY /{proxy+}`, or `$default`",
        ));
    }
    key
}

fn payload_format(fields: &mut Fields<'_>, (text, span): Located<&str>) -> Option<PayloadFormat> {
    let known = [PayloadFormat::V1, PayloadFormat::V2].into_iter().find(|format| format.as_str() == text);
    if known.is_none() {
        let problem = Problem::new(format!("there is no payload format `{text}`"), span);
        fields.note(problem.help("use `\"2.0\"`, which is the default, or `\"1.0\"`"));
    }
    known
}
