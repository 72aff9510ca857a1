//! Which objects a rule is about.

use thiserror::Error;

/// The objects whose keys begin and end so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// How they begin; none was given if it is none.
    pub prefix: Option<String>,
    /// How they end.
    pub suffix: Option<String>,
}

/// Why rules are no filter. The messages are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidFilter {
    /// A rule is neither about prefixes nor about suffixes.
    #[error("filter rule name must be either prefix or suffix")]
    Name {
        /// What it says that it is about.
        name: String,
    },
    /// Two rules are about prefixes.
    #[error("Cannot specify more than one prefix rule in a filter.")]
    TwoPrefixes,
    /// Two rules are about suffixes.
    #[error("Cannot specify more than one suffix rule in a filter.")]
    TwoSuffixes,
    /// A value is longer than a key can be.
    #[error("size exceeds max 1024")]
    TooLong {
        /// The value.
        value: String,
    },
}

impl Filter {
    /// Reads rules, each a name in any case and a value.
    ///
    /// # Errors
    /// If a rule has another name, or two have the same.
    pub fn of_rules<'a>(rules: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, InvalidFilter> {
        let mut filter = Self::default();
        for (name, value) in rules {
            if value.len() > 1_024 {
                return Err(InvalidFilter::TooLong { value: value.to_owned() });
            }
            let (place, twice) = if name.eq_ignore_ascii_case("prefix") {
                (&mut filter.prefix, InvalidFilter::TwoPrefixes)
            } else if name.eq_ignore_ascii_case("suffix") {
                (&mut filter.suffix, InvalidFilter::TwoSuffixes)
            } else {
                return Err(InvalidFilter::Name { name: name.to_owned() });
            };
            if place.replace(value.to_owned()).is_some() {
                return Err(twice);
            }
        }
        Ok(filter)
    }

    /// Names and values, as AWS shows them.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let prefix = self.prefix.as_deref().map(|prefix| ("Prefix", prefix));
        prefix.into_iter().chain(self.suffix.as_deref().map(|suffix| ("Suffix", suffix)))
    }

    /// Whether an object of this key is one of them.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        key.starts_with(self.prefix()) && key.ends_with(self.suffix())
    }

    /// Whether an object can be one of both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (prefix, suffix) = (self.prefix(), self.suffix());
        (prefix.starts_with(other.prefix()) || other.prefix().starts_with(prefix))
            && (suffix.ends_with(other.suffix()) || other.suffix().ends_with(suffix))
    }

    /// Whether all objects are among them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefix().is_empty() && self.suffix().is_empty()
    }

    fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    fn suffix(&self) -> &str {
        self.suffix.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(prefix: &str, suffix: &str) -> Filter {
        Filter::of_rules([("Prefix", prefix), ("suffix", suffix)]).expect("a filter")
    }

    #[test]
    fn rules_are_read_in_any_case() {
        let read = Filter::of_rules([("SUFFIX", ".txt"), ("prefix", "notif-")]).expect("a filter");
        assert_eq!(read.rules().collect::<Vec<_>>(), [("Prefix", "notif-"), ("Suffix", ".txt")]);
        let empty = Filter::of_rules([("suffix", "")]).expect("a filter");
        assert_eq!(empty.rules().collect::<Vec<_>>(), [("Suffix", "")]);
        assert!(empty.is_empty() && empty.matches("anything"));
    }

    #[test]
    fn other_rules_are_refused() {
        let check = |rules: &[(&str, &str)], expected: &str| {
            let error = Filter::of_rules(rules.iter().copied()).expect_err(expected);
            assert_eq!(error.to_string(), expected);
        };
        check(&[("infix", "x")], "filter rule name must be either prefix or suffix");
        check(&[("prefix", "x"), ("Prefix", "y")], "Cannot specify more than one prefix rule in a filter.");
        check(&[("suffix", "x"), ("Suffix", "x")], "Cannot specify more than one suffix rule in a filter.");
        check(&[("suffix", &"x".repeat(1_025))], "size exceeds max 1024");
    }

    #[test]
    fn keys_match_by_both_ends() {
        let images = filter("in/", ".jpg");
        assert!(images.matches("in/a.jpg") && images.matches("in/.jpg"));
        assert!(!images.matches("in/a.JPG") && !images.matches("out/a.jpg") && !images.matches("in/a.jpg "));
        assert!(!filter("images", "").matches("image"));
    }

    /// The examples of the user guide, "Configuring event notifications using object key name filtering".
    #[test]
    fn filters_overlap_if_a_key_can_match_both() {
        let check = |left: (&str, &str), right: (&str, &str), expected: bool| {
            let (left, right) = (filter(left.0, left.1), filter(right.0, right.1));
            assert_eq!((left.overlaps(&right), right.overlaps(&left)), (expected, expected));
        };
        check(("images/", ""), ("logs/", ""), false);
        check(("", ".jpg"), ("", ".png"), false);
        check(("images", ".jpg"), ("images", ".png"), false);
        check(("images", ""), ("", ""), true);
        check(("", "jpg"), ("", "pg"), true);
        check(("img", ".jpg"), ("images", ".jpg"), false);
        check(("images", ".jpg"), ("images/2026", ".jpg"), true);
    }
}
