//! Names of versions and aliases.

use std::{borrow::Borrow, fmt};

use super::shape::{is_number, is_word};
use crate::{
    identity::Version,
    validation::{ValidationError, Violation},
};

/// Which version of a function is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Qualifier {
    /// A version.
    Version(Version),
    /// An alias.
    Alias(AliasName),
    /// Well-formed, and yet neither version nor alias can have this name: `$latest`, `007`. It finds nothing.
    Nothing(Box<str>),
}

impl Qualifier {
    /// The version that is meant if nothing else is said.
    pub const LATEST: Self = Self::Version(Version::Latest);

    /// The alias, if it is one.
    #[must_use]
    pub const fn alias(&self) -> Option<&AliasName> {
        match self {
            Self::Alias(alias) => Some(alias),
            Self::Version(_) | Self::Nothing(_) => None,
        }
    }

    /// Reads the `FunctionVersion` parameter of the alias operations: a version.
    ///
    /// # Errors
    /// If it is neither `$LATEST` nor a number. A number that no version can have is [`Qualifier::Nothing`].
    pub fn parse_version(text: &str) -> Result<Self, ValidationError> {
        const MEMBER: &str = "functionVersion";
        const MOST: usize = 1_024;
        let short = text.is_empty().then(|| Violation::length_at_least(MEMBER, text, 1));
        let long = (text.chars().count() > MOST).then(|| Violation::length_at_most(MEMBER, text, MOST));
        let fits = text == "$LATEST" || text == "$LATEST.PUBLISHED" || is_number(text);
        let pattern = r"(\$LATEST(\.PUBLISHED)?|[0-9]+)";
        let other = (!fits).then(|| Violation::pattern(MEMBER, text, pattern));
        ValidationError::check([short, long, other].into_iter().flatten())?;
        Ok(Self::read(text))
    }

    /// The version, unless it is an alias.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        match self {
            Self::Version(version) => Some(*version),
            Self::Alias(_) | Self::Nothing(_) => None,
        }
    }

    /// Reads what has been found to be well-formed.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if text == "$LATEST" {
            return Self::LATEST;
        }
        // Versions are counted from 1 and written without leading zeros.
        let number = text.parse().ok().filter(|_| is_number(text) && !text.starts_with('0'));
        if let Some(number) = number {
            return Self::Version(Version::Published(number));
        }
        AliasName::parse(text).map_or_else(|_| Self::Nothing(text.into()), Self::Alias)
    }
}

impl From<Version> for Qualifier {
    fn from(version: Version) -> Self {
        Self::Version(version)
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::Alias(name) => name.fmt(f),
            Self::Nothing(text) => f.write_str(text),
        }
    }
}

/// An alias's name: 1 to 128 letters, digits, hyphens and underscores, not all of them digits.
///
/// Source: the shape `Alias` of the API's model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliasName(Box<str>);

impl AliasName {
    /// Reads the `Name` parameter of the alias operations.
    ///
    /// # Errors
    /// If no alias can have that name.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        const MEMBER: &str = "name";
        const MOST: usize = 128;
        let short = text.is_empty().then(|| Violation::length_at_least(MEMBER, text, 1));
        let long = (text.chars().count() > MOST).then(|| Violation::length_at_most(MEMBER, text, MOST));
        let fits = !text.is_empty() && text.bytes().all(is_word) && !is_number(text);
        let other = (!fits).then(|| Violation::pattern(MEMBER, text, "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"));
        ValidationError::check([short, long, other].into_iter().flatten())?;
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AliasName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers_are_versions_or_aliases_and_write_themselves_as_they_were() {
        let alias = |name: &str| Qualifier::Alias(AliasName::parse(name).expect(name));
        let nothing = |text: &str| Qualifier::Nothing(text.into());
        for (text, expected) in [
            ("$LATEST", Qualifier::LATEST),
            ("1", Qualifier::Version(Version::Published(1))),
            ("18446744073709551615", Qualifier::Version(Version::Published(u64::MAX))),
            ("live", alias("live")),
            ("1a", alias("1a")),
            ("-1", alias("-1")),
            ("0", nothing("0")),
            ("007", nothing("007")),
            ("18446744073709551616", nothing("18446744073709551616")),
            ("$latest", nothing("$latest")),
            ("$LATEST.PUBLISHED", nothing("$LATEST.PUBLISHED")),
        ] {
            assert_eq!(Qualifier::read(text), expected);
            assert_eq!(expected.to_string(), text);
        }
        assert_eq!(alias("live").version(), None);
        assert_eq!(Qualifier::from(Version::Latest).version(), Some(Version::Latest));
    }

    #[test]
    fn names_of_aliases_are_checked() {
        for name in ["a", "live-2", "_", &"x".repeat(128)] {
            assert_eq!(AliasName::parse(name).expect(name).as_str(), name);
        }
        let refusal = |name: &str| AliasName::parse(name).expect_err(name).to_string();
        for name in ["12", "a b", "$LATEST", "ä"] {
            let expected = format!(
                "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
            );
            assert_eq!(refusal(name), expected);
        }
        assert!(refusal("").starts_with("2 validation errors detected: Value '' at 'name'"));
        assert!(refusal(&"x".repeat(129)).ends_with("Member must have length less than or equal to 128"));
    }

    #[test]
    fn what_an_alias_points_to_is_checked() {
        assert_eq!(Qualifier::parse_version("$LATEST"), Ok(Qualifier::LATEST));
        assert_eq!(Qualifier::parse_version("7"), Ok(Qualifier::Version(Version::Published(7))));
        assert_eq!(Qualifier::parse_version("00"), Ok(Qualifier::Nothing("00".into())));
        let expected = "1 validation error detected: Value 'live' at 'functionVersion' failed to satisfy constraint: Member \
                        must satisfy regular expression pattern: (\\\\$LATEST(\\\\.PUBLISHED)?|[0-9]+)";
        assert_eq!(Qualifier::parse_version("live").expect_err("an alias").to_string(), expected);
        assert!(Qualifier::parse_version("").is_err());
    }
}
