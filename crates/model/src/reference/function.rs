//! References to functions.

use thiserror::Error;

use super::{NameShape, Qualifier, shape::is_number};
use crate::{
    identity::{AccountId, FunctionName, Partition, Region},
    validation::{ValidationError, Violation},
};

/// What a caller named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionReference {
    /// The account, if an ARN named it; otherwise the caller's is meant.
    pub account: Option<AccountId>,
    /// The region, if an ARN named it; otherwise the caller's is meant.
    pub region: Option<Region>,
    /// The function.
    pub name: FunctionName,
    /// The version or alias; none means `$LATEST`, or the function as a whole.
    pub qualifier: Option<Qualifier>,
}

/// Why something is no reference to a function. The messages are those of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidReference {
    /// The name or the qualifier is malformed; AWS's `ValidationException`.
    ///
    /// So is a name that no function can have because it is longer than 64 characters or has a dot. For AWS that
    /// depends on the operation: `CreateFunction` answers like this, `Invoke` looks for it and finds nothing.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// One qualifier behind the name, and another one beside it; AWS's `InvalidParameterValueException`.
    #[error("The derived qualifier from the function name does not match the specified qualifier.")]
    TwoQualifiers,
}

impl FunctionReference {
    /// Reads what the `FunctionName` and `Qualifier` parameters of a request say. An empty qualifier is none.
    ///
    /// # Errors
    /// If the first is neither name nor ARN, the second is none, or they contradict each other.
    pub fn parse(shape: NameShape, name: &str, qualifier: Option<&str>) -> Result<Self, InvalidReference> {
        let beside = qualifier.filter(|text| !text.is_empty());
        let parts = Parts::read(shape, name);
        let violations = shape.name_violations(name, parts.is_some());
        let beside_violations = beside.into_iter().flat_map(|text| shape.qualifier_violations(text));
        ValidationError::check(violations.chain(beside_violations))?;
        let parts = parts.expect("a name without violations has the pattern");
        if let (Some(inside), Some(beside)) = (parts.qualifier, beside)
            && inside != beside
        {
            return Err(InvalidReference::TwoQualifiers);
        }
        Ok(Self {
            account: parts.account,
            region: parts.region,
            name: FunctionName::parse(parts.name)
                .map_err(|_| ValidationError::from(impossible(parts.name)))?,
            qualifier: beside.or(parts.qualifier).map(Qualifier::read),
        })
    }

    /// The function's ARN as the caller meant it, with the qualifier if there is one.
    #[must_use]
    pub fn arn(&self, partition: &Partition) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.name.arn(partition)),
            None => self.name.arn(partition),
        }
    }

    /// The ARN with the qualifier, which is `$LATEST` if the caller named none: as in the record that a destination
    /// gets, and in `Function not found`.
    #[must_use]
    pub fn qualified_arn(&self, partition: &Partition) -> String {
        let qualifier = self.qualifier.as_ref().unwrap_or(&Qualifier::LATEST);
        format!("{}:{qualifier}", self.name.arn(partition))
    }
}

/// A well-formed name that is no function's.
fn impossible(name: &str) -> Violation {
    const MEMBER: &str = "functionName";
    const MOST: usize = 64;
    if name.len() > MOST {
        Violation::length_at_most(MEMBER, name, MOST)
    } else {
        Violation::pattern(MEMBER, name, "[a-zA-Z0-9-_]+")
    }
}

/// A reference taken apart.
struct Parts<'a> {
    region: Option<Region>,
    account: Option<AccountId>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Takes apart what has the pattern of `shape`; `None` for anything else.
    ///
    /// Two parts are an account and a name if they can be, as older documentation of the API has it
    /// (`account-id:Thumbnail`); otherwise they are a name and a qualifier, although the pattern also fits where the first
    /// looks like a region (`my-func-1:live`).
    fn read(shape: NameShape, text: &'a str) -> Option<Self> {
        let fits = |parts: &Self| {
            shape.accepts_name(parts.name)
                && parts.qualifier.is_none_or(|suffix| shape.accepts_suffix(suffix))
        };
        let begins_with_scope = text
            .split_once(':')
            .is_some_and(|(first, _)| first == "function" || AccountId::parse(first).is_some());
        let bare = (!begins_with_scope).then(|| Self::bare(text));
        bare.filter(fits).or_else(|| Some(Self::scoped(text)).filter(fits))
    }

    fn bare(text: &'a str) -> Self {
        let (name, qualifier) = match text.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (text, None),
        };
        Self { region: None, account: None, name, qualifier }
    }

    /// Everything before the name may be left out.
    fn scoped(text: &'a str) -> Self {
        let mut rest = strip_arn(text).unwrap_or(text);
        let region = take(&mut rest, parse_region);
        let account = take(&mut rest, AccountId::parse);
        take(&mut rest, |part| (part == "function").then_some(()));
        Self { region, account, ..Self::bare(rest) }
    }
}

/// Takes the first of several parts if it is what `parse` reads, and not the name itself: `function:$LATEST`.
fn take<T>(rest: &mut &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let (part, others) = rest.split_once(':').filter(|(_, others)| !others.starts_with('$'))?;
    let taken = parse(part)?;
    *rest = others;
    Some(taken)
}

/// What comes after `arn:(aws[a-zA-Z-]*)?:lambda:`.
fn strip_arn(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let of_aws = partition
        .strip_prefix("aws")
        .is_some_and(|suffix| suffix.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-'));
    if of_aws || partition.is_empty() { rest.strip_prefix("lambda:") } else { None }
}

/// `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`.
fn parse_region(text: &str) -> Option<Region> {
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let parts: Vec<_> = text.strip_prefix("eusc-").unwrap_or(text).split('-').collect();
    let (area, direction, number) = match *parts {
        [area, direction, number] => (area, direction, number),
        [area, "gov", direction, number] => (area, direction, number),
        [area, iso, direction, number] if iso.len() <= 4 && iso.starts_with("iso") && lower(iso) => {
            (area, direction, number)
        }
        [..] => return None,
    };
    let fits = area.len() == 2 && lower(area) && lower(direction) && number.len() == 1 && is_number(number);
    fits.then(|| Region::parse(text)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = (Option<&'a str>, Option<&'a str>, &'a str, Option<&'a str>);

    fn check_as(shape: NameShape, name: &str, expected: Expected<'_>) {
        let reference = FunctionReference::parse(shape, name, None).expect(name);
        let region = reference.region.map(|region| region.to_string());
        let account = reference.account.map(|account| account.to_string());
        let qualifier = reference.qualifier.map(|qualifier| qualifier.to_string());
        let found = (region.as_deref(), account.as_deref(), reference.name.as_str(), qualifier.as_deref());
        assert_eq!(found, expected, "{name}");
    }

    fn check(name: &str, expected: Expected<'_>) {
        check_as(NameShape::Namespaced, name, expected);
    }

    fn refusal(shape: NameShape, name: &str, qualifier: Option<&str>) -> String {
        FunctionReference::parse(shape, name, qualifier).expect_err(name).to_string()
    }

    #[test]
    fn names_and_arns_are_read() {
        let (region, account) = (Some("eu-west-1"), Some("123456789012"));
        check("hello", (None, None, "hello", None));
        check("hello:$LATEST", (None, None, "hello", Some("$LATEST")));
        check("hello:live", (None, None, "hello", Some("live")));
        check("hello:$LATEST.PUBLISHED", (None, None, "hello", Some("$LATEST.PUBLISHED")));
        check("123456789012:function:hello", (None, account, "hello", None));
        check("123456789012:function:hello:7", (None, account, "hello", Some("7")));
        check("eu-west-1:123456789012:function:hello", (region, account, "hello", None));
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:hello";
        check(arn, (region, account, "hello", None));
        check(&format!("{arn}:1"), (region, account, "hello", Some("1")));
        check(&arn.replace("aws", "aws-cn"), (region, account, "hello", None));
        check(&arn.replace("eu-west-1", "us-gov-west-1"), (Some("us-gov-west-1"), account, "hello", None));
        check(&arn.replace("eu-west-1", "eu-isoe-west-1"), (Some("eu-isoe-west-1"), account, "hello", None));
        check(&arn.replace("eu-west-1", "eusc-de-east-1"), (Some("eusc-de-east-1"), account, "hello", None));
    }

    #[test]
    fn odd_names_are_read_as_documented() {
        let (region, account) = (Some("eu-west-1"), Some("123456789012"));
        check("function:hello", (None, None, "hello", None));
        check("function", (None, None, "function", None));
        check("function:$LATEST", (None, None, "function", Some("$LATEST")));
        check("my-func-1:live", (None, None, "my-func-1", Some("live")));
        check("123456789012", (None, None, "123456789012", None));
        check("123456789012:hello", (None, account, "hello", None));
        check("123456789012:$LATEST", (None, None, "123456789012", Some("$LATEST")));
        check("123456789012:hello:live", (None, account, "hello", Some("live")));
        check("arn:aws:lambda:eu-west-1:123456789012:layer:hello", (region, account, "layer", Some("hello")));
        // Recorded: AWS looks for a function named `function`.
        check("arn:aws:lambda:eu-west-1:123456789012:function", (region, account, "function", None));
        check("arn:aws:lambda:eu-west-1:123456789012:function:function", (region, account, "function", None));
    }

    #[test]
    fn anything_else_is_refused() {
        for name in [
            "two words",
            "hello!",
            "*",
            "a/b",
            "hello:",
            ":hello",
            "hello:a:b",
            "hello:$OTHER",
            ":function:hello",
            "12345:function:hello",
            "invalid-account:function:hello",
            "function:hello:$LATEST:extra",
            "arn:aws:lambda:invalid-region:123456789012:function:hello",
            "arn:aws:lambda:eu-west:123456789012:function:hello",
            "arn:aws:lambda:eu-other-west-1:123456789012:function:hello",
            "arn:aws:lambda:eu-west-1-2:123456789012:function:hello",
            "arn:aws:lambda:eu-iso1-west-1:123456789012:function:hello",
            &format!("arn:aws:lambda:eu-{}-1:123456789012:function:hello", "w".repeat(99)),
            "arn:aws:lambda::123456789012:function:hello",
            "arn:aws:lambda:eu-west-1::function:hello",
            "arn:aws:lambda:eu-west-1:123456789012:x:function:hello",
            "arn:aws:lambda:eu-west-1:123456789012:function:hello:1:2",
            "arn:aws:lambda:eu-west-1:123456789012:function:hello:$LATES",
            "arn:aws:ec2:eu-west-1:123456789012:instance:i-1234567890abcdef0",
            "arn:aws1:lambda:eu-west-1:123456789012:function:hello",
        ] {
            let expected = format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{{2}}((-gov)|(-iso(\
                 [a-z]?)))?-[a-z]+-\\\\d{{1}}:)?(\\\\d{{12}}:)?(function:)?([a-zA-Z0-9-_\\\\.]+)(:(\\\\$LATEST(\\\\.PUBLISHED)?\
                 |[a-zA-Z0-9-_]+))?"
            );
            assert_eq!(refusal(NameShape::Namespaced, name, None), expected);
        }
        let empty = refusal(NameShape::Namespaced, "", None);
        assert!(empty.starts_with("2 validation errors detected: Value '' at 'functionName'"), "{empty}");
    }

    #[test]
    fn shapes_differ() {
        let long = format!("arn:aws:lambda:eu-west-1:123456789012:function:{}", "x".repeat(100));
        let message = |most| format!("Member must have length less than or equal to {most}");
        assert!(refusal(NameShape::Plain, &long, None).ends_with(&message(140)));
        assert!(refusal(NameShape::Namespaced, &long, None).ends_with(&message(64)));
        assert!(refusal(NameShape::Namespaced, "hello.world", None).ends_with("pattern: [a-zA-Z0-9-_]+"));
        for shape in [NameShape::Plain, NameShape::Unqualified, NameShape::FunctionUrl] {
            check_as(shape, "hello", (None, None, "hello", None));
            assert!(refusal(shape, "hello.world", None).contains(":)?(function:)?([a-zA-Z0-9-_]"));
            assert!(refusal(shape, "hello:$LATEST.PUBLISHED", None).contains("'functionName'"));
        }
        check_as(NameShape::Plain, "hello:$LATEST", (None, None, "hello", Some("$LATEST")));
        check_as(NameShape::FunctionUrl, "hello:live", (None, None, "hello", Some("live")));
        refusal(NameShape::FunctionUrl, "hello:1", None);
        refusal(NameShape::FunctionUrl, "hello:$LATEST", None);
        refusal(NameShape::FunctionUrl, "hello", Some("1"));
        refusal(NameShape::Unqualified, "hello:live", None);
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let qualifier = "!".repeat(129);
        let message = refusal(NameShape::Namespaced, "a b", Some(&qualifier));
        assert!(
            message.starts_with("3 validation errors detected: Value 'a b' at 'functionName' failed"),
            "{message}"
        );
        let expected = format!(
            "; Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal \
             to 128; Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: \\\\$(LATEST(\\\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
        );
        assert!(message.ends_with(&expected), "{message}");
        assert!(refusal(NameShape::Plain, "hello", Some("a b")).ends_with("pattern: (|[a-zA-Z0-9$_-]+)"));
    }

    #[test]
    fn two_qualifiers_must_agree() {
        let parse = |name, qualifier| {
            FunctionReference::parse(NameShape::Namespaced, name, Some(qualifier))
                .map(|reference| reference.arn(&Partition::default()))
        };
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
        assert_eq!(parse("hello", ""), Ok(arn.to_owned()));
        assert_eq!(parse("hello", "live"), Ok(format!("{arn}:live")));
        assert_eq!(parse("hello", "$latest"), Ok(format!("{arn}:$latest")));
        assert_eq!(parse("hello:live", "live"), Ok(format!("{arn}:live")));
        assert_eq!(parse("hello:live", "other"), Err(InvalidReference::TwoQualifiers));
        assert_eq!(parse(&format!("{arn}:$LATEST"), "1"), Err(InvalidReference::TwoQualifiers));
    }

    #[test]
    fn a_qualified_arn_always_has_a_qualifier() {
        let arn = |name| {
            let reference = FunctionReference::parse(NameShape::Namespaced, name, None).expect(name);
            reference.qualified_arn(&Partition::default())
        };
        let hello = "arn:aws:lambda:us-east-1:000000000000:function:hello";
        assert_eq!(arn("hello"), format!("{hello}:$LATEST"));
        assert_eq!(arn("hello:live"), format!("{hello}:live"));
    }
}
