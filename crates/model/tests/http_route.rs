//! Routes against the plainest way to find one: look at all of them, and take the best.

use hearth_model::http_route::{RouteKey, RouteMethod, RouteTable, Segment};
use proptest::prelude::*;

/// How good a route is for a request, better ones first; `None` if it is not for it.
fn rank(key: &RouteKey, method: &str, path: &[&str]) -> Option<(u8, Vec<u8>, u8)> {
    let RouteKey::Path(wanted, template) = key else { return Some((2, Vec::new(), 0)) };
    if *wanted != RouteMethod::Any && wanted.as_str() != method {
        return None;
    }
    let mut kinds = Vec::new();
    let mut greedy = false;
    for (position, segment) in template.segments().iter().enumerate() {
        let given = path.get(position)?;
        match segment {
            Segment::Fixed(text) if text == given => kinds.push(0),
            Segment::Variable(_) if !given.is_empty() => kinds.push(1),
            Segment::Greedy(_) if !path[position..].join("/").is_empty() => {
                kinds.push(2);
                greedy = true;
            }
            Segment::Fixed(_) | Segment::Variable(_) | Segment::Greedy(_) => return None,
        }
    }
    if !greedy && template.segments().len() != path.len() {
        return None;
    }
    Some((u8::from(greedy), kinds, u8::from(*wanted == RouteMethod::Any)))
}

proptest! {
    #[test]
    fn the_best_of_all_routes_is_found(
        keys in prop::collection::vec("(GET|POST|ANY) (/(a|b|\\{x\\})){0,3}(/|/a|/\\{r\\+\\})", 0..12),
        default: bool,
        path in "(/[abc]?){1,4}",
    ) {
        let default = default.then(|| "$default".to_owned());
        let keys: Vec<RouteKey> = keys.iter().chain(&default).filter_map(|key| RouteKey::parse(key).ok()).collect();
        let mut table = RouteTable::new();
        for key in &keys {
            table.insert(key.clone(), ());
        }
        let segments: Vec<&str> = path[1..].split('/').collect();
        for method in ["GET", "POST", "TRACE"] {
            let ranked = keys.iter().filter_map(|key| Some((rank(key, method, &segments)?, key)));
            let best = ranked.min_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, key)| key);
            prop_assert_eq!(table.find(method, &path).map(|found| found.key), best, "{} {}", method, &path);
        }
    }
}
