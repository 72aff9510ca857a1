//! `websocket = "$connect"`: what goes on at the manifest's WebSocket API invokes a function.

use std::ops::Range;

use hearth_services::apigateway::v2::SocketKey;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::manifest::{
    fields::Fields,
    problem::{Place, Problem},
};

/// Messages, or connections that begin or end, which invoke a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketEvents {
    /// Which: the key of a route.
    pub route: SocketKey,
    /// `two_way`: whether clients get what the function returns for their messages.
    pub two_way: bool,
    /// Where it is written.
    pub place: Place,
}

impl SocketEvents {
    /// Whether both are the same but for where they are written.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.route, self.two_way) == (&other.route, other.two_way)
    }
}

/// Reads a route, or a table with routes.
pub(super) fn read(outer: &mut Fields<'_>, value: &Spanned<DeValue<'_>>) -> Vec<SocketEvents> {
    match value.get_ref() {
        DeValue::String(text) => route(outer, text, value.span(), false).into_iter().collect(),
        DeValue::Table(table) => read_table(outer, table, value.span()),
        _ => {
            outer.wrong_type("websocket", value, "a route such as `\"$connect\"`, or a table with `routes`");
            Vec::new()
        }
    }
}

/// A message goes one way: the problems of those that would go two ways.
pub(super) fn twice(all: &[&SocketEvents]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (position, later) in all.iter().enumerate() {
        let Some(first) = all[..position].iter().find(|earlier| earlier.route == later.route) else {
            continue;
        };
        let message = format!("there are two routes for `{}`", later.route.as_str());
        let problem = Problem::new(message, later.place.0.clone());
        let problem = problem.related(first.place.0.clone(), "the first one");
        problems.push(problem.help("a message invokes one function: remove one of the two"));
    }
    problems
}

fn read_table(outer: &mut Fields<'_>, table: &DeTable<'_>, span: Range<usize>) -> Vec<SocketEvents> {
    let mut fields = Fields::new("`websocket`", table);
    let (texts, two_way) = (fields.strings("routes"), fields.boolean("two_way").unwrap_or_default());
    if texts.is_empty() {
        let problem = Problem::new("`websocket` has no `routes`", span);
        fields.note(problem.help("add `routes = [\"$connect\", \"$default\"]`"));
    }
    let routes =
        texts.into_iter().filter_map(|(text, span)| route(&mut fields, text, span, two_way)).collect();
    for problem in fields.finish() {
        outer.note(problem);
    }
    routes
}

fn route(fields: &mut Fields<'_>, text: &str, span: Range<usize>, two_way: bool) -> Option<SocketEvents> {
    match SocketKey::parse(text) {
        Ok(route) => Some(SocketEvents { route, two_way, place: Place(span) }),
        Err(_) => {
            let problem = Problem::new(format!("`{text}` is not a route"), span);
            fields.note(problem.help(
                "write `$connect`, `$disconnect`, `$default`, or what messages say in their member `action`",
            ));
            None
        }
    }
}
