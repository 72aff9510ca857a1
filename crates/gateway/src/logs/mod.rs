//! CloudWatch Logs on the wire: AWS JSON 1.1.
//!
//! Source: the API's published model (2014-03-28).

mod groups;

use hearth_services::logs::Refusal;

use crate::rpc::{Answer, Call, RpcError};

/// Answers a request for an operation.
pub(crate) fn answer(call: &Call<'_>, operation: &str) -> Answer {
    match operation {
        "CreateLogGroup" => groups::create(call),
        "DeleteLogGroup" => groups::delete(call),
        "DescribeLogGroups" => groups::describe(call),
        "StartLiveTail" => Err(RpcError::not_implemented(
            "Hearth has no StartLiveTail: follow a log group with FilterLogEvents, as `aws logs tail --follow` does",
        )),
        _ => Err(RpcError::unknown_operation(operation)),
    }
}

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::InvalidParameter(message) => ("InvalidParameterException", message),
            Refusal::NotFound(message) => ("ResourceNotFoundException", message),
            Refusal::AlreadyExists(message) => ("ResourceAlreadyExistsException", message),
        };
        Self::new(code, message)
    }
}
