//! What patterns match.

use hearth_model::event_pattern::EventPattern;
use serde_json::{Value, json};

/// Checks which of some events a pattern matches.
#[track_caller]
fn check(pattern: &Value, matching: impl IntoIterator<Item = Value>, other: impl IntoIterator<Item = Value>) {
    let parsed = EventPattern::parse(&pattern.to_string()).expect("a pattern");
    for event in matching {
        assert!(parsed.matches(&event), "{pattern} should match {event}");
    }
    for event in other {
        assert!(!parsed.matches(&event), "{pattern} should not match {event}");
    }
}

/// Checks which values one alternative matches, each as the value of a field.
#[track_caller]
fn check_values(alternative: &Value, matching: &[Value], other: &[Value]) {
    let event = |value: &Value| json!({"x": value});
    check(&json!({"x": [alternative]}), matching.iter().map(event), other.iter().map(event));
}

#[test]
fn plain_values() {
    check_values(&json!("a"), &[json!("a")], &[json!("A"), json!(""), json!("ab"), json!(null), json!(1)]);
    check_values(&json!(""), &[json!("")], &[json!(" "), json!(null), json!([])]);
    check_values(&json!({"exactly": "a"}), &[json!("a")], &[json!("b")]);
    check_values(
        &json!(null),
        &[json!(null)],
        &[json!("null"), json!(0), json!(false), json!([]), json!({})],
    );
    check_values(&json!(true), &[json!(true)], &[json!(false), json!("true"), json!(1)]);
    check_values(&json!(300), &[json!(300), json!(300.0), json!(3.0e2)], &[json!("300"), json!(301)]);
    check_values(&json!(0.1), &[json!(0.1), json!(0.100_000_01)], &[json!(0.100_001)]);
    let account = 123_456_789_012_u64;
    check_values(&json!(account), &[json!(account)], &[json!(account + 1), json!(1)]);
}

#[test]
fn parts_of_texts() {
    check_values(
        &json!({"prefix": "us-"}),
        &[json!("us-1"), json!("us-")],
        &[json!("eu-1"), json!("US-1"), json!(1)],
    );
    check_values(&json!({"prefix": ""}), &[json!("a"), json!("")], &[json!(1)]);
    check_values(
        &json!({"suffix": ".png"}),
        &[json!("a.png")],
        &[json!("a.png2"), json!("a.PNG"), json!(null)],
    );
    check_values(
        &json!({"prefix": {"equals-ignore-case": "eventb"}}),
        &[json!("EventBridge")],
        &[json!("Event")],
    );
    check_values(
        &json!({"suffix": {"equals-ignore-case": ".PNG"}}),
        &[json!("a.png"), json!(".Png")],
        &[json!("png")],
    );
    check_values(
        &json!({"equals-ignore-case": "alice"}),
        &[json!("ALICE"), json!("alice")],
        &[json!("alic"), json!(1)],
    );
    check_values(&json!({"equals-ignore-case": "ÄÖ"}), &[json!("äö")], &[json!("ao")]);
}

#[test]
fn wildcards() {
    let wildcard = |text: &str| json!({"wildcard": text});
    check_values(
        &wildcard("dir/*.png"),
        &[json!("dir/.png"), json!("dir/a/b.png")],
        &[json!("dir/a.jpg"), json!("dir/png")],
    );
    check_values(&wildcard("*"), &[json!(""), json!("anything")], &[json!(1), json!(null)]);
    check_values(&wildcard("a*a"), &[json!("aa"), json!("aba")], &[json!("a")]);
    check_values(&wildcard("*ab*ab*"), &[json!("abab"), json!("xabyabz")], &[json!("aba")]);
    check_values(&wildcard(r"a\*b"), &[json!("a*b")], &[json!("axb"), json!(r"a\*b")]);
    check_values(&wildcard(r"a\\*"), &[json!(r"a\b")], &[json!("ab")]);
    check_values(&wildcard("plain"), &[json!("plain")], &[json!("plain2")]);
    check_values(&wildcard("ä*ö"), &[json!("äßö")], &[json!("äß")]);
}

#[test]
fn anything_but() {
    let but = |operand: Value| json!({"anything-but": operand});
    let others = [json!(7), json!(null), json!(true)];
    check_values(&but(json!("a")), &[json!("b"), json!("")], &[json!("a")]);
    check_values(&but(json!("a")), &others, &[json!([]), json!({}), json!(["a", "a"])]);
    check_values(
        &but(json!(["a", "b"])),
        &[json!("c"), json!(["a", "c"])],
        &[json!("a"), json!("b"), json!(["a", "b"])],
    );
    check_values(&but(json!(7)), &[json!(8), json!("7"), json!(null)], &[json!(7), json!(7.0)]);
    check_values(&but(json!([0, 100])), &[json!(1)], &[json!(0), json!(100)]);
    check_values(&but(json!({"prefix": "in"})), &[json!("out"), json!(7)], &[json!("in"), json!("init")]);
    check_values(&but(json!({"prefix": ["in", "out"]})), &[json!("x")], &[json!("init"), json!("outer")]);
    check_values(&but(json!({"suffix": ["1", "2"]})), &[json!("3"), json!(1)], &[json!("a1"), json!("a2")]);
    check_values(&but(json!({"equals-ignore-case": "A"})), &[json!("b")], &[json!("a"), json!("A")]);
    check_values(
        &but(json!({"equals-ignore-case": ["a", "b"]})),
        &[json!("c"), json!(null)],
        &[json!("A"), json!("B")],
    );
    check_values(&but(json!({"wildcard": "*/lib/*"})), &[json!("/bin/a"), json!(7)], &[json!("/lib/a")]);
    check_values(&but(json!({"wildcard": ["a*", "*z"]})), &[json!("b")], &[json!("a"), json!("z")]);
    // A field that is not there has no other value.
    check(&json!({"x": [but(json!("a"))]}), [], [json!({}), json!({"y": "b"})]);
}

#[test]
fn numbers() {
    let numeric = |terms: Value| json!({"numeric": terms});
    check_values(&numeric(json!(["=", 3.018e2])), &[json!(301.8)], &[json!(301), json!("301.8")]);
    check_values(
        &numeric(json!([">", 0, "<=", 5])),
        &[json!(0.000_001), json!(5)],
        &[json!(0), json!(5.000_001)],
    );
    check_values(&numeric(json!([">=", 0, "<", 5])), &[json!(0), json!(4.9)], &[json!(-0.1), json!(5)]);
    check_values(&numeric(json!(["<", 10])), &[json!(-5e9), json!(9)], &[json!(10), json!(-5.1e9)]);
    check_values(&numeric(json!(["<=", 10])), &[json!(10)], &[json!(11)]);
    check_values(
        &numeric(json!([">", 10])),
        &[json!(5e9)],
        &[json!(10), json!(5.1e9), json!(null), json!("11")],
    );
}

#[test]
fn networks() {
    let network = |text: &str| json!({"cidr": text});
    check_values(
        &network("10.0.0.0/24"),
        &[json!("10.0.0.0"), json!("10.0.0.255")],
        &[json!("10.0.1.0"), json!("x"), json!(7)],
    );
    check_values(&network("10.0.0.8/24"), &[json!("10.0.0.8")], &[json!("10.0.0.7")]);
    check_values(&network("0.0.0.0/0"), &[json!("255.255.255.255")], &[json!("::1")]);
    check_values(
        &network("2001:db8::/32"),
        &[json!("2001:db8::"), json!("2001:DB8:ffff::1")],
        &[json!("2001:db9::"), json!("10.0.0.1")],
    );
}

#[test]
fn existence() {
    check(
        &json!({"a": {"b": [{"exists": true}]}}),
        [
            json!({"a": {"b": 1}}),
            json!({"a": {"b": null}}),
            json!({"a": {"b": [1]}}),
            json!({"a": [{"c": 1}, {"b": ""}]}),
        ],
        [
            json!({}),
            json!({"a": 1}),
            json!({"a": {"b": {}}}),
            json!({"a": {"b": {"c": 1}}}),
            json!({"a": {"b": []}}),
        ],
    );
    check(
        &json!({"a": {"b": [{"exists": false}]}}),
        [json!({}), json!({"a": 1}), json!({"a": null}), json!({"a": []}), json!({"a": {"b": {"c": 1}}})],
        [json!({"a": {"b": 1}}), json!({"a": {"b": null}}), json!({"a": [{"c": 1}, {"b": 1}]})],
    );
    // Either it is not there, or it is something else.
    check(
        &json!({"new": {"home": {"S": [{"anything-but": ["roses"]}, {"exists": false}]}}}),
        [json!({"new": {"bought": {"N": "789"}}}), json!({"new": {"home": {"S": "tulips"}}})],
        [json!({"new": {"home": {"S": "roses"}}})],
    );
}

#[test]
fn all_fields_must_match_and_one_of_or() {
    check(
        &json!({"a": ["1", "2"], "b": {"c": [true]}}),
        [json!({"a": "2", "b": {"c": true, "d": 1}})],
        [json!({"a": "2"}), json!({"a": "3", "b": {"c": true}}), json!({"a": "2", "b": {"C": true}})],
    );
    let pattern = json!({"source": ["s"], "$or": [{"m": [1]}, {"t": [2], "$or": [{"n": [3]}, {"n": [4]}]}]});
    check(
        &pattern,
        [json!({"source": "s", "m": 1}), json!({"source": "s", "t": 2, "n": 4})],
        [
            json!({"source": "s"}),
            json!({"m": 1}),
            json!({"source": "s", "t": 2}),
            json!({"source": "s", "t": 2, "n": 5}),
        ],
    );
    check(
        &json!({"d": {"$or": [{"a": [1]}, {"b": [{"exists": false}]}]}}),
        [json!({"d": {"a": 1, "b": 1}}), json!({})],
        [json!({"d": {"b": 1}})],
    );
}

#[test]
fn fields_match_within_one_element_of_an_array() {
    let employees = json!({"employees": [
        [{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}],
        [{"first": "Peter", "last": "Jones"}],
    ]});
    check(&json!({"employees": {"first": ["Anna"]}}), [employees.clone()], []);
    check(&json!({"employees": {"first": ["Anna"], "last": ["Smith"]}}), [employees.clone()], []);
    check(&json!({"employees": {"first": ["Anna"], "last": ["Jones"]}}), [], [employees]);
    check(&json!({"resources": ["a"]}), [json!({"resources": ["b", ["a"]]})], [json!({"resources": []})]);
}

#[test]
fn what_is_asked_about_the_body_of_a_message() {
    let pattern = |value: Value| EventPattern::parse(&value.to_string()).expect("a pattern");
    let into = pattern(json!({"body": {"a": [1]}}));
    assert!(into.looks_into("body") && !into.compares("body"));
    let compared = pattern(json!({"$or": [{"body": ["a"]}, {"x": {"body": {"a": [1]}}}]}));
    assert!(compared.compares("body") && !compared.looks_into("body"));
}
