//! What a running Hearth tells of itself, for people and for programs.

use bytes::Bytes;
use clap::Args;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{client::Endpoint, exit::Exit};

/// Where to ask, and how to show the answer.
#[derive(Debug, Args)]
pub(super) struct View {
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long)]
    json: bool,
}

impl View {
    /// Shows the document at a path of the control API.
    pub(super) fn show<T: DeserializeOwned>(
        &self,
        path: &str,
        render: impl FnOnce(&T) -> String,
    ) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask(path))?;
        if self.json {
            print(format_args!("{}\n", String::from_utf8_lossy(&answer)))?;
            return Ok(Exit::Success);
        }
        let document =
            serde_json::from_slice(&answer).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        print(format_args!("{}", render(&document)))?;
        Ok(Exit::Success)
    }

    async fn ask(&self, path: &str) -> Result<Bytes, CommandError> {
        let answer = self.endpoint.send(Method::GET, path, &[], Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            other => Err(self.endpoint.not_hearth(format!("its answer is {other}")).into()),
        }
    }
}
