//! What an authorizer's function returns.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Decision, Policy};

/// Who the caller is, and what that one may do.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizerAnswer {
    /// Who the caller is.
    pub principal: String,
    /// What else the API's functions are told of the caller.
    pub context: Map<String, Value>,
    /// The API key under which the caller's requests count, if the authorizer names one.
    pub usage_identifier_key: Option<String>,
    policy: Policy,
}

/// Why a result says nothing about a caller: whoever calls the API is told of an internal error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the authorizer's result is no answer: {reason}")]
pub struct InvalidAuthorizerAnswer {
    pub(super) reason: String,
}

impl AuthorizerAnswer {
    /// Reads what an authorizer's function returned.
    ///
    /// # Errors
    /// If there is no principal or no policy in it, or something of another kind than it must be.
    pub fn parse(result: &[u8]) -> Result<Self, InvalidAuthorizerAnswer> {
        let invalid = |reason: String| InvalidAuthorizerAnswer { reason };
        let mut members: Map<String, Value> =
            serde_json::from_slice(result).map_err(|error| invalid(error.to_string()))?;
        let principal = text(&mut members, "principalId").map_err(invalid)?;
        let principal = principal.ok_or_else(|| invalid("there is no `principalId`".to_owned()))?;
        let policy = members.get("policyDocument").filter(|document| !document.is_null());
        let policy = policy.ok_or_else(|| invalid("there is no `policyDocument`".to_owned()))?;
        let policy = Policy::parse(policy).map_err(invalid)?;
        let context = match members.remove("context") {
            Some(Value::Object(context)) => context,
            Some(Value::Null) | None => Map::new(),
            Some(_) => return Err(invalid("`context` is no object".to_owned())),
        };
        let usage_identifier_key = text(&mut members, "usageIdentifierKey").map_err(invalid)?;
        Ok(Self { principal, context, usage_identifier_key, policy })
    }

    /// What it says of the method with this ARN.
    #[must_use]
    pub fn decide(&self, method_arn: &str) -> Decision {
        self.policy.decide(method_arn)
    }

    /// What functions of a REST API are told: the context as texts, and the principal.
    ///
    /// # Errors
    /// If there is a list or an object in the context, which only HTTP APIs take.
    pub fn rest_context(&self) -> Result<Map<String, Value>, InvalidAuthorizerAnswer> {
        let mut context = Map::new();
        for (name, value) in &self.context {
            let value = match value {
                Value::String(_) | Value::Null => value.clone(),
                Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    let reason =
                        format!("`context.{name}` is a list or an object, which REST APIs do not take");
                    return Err(InvalidAuthorizerAnswer { reason });
                }
            };
            context.insert(name.clone(), value);
        }
        context.insert("principalId".to_owned(), Value::String(self.principal.clone()));
        Ok(context)
    }
}

/// Takes out a text; numbers and truth values are read as texts.
fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => Ok(Some(value.to_string())),
        Some(Value::Null) | None => Ok(None),
        Some(Value::Array(_) | Value::Object(_)) => Err(format!("`{name}` is no text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(answer: &Value) -> Result<AuthorizerAnswer, String> {
        AuthorizerAnswer::parse(answer.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    fn answer() -> Value {
        let statement = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"});
        json!({"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
    }

    #[test]
    fn the_developer_guides_answer() {
        let mut given = answer();
        given["context"] = json!({"stringKey": "value", "numberKey": 1, "booleanKey": true, "nullKey": null});
        given["usageIdentifierKey"] = json!("secret");
        let answer = parse(&given).expect("an answer");
        assert_eq!(
            (answer.principal.as_str(), answer.usage_identifier_key.as_deref()),
            ("me", Some("secret"))
        );
        assert_eq!(answer.decide("anything"), Decision::Allowed);
        let expected = json!({
            "stringKey": "value", "numberKey": "1", "booleanKey": "true", "nullKey": null, "principalId": "me",
        });
        assert_eq!(Value::Object(answer.rest_context().expect("scalars")), expected);
    }

    #[test]
    fn a_rest_apis_context_is_flat() {
        let mut given = answer();
        given["context"] = json!({"nested": {"a": 1}});
        let error = parse(&given).expect("an answer").rest_context().expect_err("nested").to_string();
        assert!(error.contains("`context.nested` is a list or an object"), "{error}");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let check = |member: &str, value: Value, expected: &str| {
            let mut given = answer();
            given[member] = value;
            let error = parse(&given).expect_err("no answer");
            assert!(error.contains(expected), "{error}");
        };
        check("principalId", Value::Null, "no `principalId`");
        check("principalId", json!({}), "`principalId` is no text");
        check("policyDocument", Value::Null, "no `policyDocument`");
        check("policyDocument", json!({}), "no `Statement`");
        check("context", json!([1]), "`context` is no object");
        check("usageIdentifierKey", json!([]), "`usageIdentifierKey` is no text");
        assert!(parse(&json!("Allow")).is_err() && parse(&json!(null)).is_err());
    }
}
