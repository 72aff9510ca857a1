//! How callers name a function: a name, a partial ARN or a full ARN, each with or without a qualifier.

use std::fmt;

use hearth_model::identity::{AccountId, FunctionName, Partition, Region, Version};
use thiserror::Error;

/// What a caller named.
///
/// Source: the `FunctionName` and `Qualifier` parameters of the Lambda API reference (`Invoke`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionReference {
    /// The account, if an ARN named it; otherwise the caller's is meant.
    pub account: Option<AccountId>,
    /// The region, if an ARN named it; otherwise the caller's is meant.
    pub region: Option<Region>,
    /// The function.
    pub name: FunctionName,
    /// The version or alias; none means `$LATEST`.
    pub qualifier: Option<Qualifier>,
}

/// The name of a version or an alias: `$LATEST`, or 1 to 128 letters, digits, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualifier(Box<str>);

/// Why something is no reference to a function. The messages are those of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidReference {
    /// Neither a name nor an ARN.
    #[error(
        "1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}((-gov)|(-iso([a-z]?)))?-\
         [a-z]+-\\d{{1}}:)?(\\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
    )]
    Name {
        /// What was given.
        given: String,
    },
    /// No qualifier.
    #[error(
        "1 validation error detected: Value '{given}' at 'qualifier' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)"
    )]
    Qualifier {
        /// What was given.
        given: String,
    },
    /// An ARN with one qualifier, and another one beside it.
    #[error("The derived qualifier from the function name does not match the specified qualifier.")]
    TwoQualifiers,
}

impl FunctionReference {
    /// Reads what the `FunctionName` and `Qualifier` parameters of a request say.
    ///
    /// # Errors
    /// If the first is neither name nor ARN, the second is none, or they contradict each other.
    pub fn parse(name: &str, qualifier: Option<&str>) -> Result<Self, InvalidReference> {
        let mut reference =
            Self::parse_name(name).ok_or_else(|| InvalidReference::Name { given: name.to_owned() })?;
        if let Some(given) = qualifier.filter(|given| !given.is_empty()) {
            let beside = Qualifier::parse(given)
                .ok_or_else(|| InvalidReference::Qualifier { given: given.to_owned() })?;
            if reference.qualifier.as_ref().is_some_and(|inside| *inside != beside) {
                return Err(InvalidReference::TwoQualifiers);
            }
            reference.qualifier = Some(beside);
        }
        Ok(reference)
    }

    /// Everything before the name may be left out from the left: `arn:aws:lambda:`, region, account, `function:`.
    fn parse_name(text: &str) -> Option<Self> {
        let mut rest = text;
        let arn = strip_arn(&mut rest);
        let mut region = None;
        let mut account = None;
        if arn || rest.contains(":function:") {
            let (scope, name) = rest.split_once("function:")?;
            let mut scope = scope.strip_suffix(':')?.split(':').peekable();
            region = scope.next_if(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
            account = scope.next();
            let complete = region.is_some() && account.is_some();
            if scope.next().is_some() || arn && !complete {
                return None;
            }
            rest = name;
        } else {
            rest = rest.strip_prefix("function:").unwrap_or(rest);
        }
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(Qualifier::parse(qualifier)?)),
            None => (rest, None),
        };
        Some(Self {
            account: account.map(|digits| AccountId::parse(digits).ok_or(())).transpose().ok()?,
            region: region.map(|region| Region::parse(region).ok_or(())).transpose().ok()?,
            name: FunctionName::parse(name).ok()?,
            qualifier,
        })
    }

    /// The function's ARN as the caller meant it, with the qualifier if there is one.
    #[must_use]
    pub fn arn(&self, partition: &Partition) -> String {
        let mut arn = self.name.arn(partition);
        if let Some(qualifier) = &self.qualifier {
            arn.push(':');
            arn.push_str(&qualifier.0);
        }
        arn
    }
}

/// Takes `arn:aws:lambda:` from the beginning, whatever the partition of AWS.
fn strip_arn(text: &mut &str) -> bool {
    let Some(rest) = text.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":lambda:")) else {
        return false;
    };
    let (aws_partition, rest) = rest;
    let fits = aws_partition.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    if fits {
        *text = rest;
    }
    fits
}

impl Qualifier {
    /// Reads a qualifier; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (fits || text == "$LATEST").then(|| Self(text.into()))
    }

    /// The version that is meant, unless it is an alias.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        match &*self.0 {
            "$LATEST" => Some(Version::Latest),
            text => text.parse().ok().map(Version::Published),
        }
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: (Option<&str>, Option<&str>, &str, Option<&str>)) {
        let reference = FunctionReference::parse(name, None).expect(name);
        let region = reference.region.map(|region| region.to_string());
        let account = reference.account.map(|account| account.to_string());
        let qualifier = reference.qualifier.map(|qualifier| qualifier.to_string());
        let found = (region.as_deref(), account.as_deref(), reference.name.as_str(), qualifier.as_deref());
        assert_eq!(found, expect, "{name}");
    }

    #[test]
    fn names_and_arns_are_read() {
        let (region, account) = (Some("eu-west-1"), Some("123456789012"));
        check("hello", (None, None, "hello", None));
        check("hello:$LATEST", (None, None, "hello", Some("$LATEST")));
        check("hello:live", (None, None, "hello", Some("live")));
        check("function:hello", (None, None, "hello", None));
        check("function", (None, None, "function", None));
        check("123456789012:function:hello", (None, account, "hello", None));
        check("123456789012:function:hello:7", (None, account, "hello", Some("7")));
        check("eu-west-1:123456789012:function:hello", (region, account, "hello", None));
        check("arn:aws:lambda:eu-west-1:123456789012:function:hello", (region, account, "hello", None));
        check(
            "arn:aws-cn:lambda:eu-west-1:123456789012:function:hello:1",
            (region, account, "hello", Some("1")),
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for name in [
            "",
            "two words",
            "a/b",
            "hello:",
            "hello:a:b",
            "hello:$OTHER",
            ":function:hello",
            "12345:function:hello",
            "arn:aws:lambda:hello",
            "arn:aws:lambda:eu-west-1:function:hello",
            "arn:aws:lambda:eu-west-1:123456789012:layer:hello",
            "arn:aws:lambda:eu-west-1:123456789012:x:function:hello",
            "arn:aws:s3:eu-west-1:123456789012:function:hello",
            "arn:aws1:lambda:eu-west-1:123456789012:function:hello",
            &"x".repeat(65),
        ] {
            let error = FunctionReference::parse(name, None).expect_err(name);
            assert_eq!(error, InvalidReference::Name { given: name.to_owned() });
        }
    }

    #[test]
    fn two_qualifiers_must_agree() {
        let parse = |name, qualifier| {
            FunctionReference::parse(name, Some(qualifier))
                .map(|reference| reference.arn(&Partition::default()))
        };
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
        assert_eq!(parse("hello", ""), Ok(arn.to_owned()));
        assert_eq!(parse("hello", "live"), Ok(format!("{arn}:live")));
        assert_eq!(parse("hello:live", "live"), Ok(format!("{arn}:live")));
        assert_eq!(parse("hello:live", "other"), Err(InvalidReference::TwoQualifiers));
        assert_eq!(parse("hello", "a b"), Err(InvalidReference::Qualifier { given: "a b".to_owned() }));
    }

    #[test]
    fn qualifiers_are_versions_or_aliases() {
        let version = |text| Qualifier::parse(text).expect(text).version();
        assert_eq!(version("$LATEST"), Some(Version::Latest));
        assert_eq!(version("12"), Some(Version::Published(12)));
        assert_eq!(version("live"), None);
    }
}
