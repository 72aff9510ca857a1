//! Where a message says which route it takes.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

/// The member of a message, JSON, whose value is the key of the message's route: `$request.body.action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSelection {
    text: Box<str>,
    path: Box<[Box<str>]>,
}

/// A text that does not say where a message's route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "Invalid route selection expression: it must be $request.body.<member> or ${{request.body.<member>}}, and members of \
     members follow after a dot"
)]
pub struct InvalidRouteSelection;

impl RouteSelection {
    /// Reads an expression.
    ///
    /// # Errors
    /// If it does not name a member of the message.
    pub fn parse(text: &str) -> Result<Self, InvalidRouteSelection> {
        let expression = text.strip_prefix('$').ok_or(InvalidRouteSelection)?;
        let braced = expression.strip_prefix('{').map(|rest| rest.strip_suffix('}'));
        let expression = braced.unwrap_or(Some(expression)).ok_or(InvalidRouteSelection)?;
        let path = expression.strip_prefix("request.body.").ok_or(InvalidRouteSelection)?;
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        let path: Box<[Box<str>]> = path.split('.').map(Box::from).collect();
        if !path.iter().all(|name| is_name(name)) {
            return Err(InvalidRouteSelection);
        }
        Ok(Self { text: text.into(), path })
    }

    /// The key that a message names; `None` if it is no JSON, or the member is not there or has no key for a value.
    #[must_use]
    pub fn key(&self, message: &str) -> Option<String> {
        let message: Value = serde_json::from_str(message).ok()?;
        let found = self.path.iter().try_fold(&message, |value, name| value.get(&**name))?;
        match found {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(found.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl fmt::Display for RouteSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_route() {
        let check = |expression: &str, message: &str, expected: Option<&str>| {
            let selection = RouteSelection::parse(expression).expect(expression);
            assert_eq!(selection.key(message).as_deref(), expected, "{expression} {message}");
            assert_eq!(selection.to_string(), expression);
        };
        let action = "$request.body.action";
        check(action, r#"{"action": "join", "room": 1}"#, Some("join"));
        check(action, r#"{"action": 7}"#, Some("7"));
        check(action, r#"{"action": true}"#, Some("true"));
        check(action, r#"{"action": null}"#, None);
        check(action, r#"{"action": {"a": 1}}"#, None);
        check(action, r#"{"other": "join"}"#, None);
        check(action, "hello", None);
        check(action, r#""action""#, None);
        check(action, "[]", None);
        check(action, "", None);
        check("${request.body.action}", r#"{"action": "join"}"#, Some("join"));
        check("$request.body.head.kind", r#"{"head": {"kind": "a"}}"#, Some("a"));
        check("$request.body.head.kind", r#"{"head": "a"}"#, None);
    }

    #[test]
    fn what_names_no_member_is_refused() {
        for text in [
            "",
            "action",
            "$request.body",
            "$request.body.",
            "$request.body.a..b",
            "${request.body.action",
            "$request.body.action}",
            "$request.header.action",
            "$request.method $request.path",
        ] {
            assert_eq!(RouteSelection::parse(text), Err(InvalidRouteSelection), "{text}");
        }
    }
}
