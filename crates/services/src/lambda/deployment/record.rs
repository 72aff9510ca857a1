//! One version of a function as it is deployed.

use std::sync::Arc;

use hearth_model::{identity::Version, time::Timestamp};

use super::{Code, Settings};
use crate::lambda::RevisionId;

/// One version of a function as it is deployed.
#[derive(Clone, Debug)]
pub struct DeployedVersion {
    /// Which version.
    pub version: Version,
    /// What it is.
    pub content: Content,
    /// Changes whenever the version does.
    pub revision: RevisionId,
    /// When it was made or changed last.
    pub modified: Timestamp,
    /// How far the last change has come.
    pub phase: Phase,
}

/// What a version of a function is.
#[derive(Clone, Debug)]
pub struct Content {
    /// How it is configured.
    pub settings: Settings,
    /// What runs.
    pub code: Arc<Code>,
    /// What is mounted at `/opt`, in order.
    pub layers: Vec<MountedLayer>,
}

/// A layer of a function.
#[derive(Clone, Debug)]
pub struct MountedLayer {
    /// The ARN of the layer's version; none if it was deployed with the function.
    pub arn: Option<String>,
    /// What is in it.
    pub code: Arc<Code>,
}

/// How far the last change of a function has come.
///
/// Code is loaded before an operation is answered, so that a function can be invoked as soon as its owner hears of it.
/// The answer nevertheless says what AWS's says at that moment, and whoever asks afterwards sees the change done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is being created.
    Creating,
    /// It is being updated.
    Updating,
    /// The change is done.
    Done,
    /// It was done in an earlier process, and now the code cannot be loaded any more.
    Failed {
        /// Why not.
        reason: Arc<str>,
    },
}

impl DeployedVersion {
    /// `$LATEST` of a new function.
    pub(in crate::lambda) fn created(content: Content, now: Timestamp) -> Self {
        let (version, revision) = (Version::Latest, RevisionId::draw());
        Self { version, content, revision, modified: now, phase: Phase::Creating }
    }

    /// `$LATEST` with other content.
    pub(in crate::lambda) fn updated(content: Content, now: Timestamp) -> Self {
        Self { phase: Phase::Updating, ..Self::created(content, now) }
    }

    /// The change is done, which is a revision of its own.
    pub(in crate::lambda) fn done(&self) -> Self {
        Self { revision: RevisionId::draw(), phase: Phase::Done, ..self.clone() }
    }

    /// Why it cannot be invoked, whatever it is asked for.
    #[must_use]
    pub fn failure(&self) -> Option<&Arc<str>> {
        match &self.phase {
            Phase::Failed { reason } => Some(reason),
            Phase::Creating | Phase::Updating | Phase::Done => None,
        }
    }

    /// An immutable version of the same content.
    pub(in crate::lambda) fn published(&self, number: u64, description: Option<String>) -> Self {
        let mut published = self.done();
        published.version = Version::Published(number);
        if let Some(description) = description {
            published.content.settings.description = description;
        }
        published
    }
}

impl Content {
    /// Whether a new version of this would be the same as `published`. What it is for does not count.
    pub(in crate::lambda) fn is_as(&self, published: &Self) -> bool {
        let description = published.settings.description.clone();
        self.code.is(&published.code)
            && Settings { description, ..self.settings.clone() } == published.settings
            && self.layers.len() == published.layers.len()
            && self.layers.iter().zip(&published.layers).all(|(one, other)| one.code.is(&other.code))
    }
}
