//! From an HTTP event to a delivery that is what its sender signed.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use crate::signature;

/// What a function URL or an HTTP API gives to a function, payload format 2.0. Of it, what this function looks at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HttpEvent {
    /// By their names in lower case.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A delivery whose signature is right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) payload: String,
    /// What it is about, such as `push`.
    event: Option<String>,
    /// What tells it from the others, the same if it is delivered again.
    id: Option<String>,
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unsigned,
    WrongSignature,
    NoText,
}

impl Delivery {
    /// Reads the delivery in a request. The signature is that of the bytes that came, so it is verified before anything else
    /// is made of them.
    ///
    /// # Errors
    /// If its sender does not know the secret, or the payload cannot be a message.
    pub(crate) fn verified(event: HttpEvent, secret: &[u8]) -> Result<Self, Refusal> {
        let HttpEvent { mut headers, body, is_base64_encoded } = event;
        let signature = headers.get(signature::HEADER).ok_or(Refusal::Unsigned)?;
        let body = if is_base64_encoded {
            BASE64_STANDARD.decode(body).map_err(|_| Refusal::NoText)?
        } else {
            body.into_bytes()
        };
        if !signature::is_of(signature, &body, secret) {
            return Err(Refusal::WrongSignature);
        }
        let payload = String::from_utf8(body).map_err(|_| Refusal::NoText)?;
        if payload.is_empty() {
            return Err(Refusal::NoText);
        }
        let mut header = |name| headers.remove(name).filter(|value| !value.is_empty());
        Ok(Self { payload, event: header("x-github-event"), id: header("x-github-delivery") })
    }

    /// What is told of it beside the payload.
    pub(crate) fn attributes(&self) -> Vec<(&str, &str)> {
        let given = [("event", &self.event), ("delivery", &self.id)];
        given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}

impl Refusal {
    pub(crate) const fn status_code(self) -> u16 {
        match self {
            Self::Unsigned | Self::WrongSignature => 401,
            Self::NoText => 400,
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        write!(f, "{} {} ({} bytes)", or_unknown(&self.event), or_unknown(&self.id), self.payload.len())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "the request has no signature",
            Self::WrongSignature => "the signature is wrong",
            Self::NoText => "the body must be text",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"It's a Secret to Everybody";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn event(json: &str) -> HttpEvent {
        serde_json::from_str(&json.replace("SIGNATURE", SIGNATURE)).unwrap()
    }

    #[test]
    fn what_was_signed_is_taken() {
        let plain = event(
            r#"{"version":"2.0","headers":{"x-hub-signature-256":"SIGNATURE","x-github-event":"push","x-github-delivery":"d-1"},
                "body":"Hello, World!","isBase64Encoded":false}"#,
        );
        let delivery = Delivery::verified(plain, SECRET).unwrap();
        assert_eq!(delivery.payload, "Hello, World!");
        assert_eq!(delivery.attributes(), [("event", "push"), ("delivery", "d-1")]);
        assert_eq!(delivery.to_string(), "push d-1 (13 bytes)");

        let encoded = event(
            r#"{"headers":{"x-hub-signature-256":"SIGNATURE","x-github-event":""},"body":"SGVsbG8sIFdvcmxkIQ==","isBase64Encoded":true}"#,
        );
        let delivery = Delivery::verified(encoded, SECRET).unwrap();
        assert_eq!((&*delivery.payload, delivery.attributes()), ("Hello, World!", Vec::new()));
    }

    #[test]
    fn everything_else_is_refused() {
        let check = |json: &str, expected: Refusal| {
            assert_eq!(Delivery::verified(event(json), SECRET), Err(expected), "{json}");
        };
        check(r#"{"headers":{},"body":"Hello, World!"}"#, Refusal::Unsigned);
        check(r#"{"body":"Hello, World!"}"#, Refusal::Unsigned);
        check(
            r#"{"headers":{"x-hub-signature-256":"SIGNATURE"},"body":"Hello, World?"}"#,
            Refusal::WrongSignature,
        );
        check(r#"{"headers":{"x-hub-signature-256":"SIGNATURE"}}"#, Refusal::WrongSignature);
        check(
            r#"{"headers":{"x-hub-signature-256":"sha256="},"body":"Hello, World!"}"#,
            Refusal::WrongSignature,
        );
        check(
            r#"{"headers":{"x-hub-signature-256":"SIGNATURE"},"body":"*","isBase64Encoded":true}"#,
            Refusal::NoText,
        );
        // The signature of nothing.
        let of_nothing = "sha256=66a0c074deaa0f489ead6537e0d32f9a344b90bbeda705b6ed45ecd3b413fb40";
        check(
            &format!(r#"{{"headers":{{"x-hub-signature-256":"{of_nothing}"}},"body":""}}"#),
            Refusal::NoText,
        );
    }
}
