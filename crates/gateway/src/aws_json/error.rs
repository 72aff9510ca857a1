//! Errors as AWS JSON has them.

use http::{HeaderName, HeaderValue, Response};
use serde::Serialize;

use crate::{body::AnswerBody, rest_json, rpc::RpcError};

const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

#[derive(Serialize)]
struct ErrorDocument<'a> {
    #[serde(rename = "__type")]
    code: &'static str,
    message: &'a str,
}

pub(super) fn render(error: &RpcError) -> Response<AnswerBody> {
    let mut response = rest_json::document(&ErrorDocument { code: error.code, message: &error.message });
    *response.status_mut() = error.status;
    if let Some(code) = error.query_code {
        let value =
            HeaderValue::try_from(format!("{code};{}", error.fault())).expect("names of errors are text");
        response.headers_mut().insert(QUERY_ERROR, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_compatible_services_tell_the_old_name_too() {
        let query_code = Some("AWS.SimpleQueueService.NonExistentQueue");
        let error = RpcError { query_code, ..RpcError::new("QueueDoesNotExist", "no such queue") };
        let header = |error: &RpcError| render(error).headers().get(QUERY_ERROR).cloned();
        assert_eq!(header(&error).expect("a header"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
        let error = RpcError { query_code, ..RpcError::not_implemented("not there") };
        assert_eq!(header(&error).expect("a header"), "AWS.SimpleQueueService.NonExistentQueue;Receiver");
        assert_eq!(header(&RpcError::unknown_operation("A.B")), None);
    }
}
