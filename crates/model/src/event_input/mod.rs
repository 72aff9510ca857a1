//! What the target of a rule gets of an event: all of it, a part, or something else.
//!
//! | setting | the target gets |
//! | --- | --- |
//! | none | the event |
//! | `Input` | that text, which is JSON |
//! | `InputPath` | what stands in the event at the end of a path, `$.detail.items[0]`; `null` if nothing does |
//! | `InputTransformer` | a template, in which `<name>` stands for what is at the end of a path |
//!
//! A template is JSON, or several JSON texts, once its placeholders are filled in. Within quotes a placeholder stands for a text,
//! and for no characters if there is nothing; anywhere else for a value, and for `null` if there is none. Some need no path:
//!
//! | placeholder | stands for |
//! | --- | --- |
//! | `<aws.events.rule-arn>`, `<aws.events.rule-name>` | the rule |
//! | `<aws.events.event.ingestion-time>` | when the event came |
//! | `<aws.events.event>` | the event without its detail |
//! | `<aws.events.event.json>` | the event |
//!
//! Sources: EventBridge user guide, "Amazon EventBridge input transformation"; `InputTransformer` in the API reference; recorded
//! messages.

mod path;
mod template;

pub use path::{InvalidPath, JsonPath};
pub use template::{InputTemplate, InvalidTemplate};

use serde_json::Value;

/// What a target gets of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EventInput {
    /// The event.
    #[default]
    Whole,
    /// Always this.
    Constant(Box<str>),
    /// A part of the event.
    Part(JsonPath),
    /// What a template makes of the event.
    Transformed(InputTemplate),
}

/// What an input is made of.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The event as a document.
    pub event: &'a str,
    /// The ARN of the rule.
    pub rule_arn: &'a str,
    /// The rule's name.
    pub rule_name: &'a str,
    /// When the event came, as a text.
    pub ingestion_time: &'a str,
}

impl EventInput {
    /// What the target gets.
    #[must_use]
    pub fn render(&self, occasion: &Occasion<'_>) -> String {
        match self {
            Self::Whole => occasion.event.to_owned(),
            Self::Constant(text) => text.to_string(),
            Self::Part(path) => {
                path.find(&occasion.parse()).map_or("null".to_owned(), |part| part.to_string())
            }
            Self::Transformed(template) => template.fill(occasion),
        }
    }
}

impl Occasion<'_> {
    fn parse(&self) -> Value {
        serde_json::from_str(self.event).expect("an event is a document")
    }
}
