//! Which messages a function wants.

use serde_json::Value;
use thiserror::Error;

use crate::event_pattern::EventPattern;

/// Filters of a queue's messages; a message that any of them lets through is wanted, and so is every message if there are none.
///
/// A filter is a pattern of the records that functions get. What it says of `body` decides how the body is read, and a body that
/// cannot be read so is not wanted:
///
/// | filter of `body` | the message's body |
/// | --- | --- |
/// | `{…}`: it looks into it | must be JSON: an object or an array |
/// | `[…]`: it compares it | must be a plain text: anything else |
/// | none | may be anything |
///
/// Source: Lambda developer guide, "Properly filtering Amazon SQS messages". It does not say what a number or a quoted text is
/// that is the whole body; here it is a plain text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterCriteria(Vec<Filter>);

#[derive(Clone, Debug, PartialEq)]
struct Filter {
    /// As its owner wrote it.
    source: Box<str>,
    pattern: EventPattern,
    body: Body,
}

/// What a filter takes a message's body to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Json,
    Text,
    Anything,
}

/// Why filters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidFilter {
    /// One is no pattern. AWS does not say why.
    #[error("Invalid filter pattern definition.")]
    Pattern,
    /// There are more than an account may have, unless it asks for more.
    #[error("Filter criteria size exceeds limit of {}", FilterCriteria::MOST)]
    TooMany,
}

impl FilterCriteria {
    /// Filters of one mapping.
    const MOST: usize = 5;

    /// Reads the patterns of filters.
    ///
    /// # Errors
    /// If one is no pattern, or there are too many.
    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidFilter> {
        let filters = patterns.into_iter().map(Filter::parse).collect::<Result<Vec<_>, _>>()?;
        if filters.len() > Self::MOST { Err(InvalidFilter::TooMany) } else { Ok(Self(filters)) }
    }

    /// The patterns as they were written.
    pub fn patterns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|filter| &*filter.source)
    }

    /// Whether there are no filters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the function wants a message. `record` is what the function would get, with the body as text.
    #[must_use]
    pub fn wants(&self, mut record: Value) -> bool {
        if self.is_empty() {
            return true;
        }
        let matches = |body: Body, record: &Value| {
            self.0.iter().any(|filter| filter.body == body && filter.pattern.matches(record))
        };
        if matches(Body::Anything, &record) {
            return true;
        }
        match record.get("body").and_then(Value::as_str).and_then(document) {
            Some(body) => {
                record["body"] = body;
                matches(Body::Json, &record)
            }
            None => matches(Body::Text, &record),
        }
    }
}

impl Filter {
    fn parse(source: &str) -> Result<Self, InvalidFilter> {
        let pattern = EventPattern::parse(source).map_err(|_| InvalidFilter::Pattern)?;
        let body = if pattern.looks_into("body") {
            Body::Json
        } else if pattern.compares("body") {
            Body::Text
        } else {
            Body::Anything
        };
        Ok(Self { source: source.into(), pattern, body })
    }
}

/// The body as a JSON object or array, if it is one.
fn document(body: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(body).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(patterns: &[&str], wanted: &[&str], unwanted: &[&str]) {
        let criteria = FilterCriteria::parse(patterns.iter().copied()).expect("patterns");
        let record = |body: &str| {
            let attributes = json!({"Author": {"stringValue": "me", "dataType": "String"}});
            json!({"body": body, "eventSource": "aws:sqs", "messageAttributes": attributes})
        };
        for body in wanted {
            assert!(criteria.wants(record(body)), "{patterns:?} should let through {body}");
        }
        for body in unwanted {
            assert!(!criteria.wants(record(body)), "{patterns:?} should not let through {body}");
        }
    }

    #[test]
    fn without_filters_everything_is_wanted() {
        check(&[], &["", "text", "{}"], &[]);
    }

    #[test]
    fn a_filter_that_looks_into_the_body_wants_json() {
        let number = r#"{"body": {"n": [{"numeric": [">", 100]}]}}"#;
        check(
            &[number],
            &[r#"{"n": 105}"#, r#"[{"n": 105}]"#],
            &[r#"{"n": 95}"#, "this is a test string", "", "105"],
        );
        let exists = r#"{"body": {"n": [{"exists": false}]}}"#;
        check(&[exists], &["{}", "[]"], &["text", r#"{"n": 1}"#]);
    }

    #[test]
    fn a_filter_that_compares_the_body_wants_text() {
        check(&[r#"{"body": [{"prefix": "Result: "}]}"#], &["Result: 1"], &["1", "{}"]);
        check(&[r#"{"body": [{"anything-but": "x"}]}"#], &["y", "", "17"], &["x", "{}", "[]"]);
    }

    #[test]
    fn other_filters_want_anything() {
        let author = r#"{"messageAttributes": {"Author": {"stringValue": ["me"]}}}"#;
        check(&[author], &["text", "{}"], &[]);
        check(&[r#"{"eventSource": ["other"]}"#], &[], &["text", "{}"]);
    }

    #[test]
    fn one_filter_is_enough() {
        let (text, json) = (r#"{"body": ["text"]}"#, r#"{"body": {"a": [1]}}"#);
        check(&[text, json], &["text", r#"{"a": 1}"#], &["other", r#"{"a": 2}"#]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let parse = |patterns: &[&str]| FilterCriteria::parse(patterns.iter().copied());
        for pattern in
            ["null", "simple string", "", r#"{"eventSource": "aws:sqs"}"#, r#"{"eventSource": []}"#]
        {
            assert_eq!(parse(&[pattern]), Err(InvalidFilter::Pattern), "{pattern}");
        }
        assert_eq!(parse(&[r#"{"body": ["a"]}"#; 6]), Err(InvalidFilter::TooMany));
        let five = parse(&[r#"{ "body" : ["a"] }"#; 5]).expect("five");
        assert!(
            five.patterns().all(|pattern| pattern == r#"{ "body" : ["a"] }"#) && five.patterns().len() == 5
        );
    }
}
