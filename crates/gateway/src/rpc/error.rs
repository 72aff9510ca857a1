//! Errors, before a protocol renders them.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, StatusCode};

/// Tells the name of an error's class in the Query protocol, see [`RpcError::query_code`].
pub(crate) const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// What a caller is told instead of an answer. Each service makes its own of them; here are those that all
/// have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpcError {
    /// The name by which SDKs know the class.
    pub(crate) code: &'static str,
    /// The HTTP status. SDKs try again after 429, 500 and 503, and not after the others.
    pub(crate) status: StatusCode,
    /// What is wrong, and where it helps what to do.
    pub(crate) message: Cow<'static, str>,
    /// The name of the class in the Query protocol, for services that speak it or did once: clients know errors by these
    /// names, whatever they speak. None if it is the same, or if the service never spoke it.
    pub(crate) query_code: Option<&'static str>,
}

impl RpcError {
    /// An error of the caller's, as nearly all are.
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: StatusCode::BAD_REQUEST, message: message.into(), query_code: None }
    }

    /// There is no such operation.
    pub(crate) fn unknown_operation(target: &str) -> Self {
        Self::new("UnknownOperationException", format!("nothing answers to the target `{target}`"))
    }

    /// AWS does this, and Hearth does not.
    pub(crate) fn not_implemented(message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::NOT_IMPLEMENTED, ..Self::new("NotImplementedException", message) }
    }

    /// The body is no document of the operation's.
    pub(crate) fn serialization(message: String) -> Self {
        Self::new("SerializationException", message)
    }

    /// The body has more than `most` bytes.
    pub(crate) fn too_large(most: usize) -> Self {
        let message = format!("Request must be smaller than {most} bytes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self { status, ..Self::new("RequestEntityTooLargeException", message) }
    }

    /// Who has to act, as the Query protocol calls them.
    pub(crate) fn fault(&self) -> &'static str {
        if self.status.is_client_error() { "Sender" } else { "Receiver" }
    }

    /// What the header of errors of a service says that speaks the Query protocol, or did once.
    pub(crate) fn query_error(&self) -> Option<HeaderValue> {
        let value = format!("{};{}", self.query_code?, self.fault());
        Some(HeaderValue::try_from(value).expect("names of errors are text"))
    }
}
