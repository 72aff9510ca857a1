//! Errors as AWS names them, before a wire protocol renders them.

use std::borrow::Cow;

use hearth_model::pool::ThrottleReason;
use http::StatusCode;

/// What a caller is told instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The class of the error.
    pub(crate) code: ErrorCode,
    /// What is wrong, and where it helps what to do.
    pub(crate) message: Cow<'static, str>,
    /// Which limit throttled; only with [`ErrorCode::TooManyRequests`].
    pub(crate) reason: Option<ThrottleReason>,
}

/// The classes of errors.
///
/// Source: the errors in the Lambda API reference, and AWS's common errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    /// The payload is not JSON.
    InvalidRequestContent,
    /// A parameter has a value that it can't have.
    InvalidParameterValue,
    /// A parameter does not have the form it must have.
    Validation,
    /// The HTTP request itself is broken.
    MalformedRequest,
    /// There is no such function, version or alias.
    ResourceNotFound,
    /// Nothing is served under this path.
    UnknownOperation,
    /// Something is served under this path, but not with this method.
    MethodNotAllowed,
    /// The payload is larger than Lambda takes.
    RequestTooLarge,
    /// The request as a whole is larger than the operation takes.
    RequestEntityTooLarge,
    /// It exists already, or is being changed.
    ResourceConflict,
    /// It is another revision than the caller has seen.
    PreconditionFailed,
    /// The caller may not do this.
    AccessDenied,
    /// A resource policy would become too long.
    PolicyLengthExceeded,
    /// There is no provisioned concurrency.
    ProvisionedConcurrencyConfigNotFound,
    /// There is no such configuration of code signing.
    CodeSigningConfigNotFound,
    /// The function is invoked in a loop.
    RecursiveInvocation,
    /// A concurrency limit is reached.
    TooManyRequests,
    /// There is no such part of API Gateway.
    NotFound,
    /// API Gateway does not take this.
    BadRequest,
    /// It exists already, or something of API Gateway needs it.
    Conflict,
    /// Hearth could not do its part.
    Service,
    /// AWS does this, and Hearth does not yet.
    NotImplemented,
    /// Hearth is about to end.
    ServiceUnavailable,
}

/// Who has to do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Whoever sent the request.
    User,
    /// Whoever runs the service.
    Service,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), reason: None }
    }

    /// Source: recorded answers to invocations beyond the reserved concurrency.
    pub(crate) fn throttled(reason: ThrottleReason) -> Self {
        Self { code: ErrorCode::TooManyRequests, message: "Rate Exceeded.".into(), reason: Some(reason) }
    }
}

impl ErrorCode {
    /// The name by which SDKs know the class.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequestContent => "InvalidRequestContentException",
            Self::InvalidParameterValue => "InvalidParameterValueException",
            Self::Validation => "ValidationException",
            Self::MalformedRequest => "MalformedHttpRequestException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::MethodNotAllowed => "MethodNotAllowedException",
            Self::RequestTooLarge => "RequestTooLargeException",
            Self::RequestEntityTooLarge => "RequestEntityTooLargeException",
            Self::ResourceConflict => "ResourceConflictException",
            Self::PreconditionFailed => "PreconditionFailedException",
            Self::ProvisionedConcurrencyConfigNotFound => "ProvisionedConcurrencyConfigNotFoundException",
            Self::AccessDenied => "AccessDeniedException",
            Self::PolicyLengthExceeded => "PolicyLengthExceededException",
            Self::CodeSigningConfigNotFound => "CodeSigningConfigNotFoundException",
            Self::RecursiveInvocation => "RecursiveInvocationException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::NotFound => "NotFoundException",
            Self::BadRequest => "BadRequestException",
            Self::Conflict => "ConflictException",
            Self::Service => "ServiceException",
            Self::NotImplemented => "NotImplementedException",
            Self::ServiceUnavailable => "ServiceUnavailableException",
        }
    }

    /// The HTTP status. SDKs try again after 429, 500 and 503, and not after the others.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequestContent
            | Self::InvalidParameterValue
            | Self::Validation
            | Self::BadRequest
            | Self::MalformedRequest
            | Self::PolicyLengthExceeded
            | Self::RecursiveInvocation => StatusCode::BAD_REQUEST,
            Self::ResourceNotFound
            | Self::NotFound
            | Self::ProvisionedConcurrencyConfigNotFound
            | Self::CodeSigningConfigNotFound
            | Self::UnknownOperation => StatusCode::NOT_FOUND,
            Self::AccessDenied => StatusCode::FORBIDDEN,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTooLarge | Self::RequestEntityTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ResourceConflict | Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Service => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Who is to blame.
    pub(crate) const fn fault(self) -> Fault {
        match self {
            Self::Service | Self::NotImplemented | Self::ServiceUnavailable => Fault::Service,
            Self::InvalidRequestContent
            | Self::InvalidParameterValue
            | Self::Validation
            | Self::MalformedRequest
            | Self::ResourceNotFound
            | Self::UnknownOperation
            | Self::MethodNotAllowed
            | Self::RequestTooLarge
            | Self::RequestEntityTooLarge
            | Self::ResourceConflict
            | Self::PreconditionFailed
            | Self::ProvisionedConcurrencyConfigNotFound
            | Self::CodeSigningConfigNotFound
            | Self::AccessDenied
            | Self::PolicyLengthExceeded
            | Self::RecursiveInvocation
            | Self::NotFound
            | Self::BadRequest
            | Self::Conflict
            | Self::TooManyRequests => Fault::User,
        }
    }
}
