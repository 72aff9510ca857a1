//! A timeline without what differs between runs that are otherwise the same: identifiers.

use std::collections::HashMap;

use hearth_engine::timeline::Event;
use serde_json::Value;

/// The events as text, one in each line, with identifiers numbered in the order in which they come up.
pub(super) fn normal(events: &[Event]) -> String {
    let mut known = HashMap::new();
    let line = |event: &Event| {
        let mut document = serde_json::to_value(event).expect("it is JSON");
        let fields = document.as_object_mut().expect("an object");
        for field in ["request_id", "message_id", "event_id", "cause", "messages"] {
            if let Some(value) = fields.get_mut(field) {
                replace(value, &mut known);
            }
        }
        document.to_string() + "\n"
    };
    events.iter().map(line).collect()
}

fn replace(value: &mut Value, known: &mut HashMap<String, usize>) {
    match value {
        Value::String(id) => {
            let digits = id.replace('-', "");
            let work = digits[digits.len() - 16..].to_owned();
            let next = known.len();
            *value = Value::from(*known.entry(work).or_insert(next));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}
