//! What is no pattern, and what AWS says of it.

use hearth_model::event_pattern::EventPattern;

#[track_caller]
fn check(pattern: &str, expected: &str) {
    let refused = EventPattern::parse(pattern).expect_err(pattern);
    assert_eq!(refused.to_string(), expected, "{pattern}");
}

#[test]
fn the_shape_of_a_pattern() {
    for text in ["null", "\"simple string\"", "[]", "7"] {
        check(text, "Filter is not an object");
    }
    check("{}", "Empty objects are not allowed");
    check(r#"{"a": {}}"#, "Empty objects are not allowed");
    check(r#"{"resources": []}"#, "Empty arrays are not allowed");
    check(r#"{"int": 42}"#, r#""int" must be an object or an array"#);
    check(r#"{"eventSource": "aws:sqs"}"#, r#""eventSource" must be an object or an array"#);
    check(r#"{"a": [["b"]]}"#, "Match value must be String, number, true, false, or null");
    assert!(EventPattern::parse("{'bad': 'quotation'}").is_err());
    assert!(EventPattern::parse(&format!("{}1", r#"{"a":"#.repeat(1_000))).is_err());
}

#[test]
fn operators() {
    let check = |operator: &str, expected: &str| check(&format!(r#"{{"a": [{operator}]}}"#), expected);
    check(r#"{"EXISTS": true}"#, "Unrecognized match type EXISTS");
    check("{}", "Match expression name not found");
    check(r#"{"prefix": "a", "suffix": "b"}"#, "Only one key allowed in match expression");
    check(r#"{"exists": "true"}"#, "exists match pattern must be either true or false.");
    check(r#"{"prefix": 1}"#, "prefix match pattern must be a string");
    check(r#"{"suffix": [".png"]}"#, "suffix match pattern must be a string");
    check(r#"{"prefix": {"wildcard": "a"}}"#, "Unsupported prefix pattern: wildcard");
    check(r#"{"suffix": {}}"#, "Suffix expression name not found");
    check(r#"{"equals-ignore-case": ["a"]}"#, "equals-ignore-case match pattern must be a string");
    check(r#"{"prefix": {"equals-ignore-case": 1}}"#, "equals-ignore-case match pattern must be a string");
    check(r#"{"exactly": 1}"#, "exact match pattern must be a string");
}

#[test]
fn wildcards() {
    let check = |wildcard: &str, expected: &str| {
        check(&format!(r#"{{"a": [{{"wildcard": {wildcard}}}]}}"#), expected);
    };
    check("1", "wildcard match pattern must be a string");
    check(r#""arn:aws:events:us-east-1:**:event-bus/*""#, "Consecutive wildcard characters at pos 26");
    check(r#""a\\b""#, "Invalid escape character at pos 2");
    check(r#""ä\\""#, "Invalid escape character at pos 3");
    let complex = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a \
                   wildcard character";
    check(r#""*:*:*:*:*:event-bus/*""#, complex);
}

#[test]
fn anything_but() {
    let check = |operand: &str, expected: &str| {
        check(&format!(r#"{{"a": [{{"anything-but": {operand}}}]}}"#), expected);
    };
    let single = "Value of anything-but must be an array or single string/number value.";
    check("null", single);
    check(r#"{"prefix": {"equals-ignore-case": "a"}}"#, single);
    check(r#"["a", null]"#, "Inside anything but list, start|null|boolean is not supported.");
    let mixed =
        "Inside anything but list, either all values are number or string, mixed type is not supported";
    check(r#"["a", 1]"#, mixed);
    check("[]", mixed);
    check(r#"{"exists": true}"#, "Unsupported anything-but pattern: exists");
    check("{}", "Anything-But expression name not found");
    check(r#"{"prefix": ""}"#, "Null prefix/suffix not allowed");
    check(r#"{"suffix": [1]}"#, "prefix/suffix match pattern must be a string");
    check(r#"{"wildcard": 1}"#, "wildcard match pattern must be a string");
    check(r#"{"wildcard": "**"}"#, "Consecutive wildcard characters at pos 1");
    let texts = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
    check(r#"{"equals-ignore-case": 123}"#, texts);
    check(r#"{"equals-ignore-case": [123, 456]}"#, texts);
}

#[test]
fn numbers() {
    let check = |operand: &str, expected: &str| {
        check(&format!(r#"{{"a": [{{"numeric": {operand}}}]}}"#), expected);
    };
    check("1", "Value of numeric must be an array.");
    check("[]", "Invalid member in numeric match: ]");
    check("[5]", "Invalid member in numeric match: 5");
    check(r#"["!=", 5]"#, "Unrecognized numeric range operator: !=");
    check(r#"["=", "5"]"#, "Value of equals must be numeric");
    check(r#"["=", 5, "<", 6]"#, "Too many elements in numeric expression");
    check(r#"["<", 5, ">", 1]"#, "Too many elements in numeric expression");
    check(r#"[">", 0, ">", 0]"#, "Bad numeric range operator: >");
    check(r#"[">", 0, 5]"#, "Bad value in numeric range: 5");
    check(r#"[">", 0, "<"]"#, "Value of < must be numeric");
    check(r#"[">", 0, "<", 1, "<", 2]"#, "Too many terms in numeric range expression");
    check(r#"[">", 5, "<", 5]"#, "Bottom must be less than top");
    check(r#"[">", 5000000001]"#, "Value must be between -5.0E9 and 5.0E9, inclusive");
}

#[test]
fn networks() {
    let check = |network: &str, expected: &str| {
        check(&format!(r#"{{"a": [{{"cidr": {network}}}]}}"#), expected);
    };
    check("1", "prefix match pattern must be a string");
    check(r#""10.0.0.0""#, "Malformed CIDR, one '/' required");
    check(r#""10.0.0.0/1/2""#, "Malformed CIDR, one '/' required");
    check(r#""10.0.0.0/x""#, "Malformed CIDR, mask bits must be an integer");
    check(r#""10.0.0.0/-1""#, "Malformed CIDR, mask bits must not be negative");
    check(r#""10.0.0.0/32""#, "IPv4 mask bits must be < 32");
    check(r#""::/128""#, "IPv6 mask bits must be < 128");
    check(r#""10.0.0.256/24""#, "Invalid IP address: 10.0.0.256");
    check(r#""localhost/24""#, "Nonstandard IP address: localhost");
}

#[test]
fn or() {
    check(r#"{"$or": {"a": [1], "b": [2]}}"#, "It must be an Array followed with $or.");
    check(r#"{"$or": [{"a": [1]}, 2]}"#, "Only JSON object is allowed in array of $or relationship.");
    check(r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship.");
    let reserved = "prefix is Ruler reserved fieldName which cannot be used inside $or.";
    check(r#"{"$or": [{"a": [1]}, {"b": {"prefix": ["c"]}}]}"#, reserved);
}
