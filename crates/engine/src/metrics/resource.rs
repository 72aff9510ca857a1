//! What of a function did something.

use hearth_model::{
    identity::Version,
    reference::{AliasName, Qualifier},
};

/// A part of a function that is counted by itself, as Lambda's dimensions `Resource` and `ExecutedVersion` have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// The alias by which the function was called; none if it was called by a version, or by its name alone.
    pub alias: Option<AliasName>,
    /// The version that was called, or that the alias led to; none if an alias is meant wherever it led, or if nothing of
    /// the function was found.
    pub version: Option<Version>,
}

impl Resource {
    /// What was called, whatever an alias leads to.
    pub(crate) fn called(qualifier: Option<&Qualifier>) -> Self {
        match qualifier {
            None => Self::executed(None, Version::Latest),
            Some(Qualifier::Version(version)) => Self::executed(None, *version),
            Some(Qualifier::Alias(alias)) => Self { alias: Some(alias.clone()), version: None },
            Some(Qualifier::Nothing(_)) => Self { alias: None, version: None },
        }
    }

    /// A version, as it is called by an alias or otherwise.
    pub(crate) const fn executed(alias: Option<AliasName>, version: Version) -> Self {
        Self { alias, version: Some(version) }
    }
}
