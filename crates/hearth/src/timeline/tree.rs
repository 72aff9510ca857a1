//! What led to what, as trees.

use std::{collections::HashMap, fmt::Write};

use super::{
    Entry,
    line::{clock, description, duration, headed},
};
use crate::terminal::{DIM, NAME};

/// Each piece of work with its events and with what it led to, below what led to it.
pub(crate) fn trees(events: &[Entry]) -> String {
    let forest = Forest::of(events);
    let mut text = String::new();
    for root in forest.works.iter().filter(|work| work.parent.is_none()) {
        let first = root.events[0];
        writeln!(text, "{}  {}", clock(first.wall_us), headed(first)).expect(TAKES_ALL);
        forest.write_below(&mut text, root, first.at_ns, "");
    }
    text
}

/// Pieces of work in the order in which they began. What belongs to none is by itself.
struct Forest<'a> {
    works: Vec<Work<'a>>,
}

struct Work<'a> {
    events: Vec<&'a Entry>,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// What stands below a piece of work: events of it, and what it led to.
enum Item<'a> {
    Event(&'a Entry),
    Work(&'a Work<'a>),
}

impl<'a> Forest<'a> {
    fn of(events: &'a [Entry]) -> Self {
        let mut works: Vec<Work<'a>> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for event in events {
            let work = event.work();
            if let Some(work) = work.as_ref().and_then(|work| known.get(work)) {
                works[*work].events.push(event);
                continue;
            }
            // Only what began before: no work is below itself.
            let parent = event.causes().find_map(|cause| known.get(cause).copied());
            let index = works.len();
            if let Some(parent) = parent {
                works[parent].children.push(index);
            }
            works.push(Work { events: vec![event], parent, children: Vec::new() });
            known.extend(work.map(|work| (work, index)));
        }
        Self { works }
    }

    fn write_below(&'a self, text: &mut String, work: &'a Work<'a>, began_ns: u64, indent: &str) {
        let events = work.events[1..].iter().map(|event| Item::Event(event));
        let children = work.children.iter().map(|child| Item::Work(&self.works[*child]));
        let mut items: Vec<_> = events.chain(children).collect();
        items.sort_by_key(|item| item.first().sequence);
        let last = items.len().saturating_sub(1);
        for (position, item) in items.iter().enumerate() {
            let (branch, below) = if position == last { ("└─", "   ") } else { ("├─", "│  ") };
            let event = item.first();
            let since = duration(event.at_ns.saturating_sub(began_ns) / 1_000);
            write!(text, "{DIM}{:>12}  {indent}{branch}{DIM:#} ", format!("+{since}")).expect(TAKES_ALL);
            match item {
                Item::Event(event) if event.name() == work.events[0].name() => {
                    writeln!(text, "{}", description(event)).expect(TAKES_ALL);
                }
                Item::Event(event) => {
                    writeln!(text, "{NAME}{}{NAME:#} {}", event.name(), description(event)).expect(TAKES_ALL);
                }
                Item::Work(work) => {
                    writeln!(text, "{}", headed(event)).expect(TAKES_ALL);
                    self.write_below(text, work, began_ns, &format!("{indent}{below}"));
                }
            }
        }
    }
}

impl<'a> Item<'a> {
    fn first(&self) -> &'a Entry {
        match self {
            Self::Event(event) => event,
            Self::Work(work) => work.events[0],
        }
    }
}

const TAKES_ALL: &str = "a string takes everything";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn effects_stand_below_their_causes() {
        let (change, request) =
            ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b");
        let event = |sequence: u64, at_ms: u64, fields: serde_json::Value| {
            let mut event =
                json!({"sequence": sequence, "at_ns": at_ms * 1_000_000, "wall_us": at_ms * 1_000});
            let fields = fields.as_object().expect("fields").clone();
            event.as_object_mut().expect("an object").extend(fields);
            serde_json::from_value::<Entry>(event).expect("an event")
        };
        let invocation = |fields: serde_json::Value| {
            let mut fields = fields.as_object().expect("fields").clone();
            fields.extend([
                ("function".to_owned(), json!("thumbnail")),
                ("request_id".to_owned(), json!(request)),
            ]);
            json!(fields)
        };
        let events = [
            event(
                0,
                1_000,
                json!({"bucket": "uploads", "event_id": change, "event": "changed", "change": "ObjectCreated:Put", "key": "a.jpg"}),
            ),
            event(
                1,
                1_000,
                invocation(json!({"cause": "800000000000000a", "event": "accepted", "event_bytes": 512})),
            ),
            event(2, 1_000, json!({"function": "other", "event": "deleted"})),
            event(
                3,
                1_005,
                invocation(
                    json!({"event": "cold-start", "environment": 1, "reason": "first-request", "provision_us": 400, "init_us": 4_000, "modelled": {"runtime_us": 0}}),
                ),
            ),
            event(
                4,
                1_017,
                invocation(
                    json!({"event": "ended", "outcome": "function-error", "duration_us": 12_000, "billed_us": 12_000}),
                ),
            ),
        ];
        let plain = anstream::adapter::strip_str(&trees(&events)).to_string();
        assert_eq!(
            plain,
            format!(
                "00:00:01.000  uploads ObjectCreated:Put of a.jpg  {change}\n\
                 \x20       +0ms  └─ thumbnail accepted an event of 512 bytes  {request}\n\
                 \x20       +5ms     ├─ cold start (first request): environment 1 made in 0.4ms, init 4ms\n\
                 \x20      +17ms     └─ function error after 12ms, billed 12ms\n\
                 00:00:01.000  other deleted\n"
            )
        );
    }
}
