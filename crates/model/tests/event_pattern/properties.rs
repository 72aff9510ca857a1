//! What holds of all patterns and events.

use hearth_model::event_pattern::EventPattern;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Small documents, so that patterns and events often meet.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-3..4).prop_map(|number| json!(number)),
        "[ab*]{0,3}".prop_map(Value::String),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let value = leaf().prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    });
    prop::collection::btree_map("[ab]", value, 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// The pattern that asks for exactly the values of an event without arrays; `None` if there is nothing to ask.
fn pattern_of(event: &Value) -> Option<Value> {
    match event {
        Value::Object(members) => {
            let fields = members.iter().filter_map(|(name, value)| Some((name.clone(), pattern_of(value)?)));
            let fields: Map<_, _> = fields.collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        Value::Array(elements) => elements.iter().find(|element| !element.is_array()).and_then(pattern_of),
        leaf => Some(json!([leaf])),
    }
}

/// Whether a wildcard matches, told the slow way.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|skipped| glob(rest, &text[skipped..])),
        [first, rest @ ..] => text.first() == Some(first) && glob(rest, &text[1..]),
    }
}

fn matches(pattern: &Value, event: &Value) -> bool {
    EventPattern::parse(&pattern.to_string()).expect("a pattern").matches(event)
}

proptest! {
    #[test]
    fn an_event_matches_what_asks_for_its_own_values(event in event()) {
        if let Some(pattern) = pattern_of(&event) {
            prop_assert!(matches(&pattern, &event), "{pattern} {event}");
        }
    }

    #[test]
    fn a_value_is_excluded_or_matched(excluded in "[ab]{0,3}", value in leaf()) {
        let event = json!({"x": value});
        let plain = matches(&json!({"x": [excluded]}), &event);
        prop_assert_ne!(plain, matches(&json!({"x": [{"anything-but": excluded}]}), &event));
    }

    #[test]
    fn a_field_exists_or_not(event in event()) {
        let exists = |exists: bool| matches(&json!({"a": {"b": [{"exists": exists}]}}), &event);
        prop_assert_ne!(exists(true), exists(false));
    }

    #[test]
    fn or_is_either(one in event(), other in event(), event in event()) {
        if let (Some(one), Some(other)) = (pattern_of(&one), pattern_of(&other)) {
            let either = matches(&one, &event) || matches(&other, &event);
            prop_assert_eq!(matches(&json!({"$or": [one, other]}), &event), either);
        }
    }

    #[test]
    fn wildcards_match_as_if_tried_everywhere(pattern in "[ab]{0,2}(\\*[ab]{1,2}){0,4}\\*?", text in "[ab]{0,10}") {
        let matched = matches(&json!({"x": [{"wildcard": pattern}]}), &json!({"x": text}));
        prop_assert_eq!(matched, glob(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn numbers_are_within_a_range_or_not(least in -5_i32..5, width in 1_i32..5, number in -12_i32..12) {
        let most = least + width;
        let matched = matches(&json!({"x": [{"numeric": [">", least, "<=", most]}]}), &json!({"x": number}));
        prop_assert_eq!(matched, number > least && number <= most);
    }

    #[test]
    fn no_text_breaks_the_parser(text in ".{0,40}", operator in "prefix|wildcard|numeric|cidr|anything-but|\\$or") {
        let _ = EventPattern::parse(&text);
        let _ = EventPattern::parse(&json!({"a": [{operator.as_str(): text}]}).to_string());
        let _ = EventPattern::parse(&json!({operator: [text]}).to_string());
    }
}
