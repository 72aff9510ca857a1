//! Templates of what targets get.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Deserializer, Value};
use thiserror::Error;

use super::{JsonPath, Occasion};

/// A template, and where what fills it in comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct InputTemplate {
    pieces: Box<[Piece]>,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidTemplate {
    /// Nothing says what a placeholder stands for.
    #[error("the placeholder <{name}> is not in InputPathsMap")]
    Unknown {
        /// What stands in its brackets.
        name: String,
    },
    /// A placeholder stands for something that belongs into an object, and the template is none.
    #[error("the placeholder <{name}> can stand in a JSON object only")]
    ObjectsOnly {
        /// What stands in its brackets.
        name: &'static str,
    },
    /// It is not JSON, whatever its placeholders stand for.
    #[error("{reason}")]
    NotJson {
        /// Why not.
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(Box<str>),
    Placeholder {
        source: Source,
        /// Whether it stands within a text.
        quoted: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Path(JsonPath),
    RuleArn,
    RuleName,
    IngestionTime,
    EventWithoutDetail,
    Event,
}

/// Stands for the event.
const EVENT: &str = "aws.events.event.json";

impl InputTemplate {
    /// Reads a template. What stands in brackets and is no name is no placeholder.
    ///
    /// # Errors
    /// If a placeholder has no path, or what comes out is not JSON.
    pub fn parse(text: &str, paths: &BTreeMap<String, JsonPath>) -> Result<Self, InvalidTemplate> {
        let mut pieces = Vec::new();
        let (mut literal, mut rest, mut quoted) = (String::new(), text, false);
        while let Some(next) = rest.chars().next() {
            if let Some((name, behind)) = placeholder(rest) {
                let unknown = || InvalidTemplate::Unknown { name: name.to_owned() };
                let source = Source::of(name, paths).ok_or_else(unknown)?;
                if source == Source::Event && !text.trim_start().starts_with('{') {
                    return Err(InvalidTemplate::ObjectsOnly { name: EVENT });
                }
                pieces.push(Piece::Literal(std::mem::take(&mut literal).into()));
                pieces.push(Piece::Placeholder { source, quoted });
                rest = behind;
                continue;
            }
            // An escape within a text is two characters, of which the second ends nothing.
            let length = if next == '\\' && quoted {
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            } else {
                next.len_utf8()
            };
            quoted ^= next == '"';
            let (taken, behind) = rest.split_at(length);
            literal.push_str(taken);
            rest = behind;
        }
        pieces.push(Piece::Literal(literal.into()));
        let template = Self { pieces: pieces.into() };
        template.check()?;
        Ok(template)
    }

    /// The template with its placeholders filled in.
    pub(super) fn fill(&self, occasion: &Occasion<'_>) -> String {
        let event = occasion.parse();
        self.fill_with(|source| source.find(occasion, &event))
    }

    fn fill_with<'a>(&self, find: impl Fn(&Source) -> Option<Cow<'a, Value>>) -> String {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Placeholder { source, quoted: false } => {
                    filled.push_str(&find(source).map_or("null".to_owned(), |value| value.to_string()));
                }
                Piece::Placeholder { source, quoted: true } => match find(source).as_deref() {
                    None => {}
                    Some(Value::String(text)) => filled.push_str(&escaped(text)),
                    Some(value) => filled.push_str(&escaped(&value.to_string())),
                },
            }
        }
        filled
    }

    fn check(&self) -> Result<(), InvalidTemplate> {
        let sample = self.fill_with(|_| None);
        for value in Deserializer::from_str(&sample).into_iter::<Value>() {
            value.map_err(|error| InvalidTemplate::NotJson { reason: error.to_string() })?;
        }
        Ok(())
    }
}

impl Source {
    fn of(name: &str, paths: &BTreeMap<String, JsonPath>) -> Option<Self> {
        Some(match name {
            "aws.events.rule-arn" => Self::RuleArn,
            "aws.events.rule-name" => Self::RuleName,
            "aws.events.event.ingestion-time" => Self::IngestionTime,
            "aws.events.event" => Self::EventWithoutDetail,
            EVENT => Self::Event,
            _ => Self::Path(paths.get(name)?.clone()),
        })
    }

    fn find<'a>(&self, occasion: &Occasion<'_>, event: &'a Value) -> Option<Cow<'a, Value>> {
        let text = |text: &str| Some(Cow::Owned(Value::from(text)));
        match self {
            Self::Path(path) => path.find(event),
            Self::RuleArn => text(occasion.rule_arn),
            Self::RuleName => text(occasion.rule_name),
            Self::IngestionTime => text(occasion.ingestion_time),
            Self::EventWithoutDetail => {
                let mut event = event.clone();
                event.as_object_mut()?.remove("detail");
                Some(Cow::Owned(event))
            }
            Self::Event => Some(Cow::Borrowed(event)),
        }
    }
}

/// The name in the brackets with which a text begins, and what is behind them.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('<')?.split_once('>')?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then_some((name, behind))
}

/// A text as it stands within quotes.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCCURRED: &str = r#"{"detail-type":"order","detail":{"id":7,"who":"A \"B\"","items":["x"]}}"#;

    fn fill(template: &str) -> Result<String, InvalidTemplate> {
        let paths = [
            ("type", "$.detail-type"),
            ("id", "$.detail.id"),
            ("who", "$.detail.who"),
            ("items", "$.detail.items"),
            ("gone", "$.detail.gone"),
        ];
        let paths =
            paths.into_iter().map(|(name, path)| (name.to_owned(), JsonPath::parse(path).expect(path)));
        let occasion = Occasion {
            event: OCCURRED,
            rule_arn: "ARN",
            rule_name: "tick",
            ingestion_time: "2026-11-21T12:00:00Z",
        };
        Ok(InputTemplate::parse(template, &paths.collect())?.fill(&occasion))
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (template, expected) in [
            (r#""order <id> of <who>: <gone>.""#, r#""order 7 of A \"B\": .""#),
            (
                r#"{"id": <id>, "who": <who>, "items": <items>, "gone": <gone>}"#,
                r#"{"id": 7, "who": "A \"B\"", "items": ["x"], "gone": null}"#,
            ),
            (r#"{"text": "in \"<type>\": <items>"}"#, r#"{"text": "in \"order\": [\"x\"]"}"#),
            (r#"{"text": "\\", "id": <id>}"#, r#"{"text": "\\", "id": 7}"#),
            ("<id>", "7"),
            ("\"<type>\"\n\"<id>\"", "\"order\"\n\"7\""),
            (r#""a < b > c <>""#, r#""a < b > c <>""#),
            (
                r#"["<aws.events.rule-name>", <aws.events.rule-arn>, <aws.events.event.ingestion-time>]"#,
                r#"["tick", "ARN", "2026-11-21T12:00:00Z"]"#,
            ),
            ("<aws.events.event>", r#"{"detail-type":"order"}"#),
            (
                r#"{"all": <aws.events.event.json>}"#,
                &format!(r#"{{"all": {}}}"#, serde_json::from_str::<Value>(OCCURRED).expect("JSON")),
            ),
        ] {
            assert_eq!(fill(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn templates_are_refused() {
        assert_eq!(fill("[<aws.events.event.json>]"), Err(InvalidTemplate::ObjectsOnly { name: EVENT }));
        assert_eq!(fill("<other>"), Err(InvalidTemplate::Unknown { name: "other".to_owned() }));
        for template in ["order <id>", r#"{"id": <id>"#, r#""open <id>"#, "{<type>: 1}"] {
            assert!(matches!(fill(template), Err(InvalidTemplate::NotJson { .. })), "{template}");
        }
    }
}
