//! What a function returns, read as an answer of payload format 1.0.
//!
//! API Gateway reads a text where a number, a truth value or a text stands, and a number or a truth value out of a text; source:
//! recorded answers.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use super::{
    HttpAnswer, InvalidHttpResult, ProxyFront,
    result::{self, Headers},
};

/// Headers whose place is taken: a REST API gives those of a function other names.
///
/// Source: API Gateway developer guide, "Amazon API Gateway important notes".
const REMAPPED: [&str; 5] = ["connection", "content-length", "date", "server", "www-authenticate"];

impl HttpAnswer {
    /// Reads what a function returned, JSON: an object in which, for a REST API, nothing must be there and nothing else may be,
    /// and which needs a `statusCode` for an HTTP API. A body in base64 is decoded only if `decodes`, since the callers of
    /// a REST API get it as it is unless its owner says otherwise.
    ///
    /// Where a name is in `headers` and in `multiValueHeaders`, all of the values count.
    ///
    /// # Errors
    /// If it describes no answer.
    pub fn of_proxy_result(
        result: &[u8],
        front: ProxyFront,
        decodes: bool,
    ) -> Result<Self, InvalidHttpResult> {
        read(result, front, decodes)
            .map_err(|reason| InvalidHttpResult { what: "answer of payload format 1.0", reason })
    }
}

fn read(returned: &[u8], front: ProxyFront, decodes: bool) -> Result<HttpAnswer, String> {
    let members: Map<String, Value> = serde_json::from_slice(returned).map_err(|error| error.to_string())?;
    if front == ProxyFront::Rest
        && let Some(other) = members.keys().find(|name| !MEMBERS.contains(&&***name))
    {
        return Err(format!("`{other}` is none of {}", MEMBERS.join(", ")));
    }
    let status = match (scalar(&members, "statusCode")?, front) {
        (Some(status), _) => status.parse().map_err(|_| format!("`statusCode` is `{status}`, no number"))?,
        (None, ProxyFront::Rest) => 200,
        (None, ProxyFront::Http) => return Err("there is no `statusCode`".to_owned()),
    };
    let status = result::status(status)?;
    let body = scalar(&members, "body")?.unwrap_or_default();
    let is_encoded = match scalar(&members, "isBase64Encoded")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(format!("`isBase64Encoded` is `{other}`, neither true nor false")),
    };
    let body = if is_encoded && decodes {
        let decoded = BASE64_STANDARD.decode(body);
        decoded.map_err(|error| format!("`body` is no base64, as `isBase64Encoded` says: {error}"))?
    } else {
        body.into_bytes()
    };
    let mut answered = Headers::default();
    for (name, value) in headers(&members)? {
        match front {
            ProxyFront::Rest if REMAPPED.contains(&&*name.to_ascii_lowercase()) => {
                answered.read(&format!("x-amzn-remapped-{name}"), &value)?;
            }
            ProxyFront::Rest | ProxyFront::Http => answered.read(&name, &value)?,
        }
    }
    Ok(HttpAnswer { status, headers: answered.with_content_type(), body: body.into() })
}

const MEMBERS: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

/// Those with many values first. A value that is in both is there once.
fn headers(members: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut headers = Vec::new();
    for (name, values) in object(members, "multiValueHeaders")? {
        let Value::Array(values) = values else {
            return Err(format!("`multiValueHeaders.{name}` is no list"));
        };
        for value in values {
            let text =
                text(value).ok_or_else(|| format!("`multiValueHeaders.{name}` is no list of texts"))?;
            headers.extend(text.map(|text| (name.clone(), text)));
        }
    }
    for (name, value) in object(members, "headers")? {
        let text = text(value).ok_or_else(|| format!("`headers.{name}` is no text"))?;
        let Some(text) = text else { continue };
        if !headers.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && *value == text) {
            headers.push((name.clone(), text));
        }
    }
    Ok(headers)
}

fn object<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)> + use<'a>, String> {
    match members.get(name) {
        Some(Value::Object(object)) => Ok(Some(object).into_iter().flatten()),
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(_) => Err(format!("`{name}` is no object")),
    }
}

fn scalar(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    members.get(name).map_or(Ok(None), |value| text(value).ok_or_else(|| format!("`{name}` is no text")))
}

/// The text of a value that is no list and no object; `None` inside if it is `null`.
fn text(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Some(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use proptest::prelude::*;

    use super::*;

    fn rest(result: &str) -> Result<HttpAnswer, InvalidHttpResult> {
        HttpAnswer::of_proxy_result(result.as_bytes(), ProxyFront::Rest, false)
    }

    fn http(result: &str) -> Result<HttpAnswer, InvalidHttpResult> {
        HttpAnswer::of_proxy_result(result.as_bytes(), ProxyFront::Http, true)
    }

    fn headers(answer: &HttpAnswer) -> Vec<(&str, &str)> {
        let given = answer.headers.iter().filter(|(name, _)| **name != CONTENT_TYPE);
        given.map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect()
    }

    /// The table of recorded answers, `test_aws_proxy_response_payload_format_validation`.
    #[test]
    fn a_rest_api_answers_as_recorded() {
        let check = |result: &str, status: u16, body: &str, expected: &[(&str, &str)]| {
            let answer = rest(result).expect(result);
            let got = (answer.status.as_u16(), &*answer.body, &*headers(&answer));
            assert_eq!(got, (status, body.as_bytes(), expected), "{result}");
            assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        };
        check(r#"{"statusCode": 200}"#, 200, "", &[]);
        check(
            r#"{"statusCode": 200, "headers": {"test-header": "value", "header-bool": true}}"#,
            200,
            "",
            &[("header-bool", "true"), ("test-header", "value")],
        );
        check(r#"{"statusCode": 200, "headers": null}"#, 200, "", &[]);
        check(
            r#"{"statusCode": 200, "body": "dGVzdC1kYXRh", "isBase64Encoded": true}"#,
            200,
            "dGVzdC1kYXRh",
            &[],
        );
        check(r#"{"statusCode": 200, "body": "dGVzdC1kYXRh"}"#, 200, "dGVzdC1kYXRh", &[]);
        check(
            r#"{"statusCode": 200, "multiValueHeaders": {"test-multi": ["value1", "value2"]}}"#,
            200,
            "",
            &[("test-multi", "value1"), ("test-multi", "value2")],
        );
        for name in ["test-multi", "tesT-Multi"] {
            let result = format!(
                r#"{{"statusCode": 200, "multiValueHeaders": {{"{name}": ["value-multi"]}},
                    "headers": {{"test-multi": "value-solo"}}}}"#
            );
            check(&result, 200, "", &[("test-multi", "value-multi"), ("test-multi", "value-solo")]);
        }
        check(r#"{"statusCode": "201"}"#, 201, "", &[]);
        check(r#"{"headers": {"test-header": "value"}}"#, 200, "", &[("test-header", "value")]);
        for result in [
            r#"{"statusCode": 200, "wrongValue": "value"}"#,
            r#"{"statusCode": 200, "multiValueHeaders": {"test-multi-invalid": "value1"}}"#,
            r#"{"statusCode": "test"}"#,
            r#""justAString""#,
        ] {
            assert!(rest(result).is_err(), "{result}");
        }
    }

    #[test]
    fn an_http_api_needs_a_status_and_nothing_else() {
        assert_eq!(
            http(r#"{"statusCode": 200, "wrongValue": "value"}"#).expect("an answer").status.as_u16(),
            200
        );
        assert_eq!(http(r#"{"statusCode": "201"}"#).expect("an answer").status.as_u16(), 201);
        let decoded = http(r#"{"statusCode": 200, "body": "dGVzdC1kYXRh", "isBase64Encoded": true}"#);
        assert_eq!(decoded.expect("an answer").body, "test-data");
        for result in [
            "{}",
            r#"{"headers": {"test-header": "value"}}"#,
            r#"{"statusCode": 200, "multiValueHeaders": {"test-multi-invalid": "value1"}}"#,
            r#"{"statusCode": "test"}"#,
            r#""justAString""#,
        ] {
            assert!(http(result).is_err(), "{result}");
        }
    }

    #[test]
    fn headers_of_a_connection_get_another_name_or_none() {
        let result =
            r#"{"headers": {"Date": "today", "Content-Length": 99, "Transfer-Encoding": "chunked"}}"#;
        let answer = rest(result).expect("an answer");
        let expected = [("x-amzn-remapped-content-length", "99"), ("x-amzn-remapped-date", "today")];
        assert_eq!(headers(&answer), expected);
        let answer = http(r#"{"statusCode": 200, "headers": {"Content-Length": 99, "X-Null": null}}"#);
        assert_eq!(headers(&answer.expect("an answer")), []);
    }

    #[test]
    fn what_is_in_both_is_there_once() {
        let answer = rest(r#"{"headers": {"A": "1"}, "multiValueHeaders": {"a": [1, 2, null]}}"#);
        assert_eq!(headers(&answer.expect("an answer")), [("a", "1"), ("a", "2")]);
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let check = |result: &str, expected: &str| {
            let error = rest(result).expect_err(result).to_string();
            assert!(error.contains("payload format 1.0") && error.contains(expected), "{error}");
        };
        check("null", "invalid type: null, expected a map");
        check("no json", "expected ident");
        check(r#"{"message": 1}"#, "`message` is none of statusCode, headers");
        check(r#"{"statusCode": 101}"#, "`statusCode` is 101");
        check(r#"{"statusCode": 200.5}"#, "`statusCode` is `200.5`, no number");
        check(r#"{"body": {}}"#, "`body` is no text");
        check(r#"{"isBase64Encoded": 1}"#, "neither true nor false");
        check(r#"{"headers": []}"#, "`headers` is no object");
        check(r#"{"headers": {"a": []}}"#, "`headers.a` is no text");
        check(r#"{"headers": {"a b": "c"}}"#, "`headers.a b` cannot be a header");
        check(r#"{"multiValueHeaders": {"a": [[]]}}"#, "no list of texts");
        let undecodable = r#"{"statusCode": 200, "body": "%", "isBase64Encoded": true}"#;
        assert!(http(undecodable).expect_err("no base64").to_string().contains("no base64"));
    }

    proptest! {
        #[test]
        fn no_result_is_too_strange(result: Vec<u8>, decodes: bool) {
            drop(HttpAnswer::of_proxy_result(&result, ProxyFront::Rest, decodes));
        }
    }
}
