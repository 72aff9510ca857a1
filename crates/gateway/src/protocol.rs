//! In which protocol a client expects an error that concerns any request whatever it is for.

use hearth_engine::journal::NotKept;
use http::{Response, StatusCode, request::Parts};

use crate::{
    aws_json,
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    query, rest_json,
    route::Route,
    rpc::RpcError,
    rpc_cbor,
    s3::S3,
};

/// A protocol, as far as errors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    AwsJson,
    Cbor,
    Query,
    S3,
    RestJson,
}

impl Protocol {
    /// The protocol of a request.
    pub(crate) fn of(head: &Parts) -> Self {
        let route = Route::of(head.uri.path(), &head.headers);
        let query = route == Route::Nowhere && query::is_query(head);
        match route {
            _ if S3::is_meant(head, route == Route::Nowhere && !query) => Self::S3,
            _ if query => Self::Query,
            Route::AwsJson(_) => Self::AwsJson,
            Route::Cbor(_) => Self::Cbor,
            _ => Self::RestJson,
        }
    }

    /// The answer to a request of which it is not known whether what it changed survives the process. SDKs try again.
    pub(crate) fn not_kept(self, failure: &NotKept) -> Response<AnswerBody> {
        let message = failure.to_string();
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let error = || RpcError { status, ..RpcError::new("ServiceUnavailable", message.clone()) };
        match self {
            Self::AwsJson => aws_json::error(&error()),
            Self::Cbor => rpc_cbor::error(&error()),
            Self::Query => query::error(&error()),
            Self::S3 => S3::unavailable(message),
            Self::RestJson => rest_json::error(&ApiError::new(ErrorCode::ServiceUnavailable, message)),
        }
    }
}
