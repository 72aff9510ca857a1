//! What a client is told instead of what it wanted.

use bytes::Bytes;
use hearth_model::http_event::HttpAnswer;
use http::StatusCode;
use serde::Serialize;

use crate::apigateway::v2::invocation::Fault;

/// Why a client does not get what it wants: a connection, or that a function handles its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It does not say who it is.
    Unauthorized,
    /// It is not let in, or no route is for its message.
    Forbidden,
    /// Too much comes at once.
    TooManyRequests,
    /// A function cannot be invoked.
    Misconfigured,
    /// A function failed, or returned what is no answer.
    BadGateway,
    /// A function takes too long.
    Timeout,
}

impl Failure {
    /// Of a connection that does not come about. Source: the statuses of gateway responses.
    const fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Misconfigured => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::TooManyRequests => "Too Many Requests",
            Self::Misconfigured | Self::BadGateway => "Internal server error",
            Self::Timeout => "Endpoint request timed out",
        }
    }

    /// As clients are told. Source: messages as their users report them.
    pub(super) fn document(self, connection: &str, request_id: &str) -> Bytes {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'a> {
            message: &'a str,
            connection_id: &'a str,
            request_id: &'a str,
        }
        let document = Document { message: self.message(), connection_id: connection, request_id };
        serde_json::to_vec(&document).expect("texts can be written as JSON").into()
    }

    /// The answer to a client that wants to connect.
    pub(super) fn answer(self, connection: &str, request_id: &str) -> HttpAnswer {
        HttpAnswer::json(self.status(), self.document(connection, request_id))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotInvoked | Fault::Unavailable => Self::Misconfigured,
            Fault::Timeout => Self::Timeout,
            Fault::Failed(_) => Self::BadGateway,
        }
    }
}
