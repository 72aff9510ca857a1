//! STS, for those who ask who they are: the AWS CLI's `aws sts get-caller-identity`, and tools that begin with that question.
//!
//! Signatures are not verified, and nobody has users or roles: a caller is the root of the account that its access key means.
//!
//! Source: `GetCallerIdentity` in the STS API reference (2011-06-15).

use serde::Serialize;

use crate::rpc::{Answer, Call, RpcError};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    arn: String,
    user_id: String,
    account: String,
}

/// Answers a request for an operation.
pub(crate) fn answer(call: &Call<'_>, operation: &str) -> Answer {
    if operation != "GetCallerIdentity" {
        let message = format!("Hearth has no {operation}: of STS it has GetCallerIdentity");
        return Err(RpcError::new("InvalidAction", message));
    }
    let account = call.partition.account;
    call.answer(&Identity {
        arn: account.root_arn(),
        user_id: account.to_string(),
        account: account.to_string(),
    })
}
