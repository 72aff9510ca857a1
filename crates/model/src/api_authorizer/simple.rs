//! What an authorizer's function returns that only says yes or no.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::InvalidAuthorizerAnswer;

/// Whether the caller is let in. Only HTTP APIs take such answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleAnswer {
    /// Whether the caller is let in.
    pub is_authorized: bool,
    /// What else the API's functions are told of the caller.
    #[serde(default)]
    pub context: Map<String, Value>,
}

impl SimpleAnswer {
    /// Reads what an authorizer's function returned.
    ///
    /// # Errors
    /// If it does not say whether the caller is let in.
    pub fn parse(result: &[u8]) -> Result<Self, InvalidAuthorizerAnswer> {
        serde_json::from_slice(result).map_err(|error| InvalidAuthorizerAnswer { reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_or_no() {
        let check = |result: &str, expected: Option<(bool, usize)>| {
            let read = SimpleAnswer::parse(result.as_bytes()).ok();
            assert_eq!(read.map(|answer| (answer.is_authorized, answer.context.len())), expected, "{result}");
        };
        check(r#"{"isAuthorized": true, "context": {"a": 1, "b": [2]}}"#, Some((true, 2)));
        check(r#"{"isAuthorized": false}"#, Some((false, 0)));
        check(r#"{"isAuthorized": "true"}"#, None);
        check("{}", None);
        check("null", None);
    }
}
