//! Why an operation of the control plane is refused.

use std::borrow::Cow;

use hearth_engine::{DeployError, port::LoadError};
use hearth_model::{
    identity::{AccountId, Partition, Region},
    reference::{FunctionReference, InvalidReference},
};
use thiserror::Error;

use super::error::CodeNotKept;
use crate::violations::refuse_violations;

/// Why an operation is refused, by the classes of error that the Lambda API has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A parameter does not have the form that the API's model demands.
    #[error("{0}")]
    Validation(Cow<'static, str>),
    /// A parameter has a value that it cannot have.
    #[error("{0}")]
    InvalidParameter(Cow<'static, str>),
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// It exists already, or is being changed by somebody else.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// It was changed since the caller looked at it.
    #[error("{0}")]
    PreconditionFailed(Cow<'static, str>),
    /// The caller may not do this.
    #[error("{0}")]
    AccessDenied(Cow<'static, str>),
    /// A resource policy would become too long.
    #[error("{0}")]
    PolicyTooLong(Cow<'static, str>),
    /// There is no provisioned concurrency.
    #[error("No Provisioned Concurrency Config found for this function")]
    NotProvisioned,
    /// What was asked for cannot be kept, and so was not done.
    #[error(transparent)]
    NotKept(#[from] CodeNotKept),
    /// Hearth itself could not do it.
    #[error("{0}")]
    Internal(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn function_not_found(reference: &FunctionReference, partition: &Partition) -> Self {
        Self::NotFound(format!("Function not found: {}", reference.arn(partition)).into())
    }

    pub(super) fn other_region(named: &Region, own: &Region) -> Self {
        let message = format!("Functions from '{named}' are not reachable in this region ('{own}')");
        Self::NotFound(message.into())
    }

    /// An account does with another one's resource what no policy of that allows.
    pub(super) fn denied(account: AccountId, action: &str, resource: &str) -> Self {
        Self::AccessDenied(
            format!(
                "User: {} is not authorized to perform: {action} on resource: {resource} because no resource-based policy \
                 allows the {action} action",
                account.root_arn()
            )
            .into(),
        )
    }

    pub(super) fn stale_function() -> Self {
        Self::PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
             retrieve the latest Revision Id"
                .into(),
        )
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidParameter(message.into())
    }
}

refuse_violations!(Refusal::Validation);

impl From<InvalidReference> for Refusal {
    fn from(error: InvalidReference) -> Self {
        match error {
            InvalidReference::Validation(error) => error.into(),
            InvalidReference::TwoQualifiers => Self::InvalidParameter(error.to_string().into()),
        }
    }
}

impl From<DeployError> for Refusal {
    fn from(error: DeployError) -> Self {
        let message = error.to_string().into();
        match error {
            DeployError::Load(LoadError::Internal { .. }) => Self::Internal(message),
            DeployError::Load(_) | DeployError::Reservation(_) => Self::InvalidParameter(message),
            DeployError::Deleted => Self::NotFound(message),
        }
    }
}
