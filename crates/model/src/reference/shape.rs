//! What the API's operations accept as `FunctionName` and `Qualifier`.

use crate::validation::Violation;

/// The shape that the `FunctionName` parameter of an operation has in the API's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameShape {
    /// `NamespacedFunctionName`: `Invoke`, `GetFunction`, `DeleteFunction`, event invoke configuration, policies, …
    Namespaced,
    /// `FunctionName`: `CreateFunction`, `UpdateFunctionCode`, versions, aliases, concurrency, …
    Plain,
    /// `UnqualifiedFunctionName`: recursion configuration. No qualifier is accepted.
    Unqualified,
    /// `FunctionUrlFunctionName`: function URLs. Only aliases have one beside the function itself.
    FunctionUrl,
}

/// `region:account:` and what may stand before; each part may be left out.
macro_rules! scoped {
    ($name:literal) => {
        concat!(
            r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?",
            $name
        )
    };
}

impl NameShape {
    /// What is wrong with a function's name as a whole; `matches` says whether it has the pattern of this shape.
    pub(super) fn name_violations(self, name: &str, matches: bool) -> impl Iterator<Item = Violation> {
        const MEMBER: &str = "functionName";
        let most = self.longest_name();
        let short = name.is_empty().then(|| Violation::length_at_least(MEMBER, name, 1));
        let long = (name.chars().count() > most).then(|| Violation::length_at_most(MEMBER, name, most));
        let other = (!matches).then(|| Violation::pattern(MEMBER, name, self.name_pattern()));
        [short, long, other].into_iter().flatten()
    }

    /// What is wrong with the `Qualifier` parameter.
    pub(super) fn qualifier_violations(self, qualifier: &str) -> impl Iterator<Item = Violation> {
        const MEMBER: &str = "qualifier";
        const MOST: usize = 128;
        let long =
            (qualifier.chars().count() > MOST).then(|| Violation::length_at_most(MEMBER, qualifier, MOST));
        let other = (!self.accepts_qualifier(qualifier))
            .then(|| Violation::pattern(MEMBER, qualifier, self.qualifier_pattern()));
        long.into_iter().chain(other)
    }

    /// Whether a name without anything around it has the pattern of this shape.
    pub(super) fn accepts_name(self, name: &str) -> bool {
        let dotted = match self {
            Self::Namespaced => true,
            Self::Plain | Self::Unqualified | Self::FunctionUrl => false,
        };
        let short = match self {
            Self::Namespaced | Self::Plain | Self::Unqualified => true,
            Self::FunctionUrl => name.len() <= 64,
        };
        !name.is_empty() && short && name.bytes().all(|byte| is_word(byte) || dotted && byte == b'.')
    }

    /// Whether what stands behind the name has the pattern of this shape.
    pub(super) fn accepts_suffix(self, qualifier: &str) -> bool {
        let word = !qualifier.is_empty() && qualifier.bytes().all(is_word);
        match self {
            Self::Namespaced => word || qualifier == "$LATEST" || qualifier == "$LATEST.PUBLISHED",
            Self::Plain => word || qualifier == "$LATEST",
            Self::Unqualified => false,
            Self::FunctionUrl => word && !is_number(qualifier),
        }
    }

    fn accepts_qualifier(self, qualifier: &str) -> bool {
        match self {
            Self::Namespaced => qualifier == "$LATEST.PUBLISHED" || is_word_or_dollar(qualifier),
            // No operation has both an unqualified name and a qualifier.
            Self::Plain | Self::Unqualified => is_word_or_dollar(qualifier),
            Self::FunctionUrl => self.accepts_suffix(qualifier),
        }
    }

    const fn longest_name(self) -> usize {
        match self {
            Self::Namespaced => 256,
            Self::Plain | Self::Unqualified | Self::FunctionUrl => 140,
        }
    }

    const fn name_pattern(self) -> &'static str {
        match self {
            Self::Namespaced => {
                scoped!(r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?")
            }
            Self::Plain => scoped!(r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"),
            Self::Unqualified => scoped!(r"([a-zA-Z0-9-_]+)"),
            Self::FunctionUrl => scoped!(r"([a-zA-Z0-9-_]{1,64})(:((?!\d+$)[0-9a-zA-Z-_]+))?"),
        }
    }

    const fn qualifier_pattern(self) -> &'static str {
        match self {
            Self::Namespaced => r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
            Self::Plain | Self::Unqualified => "(|[a-zA-Z0-9$_-]+)",
            Self::FunctionUrl => r"((?!^\d+$)^[0-9a-zA-Z-_]+$)",
        }
    }
}

/// `[a-zA-Z0-9-_]`.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// `[0-9]+`.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word_or_dollar(text: &str) -> bool {
    text.bytes().all(|byte| is_word(byte) || byte == b'$')
}
