//! `hearth logs`.

use clap::Args;
use hearth_gateway::control::{LogEntry, LogLines};

use super::{
    error::CommandError,
    stream::{self, Message, Received},
};
use crate::{
    client::{AnswerBody, Endpoint, percent_encoded},
    exit::Exit,
    logs::LogFormat,
    terminal,
};

/// Show the logs of a function of a running `hearth up`.
///
/// All that is kept of them: the newest lines, some megabytes. Lines of other functions that write to the same log group
/// are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth logs hello                             all that is kept
  hearth logs hello -f --since 10m              of the last ten minutes, and then as they come
  hearth logs hello --filter '?ERROR ?WARN'     with one of these words
  hearth logs hello --filter '{ $.level = \"error\" }' --json | jq .message

Filters are those of CloudWatch Logs:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html")]
pub(super) struct Logs {
    /// The function's name or ARN
    name: String,
    /// Go on showing lines as they are written, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// From when on: how long ago, such as `10m`, `2h` or `1d`, or a time such as `2026-01-31T12:00:00Z`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only lines that match, in the syntax of CloudWatch Logs
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// One JSON document per line
    #[arg(long)]
    json: bool,
}

impl Logs {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        stream::show(self.show())
    }

    async fn show(&self) -> Result<(), CommandError> {
        let path = format!("/_hearth/logs/{}?follow={}", percent_encoded(&self.name), u8::from(self.follow));
        let parameters = [("since", &self.since), ("filter", &self.filter)];
        let body = stream::open(&self.endpoint, path, &parameters).await?;
        if self.follow {
            return self.show_stream(body).await;
        }
        self.show_document(&body.collect().await?)
    }

    fn show_document(&self, document: &[u8]) -> Result<(), CommandError> {
        let LogLines { lines, .. } =
            serde_json::from_slice(document).map_err(|error| self.not_hearth(&error))?;
        self.print(lines.into_iter().map(Message::Entry))
    }

    async fn show_stream(&self, mut body: AnswerBody) -> Result<(), CommandError> {
        let mut received = Received::default();
        while let Some(piece) = body.next().await? {
            let messages = received.push(&piece).map_err(|error| self.not_hearth(&error))?;
            self.print(messages)?;
        }
        Ok(())
    }

    fn print(&self, messages: impl IntoIterator<Item = Message<LogEntry>>) -> Result<(), CommandError> {
        let format = LogFormat::json(self.json);
        let mut text = String::new();
        for message in messages {
            match message {
                Message::Entry(entry) => format.write(&mut text, &entry),
                Message::Missed(missed) => format.write_missed(&mut text, &self.name, missed),
            }
        }
        terminal::print(format_args!("{text}")).map_err(CommandError::Output)
    }

    fn not_hearth(&self, error: &serde_json::Error) -> CommandError {
        self.endpoint.not_hearth(error.to_string()).into()
    }
}
