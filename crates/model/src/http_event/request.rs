//! An event read as a request.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// The HTTP request that an event stands for.
///
/// Every part is valid as such: method and header names are tokens, path and query have only characters that may stand in
/// a URL, header values have no control characters but tabs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpEvent {
    /// The method.
    pub method: String,
    /// The host, with the port if there is one: the `host` header, else the domain of the API, else `localhost`.
    pub authority: String,
    /// The path, `/` at least. HTTP APIs decode it; what cannot stand in a path is encoded again.
    pub path: String,
    /// The query without its question mark; empty if there is none.
    pub query: String,
    /// The headers in the order of their lower-case names. Cookies are one header, as browsers send them, and
    /// `content-length`, where it is sent, is that of the body.
    pub headers: Vec<(String, String)>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

/// Why an event is no HTTP event.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidHttpEvent {
    /// It is not a JSON object, or names a field twice.
    #[error("the event is not an HTTP event: {reason}; {EXPECTED}")]
    NotAnObject {
        /// The parser's words.
        reason: String,
    },
    /// A field is not there.
    #[error("the event is not an HTTP event: it has no `{field}`; {EXPECTED}")]
    Missing {
        /// The path of the field.
        field: &'static str,
    },
    /// An event of another payload format.
    #[error("the event is an HTTP event of payload format {version}, not 2.0; {EXPECTED}")]
    Version {
        /// Its version.
        version: String,
    },
    /// A field has a value that it cannot have.
    #[error("the event is not a valid HTTP event: `{field}` {reason}")]
    Field {
        /// The path of the field.
        field: String,
        /// What is wrong with it, or what it must be.
        reason: String,
    },
}

const EXPECTED: &str = r#"the function exports `wasi:http/incoming-handler` and takes events of payload format 2.0, at least {"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#;

impl HttpEvent {
    /// Reads an event of payload format 2.0. Only `rawPath` and `requestContext.http.method` must be there.
    ///
    /// # Errors
    /// If the event is something else, or has a part that no HTTP request can have.
    pub fn parse(event: &[u8]) -> Result<Self, InvalidHttpEvent> {
        let document: Object<'_> = serde_json::from_slice(event)
            .map_err(|error| InvalidHttpEvent::NotAnObject { reason: error.to_string() })?;
        if let Some(version) = document.read::<String>("version")?
            && version != "2.0"
        {
            return Err(InvalidHttpEvent::Version { version });
        }
        let context: Object<'_> = document.read("requestContext")?.unwrap_or_default();
        let http: Object<'_> = context.read("requestContext.http")?.unwrap_or_default();
        let body = body(&document)?;
        let headers = headers(&document, body.len())?;
        Ok(Self {
            method: method(&http)?,
            authority: authority(&headers, &context)?,
            path: path(&document)?,
            query: encode(
                &document.read::<String>("rawQueryString")?.unwrap_or_default(),
                is_query_character,
            ),
            headers: headers.into_iter().collect(),
            body,
        })
    }

    /// Path and query, as a request line has them.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// A JSON object whose fields are yet unread: an error can name the field, and what is not needed costs little.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Object<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Object<'a> {
    /// Reads the field at the end of a path; `null` is as good as nothing.
    fn read<T: Deserialize<'a>>(&self, path: &'static str) -> Result<Option<T>, InvalidHttpEvent> {
        let field = path.rsplit('.').next().unwrap_or(path);
        let Some(value) = self.0.get(field) else { return Ok(None) };
        serde_json::from_str(value.get()).map_err(|error| {
            // The position is one within the field; the path says more.
            let reason = error.to_string();
            invalid(path, reason.split(" at line ").next().unwrap_or(&reason))
        })
    }
}

fn invalid(field: impl fmt::Display, reason: impl fmt::Display) -> InvalidHttpEvent {
    InvalidHttpEvent::Field { field: field.to_string(), reason: reason.to_string() }
}

fn method(http: &Object<'_>) -> Result<String, InvalidHttpEvent> {
    const FIELD: &str = "requestContext.http.method";
    let method: String = http.read(FIELD)?.ok_or(InvalidHttpEvent::Missing { field: FIELD })?;
    if is_token(&method) { Ok(method) } else { Err(invalid(FIELD, "must be a method such as `GET`")) }
}

fn path(document: &Object<'_>) -> Result<String, InvalidHttpEvent> {
    const FIELD: &str = "rawPath";
    let path: String = document.read(FIELD)?.ok_or(InvalidHttpEvent::Missing { field: FIELD })?;
    if !path.starts_with('/') {
        return Err(invalid(FIELD, "must start with `/`"));
    }
    Ok(encode(&path, is_path_character))
}

fn authority(headers: &BTreeMap<String, String>, context: &Object<'_>) -> Result<String, InvalidHttpEvent> {
    const FIELD: &str = "requestContext.domainName";
    let (field, authority) = match headers.get("host") {
        Some(host) => ("headers.host", host.clone()),
        None => (FIELD, context.read(FIELD)?.unwrap_or_else(|| "localhost".to_owned())),
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    if !authority.is_empty() && authority.bytes().all(fits) {
        Ok(authority)
    } else {
        Err(invalid(field, "must be a host name, with a port or without"))
    }
}

fn body(document: &Object<'_>) -> Result<Vec<u8>, InvalidHttpEvent> {
    let body: String = document.read("body")?.unwrap_or_default();
    if document.read("isBase64Encoded")?.unwrap_or(false) {
        let decoded = BASE64_STANDARD.decode(body);
        decoded.map_err(|error| {
            invalid("body", format_args!("must be base64, as `isBase64Encoded` says: {error}"))
        })
    } else {
        Ok(body.into_bytes())
    }
}

fn headers(document: &Object<'_>, body_length: usize) -> Result<BTreeMap<String, String>, InvalidHttpEvent> {
    let sent: BTreeMap<String, String> = document.read("headers")?.unwrap_or_default();
    let mut headers = BTreeMap::new();
    for (name, value) in sent {
        if !is_token(&name) {
            return Err(invalid(format_args!("headers.{name}"), "is not a header's name"));
        }
        if value.chars().any(|character| character.is_control() && character != '\t') {
            return Err(invalid(
                format_args!("headers.{name}"),
                "has a line break or another control character",
            ));
        }
        headers.insert(name.to_ascii_lowercase(), value);
    }
    // Where the same cookies are also a header, that one says nothing new.
    let cookies: Vec<String> = document.read("cookies")?.unwrap_or_default();
    if !cookies.is_empty() {
        let cookie = cookies.join("; ");
        if cookie.chars().any(char::is_control) {
            return Err(invalid("cookies", "have a line break or another control character"));
        }
        headers.insert("cookie".to_owned(), cookie);
    }
    // The event's author may have changed the body, and base64 has another length.
    if let Some(length) = headers.get_mut("content-length") {
        *length = body_length.to_string();
    }
    Ok(headers)
}

/// A token of RFC 9110, section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// `pchar` and `/` of RFC 3986, section 3.3. A percent sign stays as it is: it may be part of an encoding.
fn is_path_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte)
}

/// RFC 3986, section 3.4.
fn is_query_character(byte: u8) -> bool {
    is_path_character(byte) || byte == b'?'
}

/// Percent-encodes all bytes that don't fit.
fn encode(text: &str, fits: fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if fits(byte) {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.push(DIGITS[usize::from(byte >> 4)].into());
            encoded.push(DIGITS[usize::from(byte & 15)].into());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example in the developer guide, but for what no function URL fills in.
    const GUIDE: &str = r#"{
        "version": "2.0", "routeKey": "$default", "rawPath": "/my/path",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {"Header1": "value1", "header2": "value1,value2"},
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "<urlid>", "authentication": null,
            "domainName": "id.lambda-url.us-west-2.on.aws", "domainPrefix": "id",
            "http": {"method": "POST", "path": "/my/path", "protocol": "HTTP/1.1",
                     "sourceIp": "123.123.123.123", "userAgent": "agent"},
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1583348638390
        },
        "body": "Hello from client!", "pathParameters": null, "isBase64Encoded": false, "stageVariables": null
    }"#;

    /// The smallest event, with more fields.
    fn event(fields: &str) -> String {
        let comma = if fields.is_empty() { "" } else { "," };
        format!(r#"{{"rawPath":"/","requestContext":{{"http":{{"method":"GET"}}}}{comma}{fields}}}"#)
    }

    fn parse(event: &str) -> HttpEvent {
        HttpEvent::parse(event.as_bytes()).expect("a valid event")
    }

    #[test]
    fn the_developer_guides_example() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = HttpEvent {
            method: "POST".to_owned(),
            authority: "id.lambda-url.us-west-2.on.aws".to_owned(),
            path: "/my/path".to_owned(),
            query: "parameter1=value1&parameter1=value2&parameter2=value".to_owned(),
            headers: vec![
                pair("cookie", "cookie1; cookie2"),
                pair("header1", "value1"),
                pair("header2", "value1,value2"),
            ],
            body: b"Hello from client!".to_vec(),
        };
        assert_eq!(parse(GUIDE), expected);
    }

    #[test]
    fn the_smallest_event() {
        let event = parse(&event(""));
        assert_eq!((event.method.as_str(), event.authority.as_str()), ("GET", "localhost"));
        assert_eq!(event.path_and_query(), "/");
        assert!(event.headers.is_empty() && event.body.is_empty());
    }

    #[test]
    fn a_binary_body_is_decoded_and_has_its_own_length() {
        let event = parse(&event(
            r#""body":"/wD/","isBase64Encoded":true,"headers":{"Content-Length":"4","Host":"a:80"}"#,
        ));
        assert_eq!(event.body, [0xff, 0x00, 0xff]);
        assert_eq!(event.authority, "a:80");
        assert_eq!(event.headers[0], ("content-length".to_owned(), "3".to_owned()));
    }

    #[test]
    fn the_list_of_cookies_replaces_the_header() {
        let event = parse(&event(r#""cookies":["a=1","b=2"],"headers":{"Cookie":"a=1, b=2"}"#));
        assert_eq!(event.headers, [("cookie".to_owned(), "a=1; b=2".to_owned())]);
    }

    #[test]
    fn what_cannot_stand_in_a_url_is_encoded() {
        let raw = r#"{"rawPath":"/a b/ä?#\n%20","rawQueryString":"q=?a b#","requestContext":{"http":{"method":"GET"}}}"#;
        assert_eq!(parse(raw).path_and_query(), "/a%20b/%C3%A4%3F%23%0A%20?q=?a%20b%23");
    }

    #[test]
    fn errors_name_the_field_and_show_a_valid_event() {
        let check = |event: &str, expected: &str| {
            let error = HttpEvent::parse(event.as_bytes()).expect_err(event).to_string();
            assert!(error.contains(expected), "{error}");
            let valid = EXPECTED.split_once("at least ").expect("an example").1;
            assert!(HttpEvent::parse(valid.as_bytes()).is_ok());
        };
        check("", "not an HTTP event: EOF while parsing");
        check("[1]", "not an HTTP event: invalid type: sequence, expected a map");
        check(
            "{}",
            "it has no `requestContext.http.method`; the function exports `wasi:http/incoming-handler`",
        );
        check(r#"{"requestContext":{"http":{"method":"GET"}}}"#, "it has no `rawPath`");
        check(r#"{"version":"1.0","httpMethod":"GET","path":"/"}"#, "payload format 1.0, not 2.0");
        check(&event(r#""version":2"#), "`version` invalid type: integer `2`, expected a string");
        check(&event(r#""headers":{"a":1}"#), "`headers` invalid type: integer `1`, expected a string");
        check(&event(r#""headers":{"a b":"1"}"#), "`headers.a b` is not a header's name");
        check(&event(r#""headers":{"a":"1\r\nb: 2"}"#), "`headers.a` has a line break");
        check(&event(r#""headers":{"host":"a/b"}"#), "`headers.host` must be a host name");
        check(&event(r#""cookies":["a\n"]"#), "`cookies` have a line break");
        check(&event(r#""body":"%","isBase64Encoded":true"#), "`body` must be base64");
        check(&event(r#""isBase64Encoded":"true""#), "`isBase64Encoded` invalid type: string");
        check(
            r#"{"rawPath":"a","requestContext":{"http":{"method":"GET"}}}"#,
            "`rawPath` must start with `/`",
        );
        check(
            r#"{"rawPath":"/","requestContext":{"http":{"method":"G T"}}}"#,
            "http.method` must be a method",
        );
        check(
            r#"{"rawPath":"/","requestContext":[]}"#,
            "`requestContext` invalid type: sequence, expected a map",
        );
    }

    proptest! {
        #[test]
        fn no_event_is_too_strange(event: Vec<u8>) {
            drop(HttpEvent::parse(&event));
        }

        #[test]
        fn a_valid_event_makes_a_valid_request(
            path: String, query: String, name: String, value: String, body: Vec<u8>,
        ) {
            let event = serde_json::json!({
                "rawPath": format!("/{path}"),
                "rawQueryString": query,
                "headers": { name: value },
                "requestContext": { "http": { "method": "PUT" } },
                "body": BASE64_STANDARD.encode(&body),
                "isBase64Encoded": true,
            });
            let Ok(request) = HttpEvent::parse(event.to_string().as_bytes()) else { return Ok(()) };
            prop_assert_eq!(&request.body, &body);
            prop_assert!(request.path.starts_with('/') && request.path.bytes().all(is_path_character));
            prop_assert!(request.query.bytes().all(is_query_character));
            for (name, value) in &request.headers {
                prop_assert!(is_token(name) && !value.contains(['\r', '\n', '\0']));
            }
        }
    }
}
