//! What a running Hearth tells of itself, for people and for programs.

use bytes::Bytes;
use clap::Args;
use http::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{client::Endpoint, exit::Exit};

/// Where to ask, and how to show the answer.
#[derive(Debug, Args)]
pub(super) struct View {
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566", global = true)]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long, global = true)]
    json: bool,
}

impl View {
    /// Shows the document at a path of the control API.
    pub(super) fn show<T: DeserializeOwned>(
        &self,
        path: &str,
        render: impl FnOnce(&T) -> String,
    ) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask(Method::GET, path))?;
        self.render(&answer, render)?;
        Ok(Exit::Success)
    }

    /// Has something done, and shows the document that tells how it went.
    pub(super) fn have_done<T: DeserializeOwned>(
        &self,
        path: &str,
        render: impl FnOnce(&T) -> String,
    ) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask(Method::POST, path))?;
        self.render(&answer, render)?;
        // Not done in time: what the document tells is then what there is to know.
        let in_time = answer.status() != StatusCode::GATEWAY_TIMEOUT;
        Ok(if in_time { Exit::Success } else { Exit::Platform })
    }

    fn render<T: DeserializeOwned>(
        &self,
        answer: &Response<Bytes>,
        render: impl FnOnce(&T) -> String,
    ) -> Result<(), CommandError> {
        let body = answer.body();
        if self.json {
            return print(format_args!("{}\n", String::from_utf8_lossy(body)));
        }
        let document =
            serde_json::from_slice(body).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        print(format_args!("{}", render(&document)))
    }

    async fn ask(&self, method: Method, path: &str) -> Result<Response<Bytes>, CommandError> {
        let answer = self.endpoint.send(method, path, &[], Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::GATEWAY_TIMEOUT => Ok(answer),
            StatusCode::BAD_REQUEST | StatusCode::INTERNAL_SERVER_ERROR => {
                Err(CommandError::refused(&answer))
            }
            other => Err(self.endpoint.not_hearth(format!("its answer is {other}")).into()),
        }
    }
}
