//! Amazon SQS: sending messages.
//!
//! Errors have SQS's code as their type, such as `QueueDoesNotExist`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, aws, http::Response};

/// Sends a message with attributes of the type String to a queue; returns the message's id.
///
/// The queue's URL is the one that `CreateQueue` and `GetQueueUrl` tell; in the function's own account, its name will do.
///
/// # Errors
/// SQS's own, such as `QueueDoesNotExist`.
///
/// # Panics
/// Outside WebAssembly.
pub fn send_message(queue_url: &str, body: &str, attributes: &[(&str, &str)]) -> Result<String, Error> {
    let request = aws::request("sqs", "POST", "/")?
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .body(serde_json::to_vec(&Message::new(queue_url, body, attributes))?);
    let response = request.send()?;
    if !response.is_success() {
        return Err(refusal(&response));
    }
    let sent: Sent = serde_json::from_slice(&response.body)?;
    Ok(sent.message_id)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    queue_url: &'a str,
    message_body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute<'a> {
    data_type: &'static str,
    string_value: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    message_id: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: String,
    message: Option<String>,
}

impl<'a> Message<'a> {
    fn new(queue_url: &'a str, message_body: &'a str, attributes: &[(&'a str, &'a str)]) -> Self {
        let attribute = |&(name, value)| (name, Attribute { data_type: "String", string_value: value });
        Self { queue_url, message_body, message_attributes: attributes.iter().map(attribute).collect() }
    }
}

/// The error in an answer. Its type may have a namespace before it.
fn refusal(response: &Response) -> Error {
    let status = || format!("SQS answered with status {}", response.status);
    match serde_json::from_slice::<Refusal>(&response.body) {
        Ok(Refusal { kind, message }) => {
            let code = kind.rsplit('#').next().unwrap_or(&kind);
            Error::new(code, message.unwrap_or_else(status))
        }
        Err(_) => Error::new("SqsError", status()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_documents_of_sqs() {
        let check = |attributes: &[(&str, &str)], expected: &str| {
            let message = Message::new("orders", "tea", attributes);
            assert_eq!(serde_json::to_string(&message).unwrap(), expected);
        };
        check(&[], r#"{"QueueUrl":"orders","MessageBody":"tea"}"#);
        check(
            &[("event", "push")],
            r#"{"QueueUrl":"orders","MessageBody":"tea","MessageAttributes":{"event":{"DataType":"String","StringValue":"push"}}}"#,
        );
    }

    #[test]
    fn refusals_have_the_code_of_sqs() {
        let check = |body: &str, expected: &str| {
            let response = Response { status: 400, headers: Vec::new(), body: body.into() };
            assert_eq!(refusal(&response).to_string(), expected);
        };
        check(
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#,
            "QueueDoesNotExist: The specified queue does not exist.",
        );
        check(r#"{"__type":"InternalError"}"#, "InternalError: SQS answered with status 400");
        check("<html>", "SqsError: SQS answered with status 400");
    }
}
