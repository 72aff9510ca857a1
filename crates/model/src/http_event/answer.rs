//! An answer rendered as what a function returns.

use std::{borrow::Cow, str};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Response;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::content_type::is_text;

/// The HTTP answer of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// The headers; a name may come several times.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl From<Response<Bytes>> for HttpAnswer {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let headers = head.headers.iter();
        Self {
            status: head.status.as_u16(),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: body.into(),
        }
    }
}

impl HttpAnswer {
    /// The answer as JSON of payload format 2.0.
    ///
    /// Headers of one name are joined with commas, `set-cookie` headers become `cookies`. The body is text if its bytes
    /// and its content type are, and base64 otherwise.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let (cookies, headers) =
            self.headers.iter().partition::<Vec<_>, _>(|(name, _)| is(name, "set-cookie"));
        let text = str::from_utf8(&self.body).ok().filter(|_| self.is_text());
        let document = Document {
            status_code: self.status,
            headers: Headers(join(&headers)),
            cookies: cookies.iter().map(|(_, value)| to_text(value)).collect(),
            body: text.map_or_else(|| BASE64_STANDARD.encode(&self.body).into(), Cow::Borrowed),
            is_base64_encoded: text.is_none(),
        };
        serde_json::to_vec(&document).expect("numbers and strings can be written as JSON")
    }

    /// Whether the content type is that of a text. An answer without content type becomes `text/plain` on its way.
    fn is_text(&self) -> bool {
        let content_type = self.headers.iter().find(|(name, _)| is(name, "content-type"));
        let Some((_, value)) = content_type else { return true };
        is_text(&to_text(value))
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
struct Headers<'a>(Vec<(String, Cow<'a, str>)>);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn join<'a>(headers: &[&'a (String, Vec<u8>)]) -> Vec<(String, Cow<'a, str>)> {
    let mut joined: Vec<(String, Cow<'a, str>)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        match joined.iter_mut().find(|(known, _)| is(name, known)) {
            Some((_, values)) => *values = format!("{values},{}", to_text(value)).into(),
            None => joined.push((name.to_ascii_lowercase(), to_text(value))),
        }
    }
    joined
}

/// Header names are the same in upper and lower case.
fn is(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
fn to_text(value: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(value) {
        Ok(text) => text.into(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(headers: &[(&str, &[u8])], body: &[u8], expected: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        let answer = HttpAnswer { status: 200, headers, body: body.to_vec() };
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
            let headers = vec![("content-type".to_owned(), content_type.to_vec())];
            let rendered = HttpAnswer { status: 200, headers, body: body.clone() }.render();
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
