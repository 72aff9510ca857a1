//! An event, as the control API tells it.

use hearth_engine::timeline::Kind;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// An event.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(super) sequence: u64,
    pub(super) at_ns: u64,
    pub(super) wall_us: i64,
    #[serde(rename = "event")]
    pub(super) kind: Kind,
    /// Everything else.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl Entry {
    /// What it happened to.
    pub(super) fn name(&self) -> &str {
        const RESOURCES: [&str; 7] = ["function", "queue", "bucket", "event_bus", "rule", "schedule", "disk"];
        // A batch is of a function, and names the queue too.
        RESOURCES.iter().find_map(|resource| self.fields.get(*resource)?.as_str()).unwrap_or_default()
    }

    /// The identifier of the work that it belongs to.
    pub(super) fn id(&self) -> Option<&str> {
        ["request_id", "message_id", "event_id"].iter().find_map(|name| self.fields.get(*name)?.as_str())
    }

    /// What names that work as a cause: the last sixteen digits of its identifier.
    pub(super) fn work(&self) -> Option<String> {
        let digits = self.id()?.replace('-', "");
        digits.get(16..).map(str::to_owned)
    }

    /// What led to that work.
    pub(super) fn causes(&self) -> impl Iterator<Item = &str> {
        let messages = self.fields.get("messages").and_then(Value::as_array).into_iter().flatten();
        self.fields.get("cause").into_iter().chain(messages).filter_map(Value::as_str)
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, field: &str) -> u64 {
        self.fields.get(field).and_then(Value::as_u64).unwrap_or_default()
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The numbers in a field together.
    pub(super) fn sum(&self, field: &str) -> u64 {
        let parts = self.fields.get(field).and_then(Value::as_object);
        parts.into_iter().flat_map(Map::values).filter_map(Value::as_u64).sum()
    }

    /// How many things are in a field.
    pub(super) fn count(&self, field: &str) -> usize {
        self.fields.get(field).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// A field in words, if it is one of these; otherwise as it is.
    pub(super) fn words<T: DeserializeOwned + ToString>(&self, field: &str) -> String {
        let known = self.fields.get(field).and_then(|value| T::deserialize(value).ok());
        known.map_or_else(|| self.text(field).to_owned(), |known| known.to_string())
    }
}
