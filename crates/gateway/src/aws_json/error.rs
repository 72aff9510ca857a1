//! Errors as AWS JSON has them.

use http::Response;
use serde::Serialize;

use crate::{
    body::AnswerBody,
    rest_json,
    rpc::{QUERY_ERROR, RpcError},
};

#[derive(Serialize)]
struct ErrorDocument<'a> {
    #[serde(rename = "__type")]
    code: &'static str,
    message: &'a str,
}

pub(super) fn render(error: &RpcError) -> Response<AnswerBody> {
    let mut response = rest_json::document(&ErrorDocument { code: error.code, message: &error.message });
    *response.status_mut() = error.status;
    if let Some(value) = error.query_error() {
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
