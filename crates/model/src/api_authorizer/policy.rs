//! Policies of authorizers.

use serde_json::{Map, Value};

use crate::wildcard;

/// The action that callers of an API take.
const ACTION: &str = "execute-api:Invoke";

/// Which methods of APIs somebody may invoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy(Vec<Statement>);

/// What a policy says of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be invoked.
    Allowed,
    /// A statement says that it may not.
    ExplicitlyDenied,
    /// No statement says anything.
    ImplicitlyDenied,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Policy {
    /// Reads a policy's document. Hearth evaluates no conditions, and refuses a policy that has any, rather than to let
    /// in whom it would keep out.
    ///
    /// # Errors
    /// If it is no such document; the text says why.
    pub fn parse(document: &Value) -> Result<Self, String> {
        let document = document.as_object().ok_or("`policyDocument` is no object")?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().map(Statement::parse).collect(),
            Some(statement @ Value::Object(_)) => {
                Statement::parse(statement).map(|statement| vec![statement])
            }
            Some(_) => Err("`policyDocument.Statement` is no list of statements".to_owned()),
            None => Err("`policyDocument` has no `Statement`".to_owned()),
        };
        statements.map(Self)
    }

    /// What it says of the method with this ARN, such as
    /// `arn:aws:execute-api:us-east-1:123456789012:abcde12345/prod/GET/images`. A denial outweighs every permission.
    #[must_use]
    pub fn decide(&self, method_arn: &str) -> Decision {
        let mut decision = Decision::ImplicitlyDenied;
        for statement in self.0.iter().filter(|statement| statement.is_about(method_arn)) {
            if !statement.allows {
                return Decision::ExplicitlyDenied;
            }
            decision = Decision::Allowed;
        }
        decision
    }
}

impl Statement {
    fn parse(statement: &Value) -> Result<Self, String> {
        let members = statement.as_object().ok_or("a statement of `policyDocument` is no object")?;
        for absent in ["Condition", "NotAction", "NotResource"] {
            if members.contains_key(absent) {
                return Err(format!(
                    "a statement of `policyDocument` has a `{absent}`, which Hearth does not evaluate"
                ));
            }
        }
        let allows = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            Some(_) | None => {
                return Err("the `Effect` of a statement must be `Allow` or `Deny`".to_owned());
            }
        };
        Ok(Self { allows, actions: texts(members, "Action")?, resources: texts(members, "Resource")? })
    }

    fn is_about(&self, method_arn: &str) -> bool {
        let action =
            |pattern: &String| wildcard::matches(&pattern.to_ascii_lowercase(), &ACTION.to_ascii_lowercase());
        self.actions.iter().any(action)
            && self.resources.iter().any(|pattern| wildcard::matches(pattern, method_arn))
    }
}

/// One text or several.
fn texts(members: &Map<String, Value>, name: &str) -> Result<Vec<String>, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let texts = match members.get(name) {
        Some(Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => text(value).map(|text| vec![text]),
        None => None,
    };
    texts.ok_or_else(|| format!("a statement of `policyDocument` must have a `{name}`, one text or several"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const API: &str = "arn:aws:execute-api:us-east-1:123456789012:abcde12345";

    fn check(statements: &Value, expected: Decision) {
        let policy = Policy::parse(&json!({"Version": "2012-10-17", "Statement": statements}));
        let decision = policy.expect("a policy").decide(&format!("{API}/prod/GET/images/1"));
        assert_eq!(decision, expected, "{statements}");
    }

    fn statement(effect: &str, action: &str, resource: &str) -> Value {
        json!({"Effect": effect, "Action": action, "Resource": resource})
    }

    #[test]
    fn patterns_cover_methods() {
        for (resource, expected) in [
            ("*", Decision::Allowed),
            ("/prod/GET/images/1", Decision::Allowed),
            ("/prod/GET/images/*", Decision::Allowed),
            ("/*/GET/*", Decision::Allowed),
            ("/prod/*/images/?", Decision::Allowed),
            ("/prod/GET/images", Decision::ImplicitlyDenied),
            ("/prod/POST/*", Decision::ImplicitlyDenied),
            ("/test/*", Decision::ImplicitlyDenied),
            ("/prod/get/images/1", Decision::ImplicitlyDenied),
        ] {
            let resource = if resource == "*" { resource.to_owned() } else { format!("{API}{resource}") };
            check(&json!([statement("Allow", "execute-api:Invoke", &resource)]), expected);
        }
        for (action, expected) in [
            ("*", Decision::Allowed),
            ("execute-api:*", Decision::Allowed),
            ("Execute-API:invoke", Decision::Allowed),
            ("execute-api:Inv*", Decision::Allowed),
            ("execute-api:ManageConnections", Decision::ImplicitlyDenied),
            ("lambda:*", Decision::ImplicitlyDenied),
        ] {
            check(&json!([statement("Allow", action, "*")]), expected);
        }
    }

    #[test]
    fn a_denial_outweighs() {
        let (allow, deny) =
            (statement("Allow", "*", "*"), statement("Deny", "*", &format!("{API}/prod/GET/*")));
        check(&json!([allow, deny]), Decision::ExplicitlyDenied);
        check(&json!([deny, allow]), Decision::ExplicitlyDenied);
        check(&json!([allow, statement("Deny", "*", &format!("{API}/prod/POST/*"))]), Decision::Allowed);
        check(&json!([]), Decision::ImplicitlyDenied);
        check(&allow, Decision::Allowed);
        check(
            &json!({"Effect": "Allow", "Action": ["a:b", "execute-api:Invoke"], "Resource": ["a", "*"]}),
            Decision::Allowed,
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let check = |document: Value, expected: &str| {
            let error = Policy::parse(&document).expect_err("no policy");
            assert!(error.contains(expected), "{error}");
        };
        check(json!("policy"), "is no object");
        check(json!({}), "has no `Statement`");
        check(json!({"Statement": "all"}), "no list of statements");
        check(json!({"Statement": ["all"]}), "is no object");
        check(json!({"Statement": [statement("allow", "*", "*")]}), "must be `Allow` or `Deny`");
        check(json!({"Statement": [{"Effect": "Allow", "Resource": "*"}]}), "must have a `Action`");
        check(
            json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": [1]}]}),
            "must have a `Resource`",
        );
        let mut conditional = statement("Allow", "*", "*");
        conditional["Condition"] = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
        check(json!({"Statement": [conditional]}), "`Condition`, which Hearth does not evaluate");
    }
}
