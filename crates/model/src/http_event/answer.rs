//! An answer rendered as what a function returns.

use std::{borrow::Cow, str};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRAILER},
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{InvalidHttpResult, content_type::is_text, result::is_final};

/// The HTTP answer of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl From<Response<Bytes>> for HttpAnswer {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status, headers: head.headers, body }
    }
}

impl HttpAnswer {
    /// An answer with a document.
    #[must_use]
    pub fn json(status: StatusCode, document: impl Into<Bytes>) -> Self {
        let content_type = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { status, headers: HeaderMap::from_iter([content_type]), body: document.into() }
    }

    /// Takes what a function answered that takes requests. Headers that say how a body travels are left out, whoever sends it
    /// knows better.
    ///
    /// # Errors
    /// If the status cannot be that of an answer.
    pub fn of_response(response: Response<Bytes>) -> Result<Self, InvalidHttpResult> {
        let mut answer = Self::from(response);
        if !is_final(&answer.status) {
            let reason = format!("its status is {}, not one from 200 to 599", answer.status.as_u16());
            return Err(InvalidHttpResult { what: "response", reason });
        }
        for name in [CONTENT_LENGTH, TRAILER] {
            answer.headers.remove(name);
        }
        Ok(answer)
    }

    /// The answer as JSON of payload format 2.0.
    ///
    /// Headers of one name are joined with commas, `set-cookie` headers become `cookies`. The body is text if its bytes
    /// and its content type are, and base64 otherwise.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let text = str::from_utf8(&self.body).ok().filter(|_| self.is_text());
        let document = Document {
            status_code: self.status.as_u16(),
            headers: Headers(self.joined_headers()),
            cookies: self.headers.get_all(SET_COOKIE).iter().map(to_text).collect(),
            body: text.map_or_else(|| BASE64_STANDARD.encode(&self.body).into(), Cow::Borrowed),
            is_base64_encoded: text.is_none(),
        };
        serde_json::to_vec(&document).expect("numbers and strings can be written as JSON")
    }

    /// Whether the content type is that of a text. An answer without content type becomes `text/plain` on its way.
    fn is_text(&self) -> bool {
        self.headers.get(CONTENT_TYPE).is_none_or(|content_type| is_text(&to_text(content_type)))
    }

    /// Those of one name with commas between their values, but for cookies.
    fn joined_headers(&self) -> Vec<(&HeaderName, Cow<'_, str>)> {
        let others = self.headers.keys().filter(|name| **name != SET_COOKIE);
        let joined = others.map(|name| {
            let mut values = self.headers.get_all(name).iter().map(to_text);
            let first = values.next().expect("a name has a value");
            (name, values.fold(first, |joined, value| joined + "," + value))
        });
        joined.collect()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status_code: u16,
    headers: Headers<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    body: Cow<'a, str>,
    is_base64_encoded: bool,
}

/// Headers in the order in which they were set.
struct Headers<'a>(Vec<(&'a HeaderName, Cow<'a, str>)>);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
fn to_text(value: &HeaderValue) -> Cow<'_, str> {
    match str::from_utf8(value.as_bytes()) {
        Ok(text) => text.into(),
        Err(_) => value.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header((name, value): (&str, &[u8])) -> (HeaderName, HeaderValue) {
        (name.parse().expect("a name"), HeaderValue::from_bytes(value).expect("a value"))
    }

    fn check(headers: &[(&str, &[u8])], body: &[u8], expected: &str) {
        let mut answer = HttpAnswer { body: Bytes::copy_from_slice(body), ..HttpAnswer::default() };
        for (name, value) in headers.iter().copied().map(header) {
            answer.headers.append(name, value);
        }
        assert_eq!(str::from_utf8(&answer.render()).expect("JSON is UTF-8"), expected);
    }

    #[test]
    fn text_stays_text() {
        check(&[], b"", r#"{"statusCode":200,"headers":{},"body":"","isBase64Encoded":false}"#);
        check(
            &[("Content-Type", b"Text/Plain; charset=utf-8")],
            "ä\n\"".as_bytes(),
            r#"{"statusCode":200,"headers":{"content-type":"Text/Plain; charset=utf-8"},"body":"ä\n\"","isBase64Encoded":false}"#,
        );
        for content_type in ["application/json", "application/problem+json", "image/svg+xml", "text/html"] {
            let headers = format!(r#"{{"statusCode":200,"headers":{{"content-type":"{content_type}"}}"#);
            let expected = headers + r#","body":"x","isBase64Encoded":false}"#;
            check(&[("content-type", content_type.as_bytes())], b"x", &expected);
        }
    }

    #[test]
    fn all_else_is_base64() {
        check(
            &[("content-type", b"image/png")],
            b"PNG",
            r#"{"statusCode":200,"headers":{"content-type":"image/png"},"body":"UE5H","isBase64Encoded":true}"#,
        );
        check(
            &[("content-type", b"text/plain")],
            &[0xff],
            r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"/w==","isBase64Encoded":true}"#,
        );
    }

    #[test]
    fn headers_are_joined_and_cookies_are_a_list() {
        check(
            &[
                ("Vary", b"a"),
                ("set-cookie", b"a=1"),
                ("x-name", b"J\xfcrgen"),
                ("vary", b"b"),
                ("Set-Cookie", b"b=2"),
            ],
            b"",
            r#"{"statusCode":200,"headers":{"vary":"a,b","x-name":"Jürgen"},"cookies":["a=1","b=2"],"body":"","isBase64Encoded":false}"#,
        );
    }

    proptest! {
        #[test]
        fn no_byte_of_a_body_is_lost(body: Vec<u8>, text in proptest::option::of(any::<String>()), image: bool) {
            let body = text.map_or(body, String::into_bytes);
            let content_type: &[u8] = if image { b"image/png" } else { b"text/plain" };
            let headers = HeaderMap::from_iter([header(("content-type", content_type))]);
            let answer = HttpAnswer { headers, body: body.clone().into(), ..HttpAnswer::default() };
            let rendered = answer.render();
            let document: serde_json::Value = serde_json::from_slice(&rendered).expect("it is JSON");
            let shown = document["body"].as_str().expect("a string");
            let read = if document["isBase64Encoded"] == true {
                BASE64_STANDARD.decode(shown).expect("it is base64")
            } else {
                shown.as_bytes().to_vec()
            };
            prop_assert_eq!(read, body);
        }
    }
}
