//! Mappings as they are told.

use std::fmt;

use hearth_model::{
    event_source::{Configuration, FilterCriteria},
    identity::Partition,
    sqs::QueueAddress,
    time::Timestamp,
};

use super::MappingId;

/// A mapping as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingView {
    /// Where it lives.
    pub partition: Partition,
    /// Its identifier.
    pub id: MappingId,
    /// The queue.
    pub queue: QueueAddress,
    /// The ARN of the function, version or alias.
    pub function_arn: String,
    /// How it polls.
    pub configuration: Configuration,
    /// What the function wants.
    pub filters: FilterCriteria,
    /// The key by which AWS would encrypt the filters.
    pub kms_key_arn: Option<String>,
    /// How far it is.
    pub state: MappingState,
    /// When it was changed last.
    pub modified: Timestamp,
}

/// How far a mapping is.
///
/// What AWS takes seconds for is done at once; that it is under way is told by the answers of the operations that do it, as on
/// AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MappingState {
    /// It was created just now.
    Creating,
    /// It was enabled just now.
    Enabling,
    /// Messages are received.
    Enabled,
    /// Messages are no longer received, but some that were are not yet processed.
    Disabling,
    /// Messages are not received.
    Disabled,
    /// It was changed just now.
    Updating,
    /// It was deleted just now.
    Deleting,
}

impl MappingState {
    /// The state as the API has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabling => "Enabling",
            Self::Enabled => "Enabled",
            Self::Disabling => "Disabling",
            Self::Disabled => "Disabled",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
        }
    }
}

impl fmt::Display for MappingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
