//! Names of log groups.

use std::fmt;

use hearth_model::validation::{ValidationError, Violation};

use super::Refusal;

/// The name of a log group: 1 to 512 letters, digits and `. - _ / #`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(Box<str>);

impl GroupName {
    /// Reads a name.
    ///
    /// # Errors
    /// If it is empty, too long or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        const MEMBER: &str = "logGroupName";
        const PATTERN: &str = r"[\.\-_/#A-Za-z0-9]+";
        const MOST: usize = 512;
        let fits = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte));
        let violations = [
            (!fits).then(|| Violation::pattern(MEMBER, text, PATTERN)),
            text.is_empty().then(|| Violation::length_at_least(MEMBER, text, 1)),
            (text.len() > MOST).then(|| Violation::length_at_most(MEMBER, text, MOST)),
        ];
        ValidationError::check(violations.into_iter().flatten())?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_pattern() {
        for name in ["/aws/lambda/orders", "a", "A.b-c_d/e#1"] {
            assert_eq!(GroupName::parse(name).expect(name).to_string(), name);
        }
        for name in ["", "a b", "a:b", "ä", &"a".repeat(513)] {
            let refusal = GroupName::parse(name).expect_err(name);
            assert!(refusal.to_string().contains("'logGroupName' failed to satisfy"), "{refusal}");
        }
    }
}
