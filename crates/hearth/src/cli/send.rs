//! `hearth send`.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use bytes::Bytes;
use clap::Args;
use http::{HeaderName, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;

use super::{attribute, block_on, error::CommandError, print};
use crate::{
    client::{Endpoint, api_error},
    exit::Exit,
};

/// Send a message to a queue of a running `hearth up`.
///
/// Prints the message's id. What follows from the message, such as an invocation of the function that a mapping gives it to,
/// shows in the output of `hearth up` and in `hearth logs`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth send orders '{\"id\": \"A-1\"}'              a message with this body
  hearth send orders - < order.json                 with a body from stdin
  hearth send orders tea --delay 60                 that nobody receives for a minute
  hearth send orders tea -a priority=high           with a message attribute
  hearth send orders.fifo tea --group customer-7    to a FIFO queue")]
pub(super) struct Send {
    /// The queue's name or URL
    queue: String,
    /// The message's body, or `-` for stdin
    #[arg(allow_hyphen_values = true)]
    body: String,
    /// For how many seconds nobody receives the message, up to 900 [default: what the queue says]
    #[arg(long, value_name = "SECONDS")]
    delay: Option<u32>,
    /// A message attribute of the type String
    #[arg(long = "attribute", short, value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// The message group: FIFO queues need it
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// The deduplication id: FIFO queues need it unless they compare contents
    #[arg(long, value_name = "ID")]
    deduplication_id: Option<String>,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
}

/// `SendMessage` of the SQS API.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    queue_url: &'a str,
    message_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_seconds: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
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

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const SEND_MESSAGE: HeaderValue = HeaderValue::from_static("AmazonSQS.SendMessage");
const AWS_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

impl Send {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let body = match &*self.body {
            "-" => io::read_to_string(io::stdin().lock().take(MOST_BYTES))
                .map_err(|source| CommandError::Event { from: "stdin".to_owned(), source })?,
            body => body.to_owned(),
        };
        let id = block_on(&mut Builder::new_current_thread(), self.send(&body))?;
        print(format_args!("{id}\n"))?;
        Ok(Exit::Success)
    }

    async fn send(&self, body: &str) -> Result<String, CommandError> {
        let attributes = self.attributes.iter();
        let request = Request {
            queue_url: &self.queue,
            message_body: body,
            delay_seconds: self.delay,
            message_attributes: attributes
                .map(|(name, value)| (&**name, Attribute { data_type: "String", string_value: value }))
                .collect(),
            message_group_id: self.group.as_deref(),
            message_deduplication_id: self.deduplication_id.as_deref(),
        };
        let request = serde_json::to_vec(&request).expect("a request can always be written");
        let headers = [(TARGET, SEND_MESSAGE), (CONTENT_TYPE, AWS_JSON)];
        let answer = self.endpoint.send(Method::POST, "/", &headers, Bytes::from(request)).await?;
        if answer.status() != StatusCode::OK {
            if api_error(&answer).code.as_deref() != Some("QueueDoesNotExist") {
                return Err(CommandError::refused(&answer));
            }
            let message = format!(
                "there is no queue `{}`: declare it in the manifest as `[queues.{}]`, or create it with the AWS CLI",
                self.queue, self.queue
            );
            return Err(CommandError::Refused { message, exit: Exit::Usage });
        }
        let sent: Sent = serde_json::from_slice(answer.body())
            .map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        Ok(sent.message_id)
    }
}

/// More than a message can have.
const MOST_BYTES: u64 = 2 * 1024 * 1024;
