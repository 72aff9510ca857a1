//! What a function returns, read as an answer.

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRAILER, TRANSFER_ENCODING, UPGRADE},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};
use thiserror::Error;

use super::{
    HttpAnswer,
    description::{Description, TextsByName},
};

/// Why a result is no answer: callers of the URL or API are told of an internal error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the function's result is no HTTP {what}: {reason}")]
pub struct InvalidHttpResult {
    /// What it should be.
    pub(super) what: &'static str,
    pub(super) reason: String,
}

/// The members of an object that may describe an answer, unread: whether it does is not known before its end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(borrow)]
    status_code: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    cookies: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    is_base64_encoded: Option<&'a RawValue>,
}

/// A text that is borrowed where it is written as it is.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl HttpAnswer {
    /// Reads what a function returned, JSON. An object with a `statusCode` describes an answer; anything else is the body of
    /// one: a text as it is, the rest as JSON without spaces.
    ///
    /// Headers that say how a body travels are left out, whoever sends it knows better.
    ///
    /// # Errors
    /// If it describes an answer that cannot be.
    pub fn of_result(result: &Bytes) -> Result<Self, InvalidHttpResult> {
        Self::read(result)
            .map_err(|reason| InvalidHttpResult { what: "answer of payload format 2.0", reason })
    }

    fn read(result: &Bytes) -> Result<Self, String> {
        match result.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => {
                if let Some(description) = str::from_utf8(result).ok().and_then(Description::read) {
                    return Self::described(description, result);
                }
                let document: Document<'_> = parse(result)?;
                if let Some(description) = document.read()? {
                    return Self::described(description, result);
                }
            }
            Some(b'"') => return parse(result).map(|text: String| Self::plain(text.into_bytes())),
            Some(_) | None => {
                let IgnoredAny = parse(result)?;
            }
        }
        Ok(Self::plain(without_spaces(result)))
    }

    fn plain(body: Vec<u8>) -> Self {
        Self::json(StatusCode::OK, body)
    }

    fn described(description: Description<'_>, result: &Bytes) -> Result<Self, String> {
        let Description { status_code, headers: named, cookies, body, is_base64_encoded } = description;
        let status = status(status_code)?;
        let mut headers = Headers::default();
        for (name, value) in named {
            headers.read(&name, &value)?;
        }
        for cookie in cookies {
            headers.read(SET_COOKIE.as_str(), &cookie)?;
        }
        let body = if is_base64_encoded {
            let decoded = BASE64_STANDARD.decode(&*body);
            decoded
                .map_err(|error| format!("`body` is no base64, as `isBase64Encoded` says: {error}"))?
                .into()
        } else {
            match body {
                Cow::Borrowed(text) => result.slice_ref(text.as_bytes()),
                Cow::Owned(text) => text.into(),
            }
        };
        Ok(Self { status, headers: headers.with_content_type(), body })
    }
}

impl<'a> Document<'a> {
    /// What it describes, if it does: then all of its members must be what they should.
    fn read(&self) -> Result<Option<Description<'a>>, String> {
        let Some(status_code) = self.status_code else { return Ok(None) };
        let status_code = parse(status_code.get().as_bytes())?;
        status(status_code)?;
        let cookies: Vec<Text<'_>> = member(self.cookies)?;
        let Text(body) = member(self.body)?;
        Ok(Some(Description {
            status_code,
            headers: texts_by_name(member(self.headers)?)?,
            cookies: cookies.into_iter().map(|Text(cookie)| cookie).collect(),
            body,
            is_base64_encoded: member(self.is_base64_encoded)?,
        }))
    }
}

/// Numbers and truth values are as good as texts.
fn texts_by_name(values: BTreeMap<String, Value>) -> Result<TextsByName<'static>, String> {
    let text = |(name, value)| match value {
        Value::String(text) => Ok((Cow::Owned(name), Cow::Owned(text))),
        Value::Bool(_) | Value::Number(_) => Ok((Cow::Owned(name), Cow::Owned(value.to_string()))),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(format!("`headers.{name}` is no text")),
    };
    values.into_iter().map(text).collect()
}

/// Reads a member; `null` is as good as nothing.
fn member<'a, T: Deserialize<'a> + Default>(value: Option<&'a RawValue>) -> Result<T, String> {
    value.map_or(Ok(None), |value| parse(value.get().as_bytes())).map(Option::unwrap_or_default)
}

/// Reads JSON. To check at once that all of it is text is quicker than to check each text in it.
fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    let json = str::from_utf8(json).map_err(|error| error.to_string())?;
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// The status of an answer, if it can be that.
pub(super) fn status(status: u16) -> Result<StatusCode, String> {
    let known = StatusCode::from_u16(status).ok().filter(is_final);
    known.ok_or_else(|| format!("`statusCode` is {status}, not one from 200 to 599"))
}

/// Whether a status can be that of an answer.
pub(super) fn is_final(status: &StatusCode) -> bool {
    (200..=599).contains(&status.as_u16())
}

/// Headers that may be sent.
#[derive(Default)]
pub(super) struct Headers(HeaderMap);

impl Headers {
    /// Adds a header, unless it says how a body travels.
    pub(super) fn read(&mut self, name: &str, value: &str) -> Result<(), String> {
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        let header = header.zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let (name, value) = header.ok_or_else(|| format!("`headers.{name}` cannot be a header"))?;
        if !FRAMING.contains(&name) {
            self.0.append(name, value);
        }
        Ok(())
    }

    /// The headers, with the content type of those that do not say theirs.
    pub(super) fn with_content_type(mut self) -> HeaderMap {
        self.0.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        self.0
    }
}

/// Headers that are a connection's business.
const FRAMING: [HeaderName; 6] =
    [CONNECTION, CONTENT_LENGTH, HeaderName::from_static("keep-alive"), TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Valid JSON without the spaces around its parts; all else stays as it is.
fn without_spaces(json: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(place) = rest.iter().position(|byte| *byte == b'"' || byte.is_ascii_whitespace()) {
        let (before, found) = rest.split_at(place);
        kept.extend_from_slice(before);
        let (text, behind) = found.split_at(text_bytes(found).max(1));
        if text[0] == b'"' {
            kept.extend_from_slice(text);
        }
        rest = behind;
    }
    kept.extend_from_slice(rest);
    kept
}

/// How long the text is that JSON begins with, its quotation marks included; nothing if it begins with something else.
fn text_bytes(json: &[u8]) -> usize {
    let [b'"', text @ ..] = json else { return 0 };
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(result: &str) -> HttpAnswer {
        HttpAnswer::of_result(&Bytes::copy_from_slice(result.as_bytes())).expect(result)
    }

    fn header<'a>(answer: &'a HttpAnswer, name: &str) -> Vec<&'a [u8]> {
        answer.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    }

    #[test]
    fn what_describes_no_answer_is_the_body_of_one() {
        let check = |result: &str, body: &str| {
            let answer = read(result);
            assert_eq!((answer.status, &*answer.body), (StatusCode::OK, body.as_bytes()), "{result}");
            assert_eq!(header(&answer, "content-type"), [b"application/json"]);
        };
        // As recorded from function URLs.
        check(r#"{"hello": "world"}"#, r#"{"hello":"world"}"#);
        check(r#"["hello", 3, true]"#, r#"["hello",3,true]"#);
        check(r#""hello""#, "hello");
        check("3", "3");
        check("3.1", "3.1");
        check("true", "true");
        check("null", "null");
        check(r#"{"body": "x", "b": " \" \\", "a" : 1}"#, r#"{"body":"x","b":" \" \\","a":1}"#);
    }

    #[test]
    fn an_answer_is_what_it_is_described_as() {
        let answer = read(
            r#"{"statusCode": 201, "body": "eA==", "isBase64Encoded": true, "cookies": ["a=1", "b=2"],
                "headers": {"Content-Type": "text/plain", "X-Count": 3, "Content-Length": "99", "Connection": "close"}}"#,
        );
        assert_eq!((answer.status, &*answer.body), (StatusCode::CREATED, &b"x"[..]));
        assert_eq!(header(&answer, "content-type"), [b"text/plain"]);
        assert_eq!(header(&answer, "x-count"), [b"3"]);
        assert_eq!(header(&answer, "set-cookie"), [b"a=1", b"b=2"]);
        assert!(header(&answer, "content-length").is_empty() && header(&answer, "connection").is_empty());
        let twice = read(r#"{"statusCode": 200, "headers": {"b": "1", "a": "\u00e4", "b": "2"}}"#);
        assert_eq!((header(&twice, "a"), header(&twice, "b")), (vec!["\u{e4}".as_bytes()], vec![&b"2"[..]]));
        let nothing = read(r#"{"statusCode": 204, "headers": null, "body": null}"#);
        assert_eq!((nothing.status, nothing.body.len()), (StatusCode::NO_CONTENT, 0));
    }

    #[test]
    fn an_answer_that_cannot_be_is_refused() {
        let check = |result: &'static str, expected: &str| {
            let result = Bytes::from_static(result.as_bytes());
            let error = HttpAnswer::of_result(&result).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("no json", "expected ident");
        check(r#"{"statusCode": "ok"}"#, "invalid type");
        check(r#"{"statusCode": 101}"#, "`statusCode` is 101");
        check(r#"{"statusCode": 200, "body": {}}"#, "invalid type: map, expected a string");
        check(r#"{"statusCode": 200, "headers": {"a": []}}"#, "`headers.a` is no text");
        check(r#"{"statusCode": 200, "headers": {"a b": "c"}}"#, "`headers.a b` cannot be a header");
        check(r#"{"statusCode": 200, "headers": {"a": "b\r\nc: d"}}"#, "`headers.a` cannot be a header");
        check(r#"{"statusCode": 200, "cookies": ["a\n"]}"#, "cannot be a header");
        check(r#"{"statusCode": 200, "body": "%", "isBase64Encoded": true}"#, "no base64");
    }

    /// Members that a description may have or not, right and wrong ones.
    fn member_of_description() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "statusCode",
            "headers",
            "cookies",
            "body",
            "isBase64Encoded",
            "other",
        ]);
        let text = r#""([a\u{e4}]|\\["\\/bfnrt]|\\u00e4){0,3}""#;
        let texts = prop::collection::vec(text, 0..3).prop_map(|texts| format!("[{}]", texts.join(" ,")));
        let named = prop::collection::vec((r#""(a|b|\\n)""#, text), 0..3).prop_map(|texts| {
            let members: Vec<_> = texts.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{{{}}}", members.join(","))
        });
        let value = prop_oneof!["-?[0-9]{1,3}(\\.0|e1)?", r"null|true|false|nul|\[\]|x", text, texts, named];
        (name, "[ \n]?", value, "[ \t]?")
            .prop_map(|(name, before, value, behind)| format!("\"{name}\"{before}:{before}{value}{behind}"))
    }

    proptest! {
        #[test]
        fn what_is_read_in_one_go_is_what_a_deserializer_reads(
            members in prop::collection::vec(member_of_description(), 0..6), end in "\\}?[ x]?",
        ) {
            let result = Bytes::from(format!("{{{}{end}", members.join(",")));
            let json = str::from_utf8(&result).expect("it was text");
            if let Some(description) = Description::read(json) {
                let document: Document<'_> = parse(&result).expect("JSON");
                let expected = document.read().and_then(|description| {
                    HttpAnswer::described(description.expect("it has a status"), &result)
                });
                prop_assert_eq!(HttpAnswer::described(description, &result), expected);
            }
        }

        #[test]
        fn no_result_is_too_strange(result: Vec<u8>) {
            drop(HttpAnswer::of_result(&result.into()));
        }

        #[test]
        fn what_was_rendered_is_read_again(
            status in 200_u16..600, body: Vec<u8>, value in "[!-~]{1,8}", image: bool,
        ) {
            let content_type = if image { "image/png" } else { "text/plain" };
            let mut answer = HttpAnswer { status: super::status(status).expect("a status"), body: body.into(), ..HttpAnswer::default() };
            for (name, value) in [("content-type", content_type), ("x-value", &value), ("set-cookie", "a=1")] {
                answer.headers.append(name, value.parse().expect("a value"));
            }
            prop_assert_eq!(HttpAnswer::of_result(&answer.render().into()), Ok(answer));
        }

        #[test]
        fn json_without_spaces_is_the_same_json(texts: Vec<String>) {
            let pretty = serde_json::to_vec_pretty(&texts).expect("JSON");
            prop_assert_eq!(without_spaces(&pretty), serde_json::to_vec(&texts).expect("JSON"));
        }
    }
}
