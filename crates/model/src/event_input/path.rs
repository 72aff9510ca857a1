//! Paths into events.

use std::borrow::Cow;

use serde_json::Value;
use thiserror::Error;

/// A way from an event to something in it: `$.detail.items[0].id`, `$.detail.items[*]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath(Box<[Step]>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{text}' is no path into an event: write it with dots, as in $.detail.items[0]")]
pub struct InvalidPath {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(Box<str>),
    Index(usize),
    All,
}

impl JsonPath {
    /// Reads a path. Fields stand behind dots; indices, and `*` for all elements, in brackets.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        steps(text).map(|steps| Self(steps.into())).ok_or_else(|| InvalidPath { text: text.to_owned() })
    }

    /// What is at the end of the path; with `*` in the path, an array of all that are. `None` if there is nothing.
    #[must_use]
    pub fn find<'a>(&self, event: &'a Value) -> Option<Cow<'a, Value>> {
        let mut found = vec![event];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| step.take(value)).collect();
        }
        if self.0.contains(&Step::All) {
            let all: Vec<Value> = found.into_iter().cloned().collect();
            return (!all.is_empty()).then_some(Cow::Owned(Value::Array(all)));
        }
        found.first().map(|value| Cow::Borrowed(*value))
    }
}

impl Step {
    fn take<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Self::Field(name), value) => value.get(&**name).into_iter().collect(),
            (Self::Index(index), value) => value.get(index).into_iter().collect(),
            (Self::All, Value::Array(elements)) => elements.iter().collect(),
            (Self::All, Value::Object(fields)) => fields.values().collect(),
            (Self::All, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => Vec::new(),
        }
    }
}

fn steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (step, behind) = match first {
            '.' => {
                let field = &rest[1..];
                let (field, behind) = field.split_at(field.find(['.', '[']).unwrap_or(field.len()));
                let allowed = |c: char| c.is_alphanumeric() || "-_/ :@".contains(c);
                let step = match field {
                    "*" => Step::All,
                    _ if field.is_empty() || !field.chars().all(allowed) => return None,
                    _ => Step::Field(field.into()),
                };
                (step, behind)
            }
            '[' => {
                let (index, behind) = rest[1..].split_once(']')?;
                (if index == "*" { Step::All } else { Step::Index(index.parse().ok()?) }, behind)
            }
            _ => return None,
        };
        steps.push(step);
        rest = behind;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_into_events() {
        let event = json!({
            "detail-type": "order",
            "detail": {"items": [{"id": 1}, {"id": 2}, {}], "none": null, "a/b": "slash"},
        });
        for (path, expected) in [
            ("$", Some(event.clone())),
            ("$.detail-type", Some(json!("order"))),
            ("$.detail.items[1].id", Some(json!(2))),
            ("$.detail.items[1]", Some(json!({"id": 2}))),
            ("$.detail.items[*].id", Some(json!([1, 2]))),
            ("$.detail.items.*.id", Some(json!([1, 2]))),
            ("$.detail.a/b", Some(json!("slash"))),
            ("$.detail.none", Some(Value::Null)),
            ("$.detail.items[3]", None),
            ("$.detail.items.id", None),
            ("$.detail[0]", None),
            ("$.nothing[*]", None),
        ] {
            let found = JsonPath::parse(path).expect(path);
            assert_eq!(found.find(&event).map(Cow::into_owned), expected, "{path}");
        }
    }

    #[test]
    fn anything_else_is_no_path() {
        for text in [
            "", "detail", "$detail", "$.", "$..id", "$.a.", "$['a']", "$.a[", "$.a[-1]", "$.a[x]", "$.a]",
            "$.a[0]b",
        ] {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
    }
}
