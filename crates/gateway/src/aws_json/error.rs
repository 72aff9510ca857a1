//! Errors of the protocol.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::{body::AnswerBody, rest_json};

const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// What a caller is told instead of an answer. Each service makes its own of them; here are those that the protocol has
/// for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The name by which SDKs know the class.
    pub(crate) code: &'static str,
    /// The HTTP status. SDKs try again after 429, 500 and 503, and not after the others.
    pub(crate) status: StatusCode,
    /// What is wrong, and where it helps what to do.
    pub(crate) message: Cow<'static, str>,
    /// The name that the class had in the Query protocol, for services that spoke it once and whose clients know errors
    /// by those names.
    pub(crate) query_code: Option<&'static str>,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    #[serde(rename = "__type")]
    code: &'static str,
    message: &'a str,
}

impl JsonError {
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
    pub(super) fn serialization(message: String) -> Self {
        Self::new("SerializationException", message)
    }

    /// The body has more than `most` bytes.
    pub(super) fn too_large(most: usize) -> Self {
        let message = format!("Request must be smaller than {most} bytes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self { status, ..Self::new("RequestEntityTooLargeException", message) }
    }

    pub(super) fn render(&self) -> Response<AnswerBody> {
        let mut response = rest_json::document(&ErrorDocument { code: self.code, message: &self.message });
        *response.status_mut() = self.status;
        if let Some(code) = self.query_code {
            let fault = if self.status.is_client_error() { "Sender" } else { "Receiver" };
            let value = HeaderValue::try_from(format!("{code};{fault}")).expect("names of errors are text");
            response.headers_mut().insert(QUERY_ERROR, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_compatible_services_tell_the_old_name_too() {
        let query_code = Some("AWS.SimpleQueueService.NonExistentQueue");
        let error = JsonError { query_code, ..JsonError::new("QueueDoesNotExist", "no such queue") };
        let header = |error: &JsonError| error.render().headers().get(QUERY_ERROR).cloned();
        assert_eq!(header(&error).expect("a header"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
        let error = JsonError { query_code, ..JsonError::not_implemented("not there") };
        assert_eq!(header(&error).expect("a header"), "AWS.SimpleQueueService.NonExistentQueue;Receiver");
        assert_eq!(header(&JsonError::unknown_operation("A.B")), None);
    }
}
