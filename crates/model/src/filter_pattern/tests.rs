//! Patterns and what they match; most are those of the user guide.

use proptest::prelude::*;

use super::FilterPattern;

fn check(pattern: &str, messages: &[(&str, bool)]) {
    let parsed = FilterPattern::parse(pattern).expect(pattern);
    for (message, expect) in messages {
        assert_eq!(parsed.matches(message), *expect, "{pattern} of {message}");
    }
}

#[test]
fn terms_are_in_messages_or_not() {
    check("", &[("anything", true), ("", true)]);
    check("  ", &[("anything", true)]);
    check("ERROR", &[("[ERROR] fatal", true), ("Exiting with ERRORCODE: -1", true), ("error", false)]);
    check("ERROR Exception", &[("[ERROR] IllegalArgumentException", true), ("[ERROR]", false)]);
    check(
        "\"INTERNAL SERVER ERROR\"",
        &[("500 INTERNAL SERVER ERROR", true), ("SERVER ERROR INTERNAL", false)],
    );
    check("\"say \\\"no\\\"\"", &[("they say \"no\"", true), ("they say no", false)]);
    let lines = |first, second, third| {
        [("ERROR WARN message", first), ("ERROR message", second), ("WARN message", third)]
    };
    check("?ERROR ?WARN", &lines(true, true, true));
    check("ERROR WARN", &lines(true, false, false));
    check("ERROR -WARN", &lines(false, true, false));
    check("-WARN", &lines(false, true, false));
    check("\"ERROR\" - \"WARN\"", &lines(false, true, false));
    check("ERROR ?nothing", &lines(true, true, false));
    check("%4\\d\\d%", &[("status 404", true), ("status 40", false)]);
    check("-%^AUTHORIZED%", &[("AUTHORIZED me", false), ("UNAUTHORIZED", true)]);
}

#[test]
fn members_of_objects_are_compared() {
    let event = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
        "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"ThisFlag":true,"latency":512.5,"code":"404"}"#;
    for (pattern, expect) in [
        ("{ $.eventType = \"UpdateTrail\" }", true),
        ("{$.eventType=UpdateTrail}", true),
        ("{ $.eventType = \"Update\" }", false),
        ("{ $.eventType = \"Update*\" }", true),
        ("{ $.eventType = *Trail }", true),
        ("{ $.eventType = \"Up*Trail\" }", false),
        ("{ $.eventType = * }", true),
        ("{ $.nothing = * }", false),
        ("{ $.eventType = %^Up.*l$% }", true),
        ("{ $.sourceIPAddress != 123.123.* }", true),
        ("{ $.sourceIPAddress != 111.111.* }", false),
        ("{ $.arrayKey[0] = \"value\" }", true),
        ("{ $.arrayKey[*] = \"another value\" }", true),
        ("{ $.arrayKey = \"value\" }", false),
        ("{ $.arrayKey != \"value\" }", false),
        ("{ $.objectList[1].id = 2 }", true),
        ("{ $.objectList[1].id = 2.0 }", true),
        ("{ $.objectList[7].id = 2 }", false),
        ("{ $.SomeObject IS NULL }", true),
        ("{ $.SomeOtherObject IS NULL }", false),
        ("{ $.SomeOtherObject NOT EXISTS }", true),
        ("{ $.SomeObject NOT EXISTS }", false),
        ("{ $.ThisFlag IS TRUE }", true),
        ("{ $.ThisFlag is false }", false),
        ("{ $.latency >= 500 }", true),
        ("{ $.latency > +1000 }", false),
        ("{ $.latency < 10e2 && $.latency <= 512.5 }", true),
        ("{ $.latency = 512.50 }", true),
        ("{ $.latency != 512.5 }", false),
        ("{ $.code = 404 }", true),
        ("{ $.code > 400 }", false),
        ("{ $.nothing != 1 }", false),
    ] {
        check(pattern, &[(event, expect), ("no JSON", false)]);
    }
}

#[test]
fn conditions_are_combined() {
    let event = r#"{"user":{"id":1,"email":"John.Stiles@example.com"},
        "users":[{"id":2,"email":"John.Doe@example.com"},{"id":3,"email":"Jane.Doe@example.com"}],
        "actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}"#;
    for (pattern, expect) in [
        ("{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }", true),
        ("{ ($.user.id = 2 && $.users[0].email = \"nonmatch\") || $.actions[2] = \"GET\" }", false),
        (
            "{ $.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }",
            true,
        ),
        (
            "{ ($.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }",
            false,
        ),
        ("{ $.coordinates[2][0] = 7 }", true),
    ] {
        check(pattern, &[(event, expect)]);
    }
}

#[test]
fn fields_stand_between_spaces() {
    let line = "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
    for (pattern, expect) in [
        ("[ip, user, username, timestamp, request, status_code, bytes]", true),
        ("[ip, user, username, timestamp, request, status_code]", false),
        ("[..., status_code, bytes]", true),
        ("[ip, user, ...]", true),
        ("[ip, user, ..., status_code = 4*, bytes > 1000]", true),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", true),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 404, bytes]", false),
        ("[ip, user, username, timestamp, request, status_code = 200 || status_code = 404, bytes]", true),
        ("[..., request=*.html*, status_code=4*,]", true),
        ("[ip != %127%, ...]", false),
        ("[ip, user, username = \"frank\", timestamp = 10/Oct/*, ...]", true),
    ] {
        check(pattern, &[(line, expect), ("", false)]);
    }
    check(
        "[w1=ERROR || w1=WARN, w2]",
        &[("ERROR message", true), ("WARN message", true), ("INFO message", false)],
    );
    check("[a]", &[("[unclosed", true), ("\"", true)]);
}

#[test]
fn what_is_no_pattern_is_refused_with_the_place() {
    let check = |pattern: &str, expect: &str| {
        assert_eq!(FilterPattern::parse(pattern).expect_err(pattern).to_string(), expect);
    };
    check("{$.a = 1 &&", "If a filter pattern starts with '{' it must end with '}'");
    check("[a, b", "If a filter pattern starts with '[' it must end with ']'");
    check("email@domain.com", "Invalid filter pattern: Invalid character(s) in term 'email@domain.com'");
    check("\"\"", "Invalid filter pattern: Invalid character(s) in term '\"\"'");
    check("\"open", "Invalid filter pattern: expected a closing quote at 'open'");
    check("a -", "Invalid filter pattern: expected a value at ''");
    check("{ a = 1 }", "Invalid filter pattern: expected a selector such as '$.level' at 'a = 1'");
    check("{ $.a }", "Invalid filter pattern: expected an operator at ''");
    check("{ $.a > b }", "Invalid filter pattern: expected a number at 'b'");
    check("{ $.a IS 1 }", "Invalid filter pattern: expected 'NULL', 'TRUE' or 'FALSE' at '1'");
    check("{ ($.a = 1 }", "Invalid filter pattern: expected ')' at ''");
    check("{ $.a = 1 $.b = 2 }", "Invalid filter pattern: expected '&&', '||' or the end at '$.b = 2'");
    check("{ $.a[x] = 1 }", "Invalid filter pattern: expected the number of an element and ']' at 'x] = 1'");
    check("[..., a, ...]", "Invalid filter pattern: '...' may stand for fields only once");
    check("[a = 1 && b = 2]", "Invalid filter pattern: expected the name of the same field at 'b = 2'");
    assert!(
        FilterPattern::parse("%(%").expect_err("no expression").to_string().contains("'%(%' is no regular")
    );
    let deep = format!("{{{}$.a = 1{}}}", "(".repeat(33), ")".repeat(33));
    assert!(FilterPattern::parse(&deep).expect_err("deep").to_string().contains("32 deep"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(pattern in "[\\[{?%\"$.=a1* &|()<>,\\-]{0,40}[}\\]]?", message in ".{0,40}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let _matched = pattern.matches(&message);
        }
    }
}
