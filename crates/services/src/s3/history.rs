//! The versions of one key.

use super::{Entry, Version, VersionId};

/// The versions of one key; at least one.
#[derive(Clone, Debug)]
pub(super) struct History(
    /// Oldest first: the last one is the current one.
    Vec<Version>,
);

/// What a bucket does with versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// Every key has one version at most.
    #[default]
    Off,
    /// Whatever is written stays.
    Enabled,
    /// What is written takes the place of whatever was written while versioning was not enabled.
    Suspended,
}

impl History {
    pub(super) fn new(first: Version) -> Self {
        // A bucket without versioning has many of these, with room for one.
        Self(vec![first])
    }

    /// The current version, which may be a delete marker.
    pub(super) fn current(&self) -> &Version {
        self.0.last().expect("a history has at least one version")
    }

    pub(super) fn find(&self, id: &VersionId) -> Option<&Version> {
        self.0.iter().find(|version| version.id == *id)
    }

    pub(super) fn find_mut(&mut self, id: &VersionId) -> Option<&mut Version> {
        self.0.iter_mut().find(|version| version.id == *id)
    }

    /// Makes a version the current one; one of the same name goes, and is returned.
    pub(super) fn push(&mut self, version: Version) -> Option<Version> {
        let replaced = self.remove(&version.id);
        self.0.push(version);
        replaced
    }

    /// Removes a version. Nothing is left of the history if it was the last one: then the caller forgets it.
    pub(super) fn remove(&mut self, id: &VersionId) -> Option<Version> {
        let position = self.0.iter().position(|version| version.id == *id)?;
        Some(self.0.remove(position))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Newest first.
    pub(super) fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.0.iter().rev()
    }

    /// Whether there is an object now.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.0.last(), Some(Version { entry: Entry::Object(_), .. }))
    }
}

impl Versioning {
    /// The name of what is written now.
    pub(super) fn next_version(self) -> VersionId {
        match self {
            Self::Off | Self::Suspended => VersionId::Null,
            Self::Enabled => VersionId::draw(),
        }
    }
}
