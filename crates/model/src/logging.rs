//! How a function's log is written, and where to.
//!
//! Source: Lambda developer guide, "Configuring advanced logging controls for Lambda functions"; `LoggingConfig` in the
//! Lambda API reference.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::identity::FunctionName;

/// How a function's log is written, and where to; by default as text, to a group of the function's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggingConfiguration {
    /// How.
    pub format: LogFormat,
    /// The log group, if it is not the function's own.
    pub group: Option<LogGroupName>,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines of text, all of them.
    #[default]
    Text,
    /// JSON documents, down to a level.
    Json(LogLevels),
}

/// What is written and what is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogLevels {
    /// The lowest level of what the function writes.
    pub application: ApplicationLogLevel,
    /// The lowest level of what the platform writes.
    pub system: SystemLogLevel,
}

/// Defines levels with their names in the API, the lowest first.
macro_rules! levels {
    ($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_docs])* $variant,)+
        }

        impl $name {
            /// All of them, the lowest first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads the name in the API; `None` for anything else.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().find(|level| level.as_str() == text).copied()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

levels! {
    /// Levels of what functions write.
    ApplicationLogLevel {
        /// The finest details.
        Trace = "TRACE",
        /// Details for debugging.
        Debug = "DEBUG",
        /// The normal course of things; also the level of lines that name none.
        #[default]
        Info = "INFO",
        /// What may become an error.
        Warn = "WARN",
        /// What keeps the code from doing its work.
        Error = "ERROR",
        /// What makes it stop.
        Fatal = "FATAL",
    }
}

levels! {
    /// Levels of what the platform writes.
    SystemLogLevel {
        /// Every phase of an environment's life.
        Debug = "DEBUG",
        /// Beginning and report of each invocation.
        #[default]
        Info = "INFO",
        /// What did not end well.
        Warn = "WARN",
    }
}

/// The name of a log group: 1 to 512 letters, digits and `. - _ / #`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogGroupName(Box<str>);

/// Why a text is no name of a log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLogGroupName {
    /// It has more than 512 characters.
    #[error("a log group's name has at most {} characters", LogGroupName::MOST_CHARACTERS)]
    TooLong,
    /// It is empty, or has characters that are not allowed.
    #[error("a log group's name has letters, digits and `.`, `-`, `_`, `/`, `#`, and at least one of them")]
    Pattern,
}

impl LogGroupName {
    /// What names must match.
    pub const PATTERN: &str = r"[\.\-_/#A-Za-z0-9]+";
    /// How long one may be.
    pub const MOST_CHARACTERS: usize = 512;

    /// The group that a function writes to unless told otherwise.
    #[must_use]
    pub fn of_function(name: &FunctionName) -> Self {
        Self(format!("/aws/lambda/{name}").into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogGroupName {
    type Err = InvalidLogGroupName;

    fn from_str(text: &str) -> Result<Self, InvalidLogGroupName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(InvalidLogGroupName::Pattern);
        }
        if text.len() > Self::MOST_CHARACTERS {
            Err(InvalidLogGroupName::TooLong)
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl fmt::Display for LogGroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LoggingConfiguration {
    /// The group to which a function of this configuration writes.
    #[must_use]
    pub fn group_of(&self, function: &FunctionName) -> LogGroupName {
        self.group.clone().unwrap_or_else(|| LogGroupName::of_function(function))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_have_names() {
        assert!(ApplicationLogLevel::ALL.is_sorted() && SystemLogLevel::ALL.is_sorted());
        assert_eq!(ApplicationLogLevel::parse("WARN"), Some(ApplicationLogLevel::Warn));
        assert_eq!(SystemLogLevel::parse("TRACE"), None);
        assert_eq!(LogLevels::default().system.to_string(), "INFO");
    }

    #[test]
    fn names_of_groups_follow_the_pattern() {
        for name in ["/aws/lambda/orders", "a", "A.b-c_d/e#1", &"a".repeat(512)] {
            assert_eq!(name.parse::<LogGroupName>().expect(name).as_str(), name);
        }
        for name in ["", "a b", "a:b", "ä"] {
            assert_eq!(name.parse::<LogGroupName>(), Err(InvalidLogGroupName::Pattern), "{name}");
        }
        assert_eq!("a".repeat(513).parse::<LogGroupName>(), Err(InvalidLogGroupName::TooLong));
    }

    #[test]
    fn a_function_has_a_group_of_its_own_unless_told_otherwise() {
        let orders = FunctionName::parse("orders").expect("a name");
        let own = LoggingConfiguration::default();
        assert_eq!(own.group_of(&orders).as_str(), "/aws/lambda/orders");
        let group = Some("shop".parse().expect("a name"));
        assert_eq!(LoggingConfiguration { group, ..own }.group_of(&orders).as_str(), "shop");
    }
}
