//! What a function returns, read as an answer.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use thiserror::Error;

use super::{HttpAnswer, request::is_token};

/// Why a result is no answer: callers of the URL or API are told of an internal error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the function's result is no HTTP answer of payload format {format}: {reason}")]
pub struct InvalidHttpResult {
    pub(super) format: &'static str,
    pub(super) reason: String,
}

/// An answer as it is described.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description<'a> {
    status_code: u16,
    #[serde(borrow)]
    headers: Option<TextMap<'a>>,
    #[serde(borrow)]
    cookies: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    body: Option<Text<'a>>,
    is_base64_encoded: Option<bool>,
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
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object whose members are texts, in the order of their names. Of several with one name, the last one counts.
struct TextMap<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl HttpAnswer {
    /// Reads what a function returned, JSON. An object with a `statusCode` describes an answer; anything else is the body of
    /// one: a text as it is, the rest as JSON without spaces.
    ///
    /// Headers that say how a body travels are left out, whoever sends it knows better.
    ///
    /// # Errors
    /// If it describes an answer that cannot be.
    pub fn of_result(result: &[u8]) -> Result<Self, InvalidHttpResult> {
        Self::read(result).map_err(|reason| InvalidHttpResult { format: "2.0", reason })
    }

    fn read(result: &[u8]) -> Result<Self, String> {
        match result.iter().find(|byte| !byte.is_ascii_whitespace()) {
            // Nearly all objects describe an answer, in the types that they should have.
            Some(b'{') => {
                if let Ok(description) = serde_json::from_slice(result) {
                    return Self::described(description);
                }
                let document: Document<'_> = parse(result)?;
                if let Some(description) = document.read()? {
                    return Self::described(description);
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
        Self { status: 200, headers: Headers(Vec::new()).with_content_type(), body }
    }

    fn described(description: Description<'_>) -> Result<Self, String> {
        let Description { status_code: status, headers, cookies, body, is_base64_encoded } = description;
        check_status(status)?;
        let cookies = cookies.into_iter().flatten();
        let cookies = cookies.map(|Text(cookie)| (Cow::Borrowed("set-cookie"), cookie));
        let headers = headers.into_iter().flat_map(|TextMap(headers)| headers).chain(cookies);
        let headers = Headers::read(headers)?.with_content_type();
        let Text(body) = body.unwrap_or(Text(Cow::Borrowed("")));
        let body = if is_base64_encoded.unwrap_or(false) {
            let decoded = BASE64_STANDARD.decode(&*body);
            decoded.map_err(|error| format!("`body` is no base64, as `isBase64Encoded` says: {error}"))?
        } else {
            body.into_owned().into_bytes()
        };
        Ok(Self { status, headers, body })
    }
}

impl<'a> Document<'a> {
    /// What it describes, if it does: then all of its members must be what they should.
    fn read(&self) -> Result<Option<Description<'a>>, String> {
        let Some(status) = self.status_code else { return Ok(None) };
        let status_code = parse(status.get().as_bytes())?;
        check_status(status_code)?;
        let headers: Option<BTreeMap<String, Value>> = member(self.headers)?;
        Ok(Some(Description {
            status_code,
            headers: headers.map(TextMap::of_values).transpose()?,
            cookies: member(self.cookies)?,
            body: member(self.body)?,
            is_base64_encoded: member(self.is_base64_encoded)?,
        }))
    }
}

impl TextMap<'_> {
    /// Numbers and truth values are as good as texts.
    fn of_values(values: BTreeMap<String, Value>) -> Result<Self, String> {
        let text = |(name, value)| match value {
            Value::String(text) => Ok((Cow::Owned(name), Cow::Owned(text))),
            Value::Bool(_) | Value::Number(_) => Ok((Cow::Owned(name), Cow::Owned(value.to_string()))),
            Value::Null | Value::Array(_) | Value::Object(_) => Err(format!("`headers.{name}` is no text")),
        };
        values.into_iter().map(text).collect::<Result<_, _>>().map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for TextMap<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = TextMap<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose members are texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<TextMap<'de>, A::Error> {
                let mut map: Vec<(Cow<'de, str>, Cow<'de, str>)> = Vec::new();
                while let Some((Text(name), Text(value))) = members.next_entry()? {
                    match map.binary_search_by(|(known, _)| known.cmp(&name)) {
                        Ok(place) => map[place].1 = value,
                        Err(place) => map.insert(place, (name, value)),
                    }
                }
                Ok(TextMap(map))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Reads a member; `null` is as good as nothing.
fn member<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Result<Option<T>, String> {
    value.map_or(Ok(None), |value| parse(value.get().as_bytes()))
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

/// Checks that a status can be that of an answer.
pub(super) fn check_status(status: u16) -> Result<(), String> {
    if (200..=599).contains(&status) {
        return Ok(());
    }
    Err(format!("`statusCode` is {status}, not one from 200 to 599"))
}

/// Headers that may be sent, their names in lower case.
pub(super) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Checks headers; those that say how a body travels are left out.
    pub(super) fn read<T: AsRef<str> + Into<String>>(
        given: impl IntoIterator<Item = (T, T)>,
    ) -> Result<Self, String> {
        let mut headers = Vec::new();
        for (name, value) in given {
            let is_broken = |character: char| character.is_control() && character != '\t';
            if !is_token(name.as_ref()) || value.as_ref().chars().any(is_broken) {
                return Err(format!("`headers.{}` cannot be a header", name.as_ref()));
            }
            let mut name: String = name.into();
            name.make_ascii_lowercase();
            if !FRAMING.contains(&&*name) {
                headers.push((name, value.into().into_bytes()));
            }
        }
        Ok(Self(headers))
    }

    /// The headers, with the content type of those that do not say theirs.
    pub(super) fn with_content_type(mut self) -> Vec<(String, Vec<u8>)> {
        if !self.0.iter().any(|(name, _)| name == "content-type") {
            self.0.push(("content-type".to_owned(), b"application/json".to_vec()));
        }
        self.0
    }
}

/// Headers that are a connection's business.
const FRAMING: [&str; 6] =
    ["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"];

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
        HttpAnswer::of_result(result.as_bytes()).expect(result)
    }

    fn header<'a>(answer: &'a HttpAnswer, name: &str) -> Vec<&'a [u8]> {
        answer.headers.iter().filter(|(given, _)| given == name).map(|(_, value)| &**value).collect()
    }

    #[test]
    fn what_describes_no_answer_is_the_body_of_one() {
        let check = |result: &str, body: &str| {
            let answer = read(result);
            assert_eq!((answer.status, answer.body.as_slice()), (200, body.as_bytes()), "{result}");
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
        assert_eq!((answer.status, answer.body.as_slice()), (201, &b"x"[..]));
        assert_eq!(header(&answer, "content-type"), [b"text/plain"]);
        assert_eq!(header(&answer, "x-count"), [b"3"]);
        assert_eq!(header(&answer, "set-cookie"), [b"a=1", b"b=2"]);
        assert!(header(&answer, "content-length").is_empty() && header(&answer, "connection").is_empty());
        let twice = read(r#"{"statusCode": 200, "headers": {"b": "1", "a": "\u00e4", "b": "2"}}"#);
        assert_eq!((header(&twice, "a"), header(&twice, "b")), (vec!["\u{e4}".as_bytes()], vec![&b"2"[..]]));
        let nothing = read(r#"{"statusCode": 204, "headers": null, "body": null}"#);
        assert_eq!((nothing.status, nothing.body.len()), (204, 0));
    }

    #[test]
    fn an_answer_that_cannot_be_is_refused() {
        let check = |result: &str, expected: &str| {
            let error = HttpAnswer::of_result(result.as_bytes()).expect_err(result).to_string();
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

    proptest! {
        #[test]
        fn no_result_is_too_strange(result: Vec<u8>) {
            drop(HttpAnswer::of_result(&result));
        }

        #[test]
        fn what_was_rendered_is_read_again(
            status in 200_u16..600, body: Vec<u8>, value in "[!-~]{1,8}", image: bool,
        ) {
            let content_type = if image { "image/png" } else { "text/plain" };
            let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
            let headers = vec![header("content-type", content_type), header("x-value", &value), header("set-cookie", "a=1")];
            let answer = HttpAnswer { status, headers, body };
            prop_assert_eq!(HttpAnswer::of_result(&answer.render()), Ok(answer));
        }

        #[test]
        fn json_without_spaces_is_the_same_json(texts: Vec<String>) {
            let pretty = serde_json::to_vec_pretty(&texts).expect("JSON");
            prop_assert_eq!(without_spaces(&pretty), serde_json::to_vec(&texts).expect("JSON"));
        }
    }
}
