//! Finding the route of a request.

use std::{borrow::Cow, collections::HashMap};

use super::{RouteKey, RouteMethod, Segment};
use crate::percent;

/// Routes, and what they lead to.
///
/// A request takes the first of these that there is: a route without greedy variable for its path and method; one with a
/// greedy variable; `$default`. Among several, segment by segment from the left, a fixed one goes before a variable, and the
/// longer path before a greedy variable goes before the shorter one; last, the method itself goes before `ANY`.
#[derive(Clone, Debug)]
pub struct RouteTable<T> {
    root: Node<T>,
    default: Option<Route<T>>,
}

/// The route that a request takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch<'a, T> {
    /// What the route is for.
    pub key: &'a RouteKey,
    /// What it leads to.
    pub target: &'a T,
    /// What the variables of its path stand for, decoded, in the order of their names.
    pub parameters: Vec<(&'a str, Cow<'a, str>)>,
}

#[derive(Clone, Debug)]
struct Route<T> {
    key: RouteKey,
    target: T,
}

/// All routes whose paths begin in one way.
#[derive(Clone, Debug)]
struct Node<T> {
    fixed: HashMap<String, Node<T>>,
    variable: Option<Box<Node<T>>>,
    /// Those whose path ends here.
    here: Methods<T>,
    /// Those whose path goes on with a greedy variable.
    greedy: Methods<T>,
}

/// The routes of one path, at most one for each method.
#[derive(Clone, Debug)]
struct Methods<T>(Vec<(RouteMethod, Route<T>)>);

impl<T> RouteTable<T> {
    /// No routes.
    #[must_use]
    pub fn new() -> Self {
        Self { root: Node::new(), default: None }
    }

    /// Adds a route. Returns the one that was for the same requests, which it replaces; the names of variables make no
    /// difference to that.
    pub fn insert(&mut self, key: RouteKey, target: T) -> Option<T> {
        let (method, template) = match &key {
            RouteKey::Default => {
                return self.default.replace(Route { key, target }).map(|route| route.target);
            }
            RouteKey::Path(method, template) => (*method, template),
        };
        let mut node = &mut self.root;
        let mut greedy = false;
        for segment in template.segments() {
            node = match segment {
                Segment::Fixed(text) => {
                    node.fixed.entry(percent::decode(text).into_owned()).or_insert_with(Node::new)
                }
                Segment::Variable(_) => node.variable.get_or_insert_with(|| Box::new(Node::new())),
                Segment::Greedy(_) => {
                    greedy = true;
                    node
                }
            };
        }
        let methods = if greedy { &mut node.greedy } else { &mut node.here };
        methods.insert(method, Route { key, target })
    }

    /// The route of a request; `path` is as it came, percent-encoded, without the query.
    #[must_use]
    pub fn find<'a>(&'a self, method: &str, path: &'a str) -> Option<RouteMatch<'a, T>> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let route = self.root.full(Some(path), method).or_else(|| self.root.greedy(Some(path), method));
        let route = route.or(self.default.as_ref())?;
        let parameters = match &route.key {
            RouteKey::Default => Vec::new(),
            RouteKey::Path(_, template) => parameters(template.segments(), path),
        };
        Some(RouteMatch { key: &route.key, target: &route.target, parameters })
    }
}

impl<T> Default for RouteTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Node<T> {
    fn new() -> Self {
        Self { fixed: HashMap::new(), variable: None, here: Methods(Vec::new()), greedy: Methods(Vec::new()) }
    }

    /// A route without greedy variable for what is left of a path.
    fn full(&self, path: Option<&str>, method: &str) -> Option<&Route<T>> {
        let Some(path) = path else { return self.here.select(method) };
        let (first, rest) = split(path);
        self.children(&percent::decode(first)).find_map(|child| child.full(rest, method))
    }

    /// A route with a greedy variable, as far to the right as possible, for what is left of a path.
    fn greedy(&self, path: Option<&str>, method: &str) -> Option<&Route<T>> {
        let path = path?;
        let (first, rest) = split(path);
        let further = self.children(&percent::decode(first)).find_map(|child| child.greedy(rest, method));
        further.or_else(|| self.greedy.select(method).filter(|_| !path.is_empty()))
    }

    /// What may follow, the fixed one first.
    fn children<'n>(&'n self, segment: &str) -> impl Iterator<Item = &'n Self> + use<'n, T> {
        let variable = self.variable.as_deref().filter(|_| !segment.is_empty());
        self.fixed.get(segment).into_iter().chain(variable)
    }
}

impl<T> Methods<T> {
    fn insert(&mut self, method: RouteMethod, route: Route<T>) -> Option<T> {
        match self.0.iter_mut().find(|(known, _)| *known == method) {
            Some((_, known)) => Some(std::mem::replace(known, route).target),
            None => {
                self.0.push((method, route));
                None
            }
        }
    }

    fn select(&self, method: &str) -> Option<&Route<T>> {
        let of = |wanted: &str| self.0.iter().find(|(known, _)| known.as_str() == wanted);
        // `ANY` is no method of HTTP, whatever a client sends.
        let own = of(method).filter(|(known, _)| *known != RouteMethod::Any);
        own.or_else(|| of(RouteMethod::Any.as_str())).map(|(_, route)| route)
    }
}

/// The first segment of a path, and the others, if there are any.
fn split(path: &str) -> (&str, Option<&str>) {
    // Segments are short: to look at each byte is quicker than to search.
    let end = path.bytes().position(|byte| byte == b'/');
    end.map_or((path, None), |end| (&path[..end], Some(&path[end + 1..])))
}

/// What variables stand for in a path that fits, in the order of their names.
fn parameters<'a>(template: &'a [Segment], path: &'a str) -> Vec<(&'a str, Cow<'a, str>)> {
    let mut rest = Some(path);
    let pairs = template.iter().filter_map(|segment| {
        let left = rest.expect("a path that fits has as many segments");
        let (first, behind) = split(left);
        rest = behind;
        match segment {
            Segment::Fixed(_) => None,
            Segment::Variable(name) => Some((&**name, percent::decode(first))),
            Segment::Greedy(name) => Some((&**name, percent::decode(left))),
        }
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable_by_key(|(name, _)| *name);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(keys: &[&str]) -> RouteTable<String> {
        let mut table = RouteTable::new();
        for key in keys {
            let replaced = table.insert(RouteKey::parse(key).expect(key), (*key).to_owned());
            assert_eq!(replaced, None, "{key}");
        }
        table
    }

    fn check(table: &RouteTable<String>, request: &str, expected: Option<(&str, &[(&str, &str)])>) {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let found = table.find(method, path);
        let parameters = found
            .as_ref()
            .map(|found| found.parameters.iter().map(|(name, value)| (*name, &**value)).collect::<Vec<_>>());
        let found = found.as_ref().zip(parameters.as_deref());
        let found = found.map(|(found, parameters)| (found.target.as_str(), parameters));
        assert_eq!(found, expected, "{request}");
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        // The example of the developer guide, and what it leaves open.
        let table = table(&[
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "ANY /{proxy+}",
            "ANY /pets/dog/1",
            "POST /{name}/{kind}",
            "GET /",
            "$default",
        ]);
        check(&table, "GET /pets/dog/1", Some(("GET /pets/dog/1", &[])));
        check(&table, "GET /pets/dog/2", Some(("GET /pets/dog/{id}", &[("id", "2")])));
        check(&table, "GET /pets/cat/1", Some(("GET /pets/{proxy+}", &[("proxy", "cat/1")])));
        check(&table, "PUT /test/5", Some(("ANY /{proxy+}", &[("proxy", "test/5")])));
        check(&table, "PUT /pets/dog/1", Some(("ANY /pets/dog/1", &[])));
        check(&table, "POST /pets/dog", Some(("POST /{name}/{kind}", &[("kind", "dog"), ("name", "pets")])));
        check(&table, "POST /pets/dog/2", Some(("ANY /{proxy+}", &[("proxy", "pets/dog/2")])));
        check(&table, "GET /", Some(("GET /", &[])));
        check(&table, "POST /", Some(("$default", &[])));
        check(&table, "ANY /pets/dog/1", Some(("ANY /pets/dog/1", &[])));
    }

    #[test]
    fn a_route_without_greedy_variable_goes_before_all_that_have_one() {
        let table = table(&["GET /a/{rest+}", "GET /{x}/{y}", "GET /{x}/{y}/{rest+}", "GET /a/b/{rest+}"]);
        check(&table, "GET /a/b", Some(("GET /{x}/{y}", &[("x", "a"), ("y", "b")])));
        check(&table, "GET /a/b/c", Some(("GET /a/b/{rest+}", &[("rest", "c")])));
        check(&table, "GET /a/c/d/e", Some(("GET /a/{rest+}", &[("rest", "c/d/e")])));
        check(&table, "GET /b/c/d", Some(("GET /{x}/{y}/{rest+}", &[("rest", "d"), ("x", "b"), ("y", "c")])));
    }

    #[test]
    fn paths_are_decoded_segment_by_segment() {
        let table = table(&["GET /a%20b/{id}", "GET /files/{path+}"]);
        check(&table, "GET /a%20b/x%2Fy+z", Some(("GET /a%20b/{id}", &[("id", "x/y+z")])));
        check(&table, "GET /%61 b/1", Some(("GET /a%20b/{id}", &[("id", "1")])));
        check(&table, "GET /files/%C3%A4//b/", Some(("GET /files/{path+}", &[("path", "ä//b/")])));
    }

    #[test]
    fn nothing_is_no_part_of_a_path() {
        let table = table(&["GET /pets", "GET /pets/{id}", "ANY /{proxy+}"]);
        check(&table, "GET /pets/", Some(("ANY /{proxy+}", &[("proxy", "pets/")])));
        check(&table, "GET /", None);
        check(&table, "GET //", Some(("ANY /{proxy+}", &[("proxy", "/")])));
        check(&RouteTable::new(), "GET /", None);
    }

    #[test]
    fn one_route_for_the_same_requests() {
        let mut table = table(&["GET /a/{id}", "$default"]);
        let parse = |key| RouteKey::parse(key).expect(key);
        let other = "GET /a/{other}".to_owned();
        assert_eq!(table.insert(parse(&other), other.clone()).as_deref(), Some("GET /a/{id}"));
        check(&table, "GET /a/1", Some(("GET /a/{other}", &[("other", "1")])));
        assert_eq!(table.insert(RouteKey::Default, other).as_deref(), Some("$default"));
    }
}
