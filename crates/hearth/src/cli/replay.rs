//! `hearth replay`.

use bytes::Bytes;
use clap::Args;
use hearth_gateway::control::Replayed;
use http::{Method, StatusCode};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{
    client::{Endpoint, percent_encoded},
    exit::Exit,
    terminal::{self, DIM, NAME},
};

/// Run an invocation of a running `hearth up` again, with its event, and the code and configuration that it had.
///
/// The answer goes to stdout, the end of its log to stderr. It runs in an environment of its own, that serves nobody else.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth replay 8f1b1c3e-5f9d-4b5e-9d0c-2f4a6b8c0d1e            what `hearth timeline` and logs call the request id
  hearth replay 8f1b1c3e-5f9d-4b5e-9d0c-2f4a6b8c0d1e --json     one document, with the log and what it took")]
pub(super) struct Replay {
    /// The request id of the invocation
    id: String,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask())?;
        let replayed: Replayed =
            serde_json::from_slice(&answer).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        if self.json {
            print(format_args!("{}\n", String::from_utf8_lossy(&answer)))?;
        } else {
            let Replayed { function, version, request_id, log, payload, .. } = &replayed;
            terminal::write(format_args!("{log}"));
            terminal::note(format_args!(
                "{NAME}{function}{NAME:#} {DIM}version {version} ran again as {request_id}{DIM:#}"
            ));
            print(format_args!("{}\n", payload.get()))?;
        }
        Ok(match replayed.outcome.as_str() {
            "success" => Exit::Success,
            "platform-fault" => Exit::Platform,
            _ => Exit::FunctionError,
        })
    }

    async fn ask(&self) -> Result<Bytes, CommandError> {
        let path = format!("/_hearth/replay/{}", percent_encoded(&self.id));
        let answer = self.endpoint.send(Method::POST, &path, &[], Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            _ => Err(CommandError::refused(&answer)),
        }
    }
}
