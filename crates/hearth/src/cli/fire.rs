//! `hearth fire`.

use bytes::Bytes;
use clap::Args;
use hearth_gateway::control::FiredList;
use http::{Method, StatusCode};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{
    client::{Endpoint, percent_encoded},
    exit::Exit,
    terminal::NAME,
};

/// Fire a rule or a schedule of a running `hearth up` now.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth fire report                                  what `hearth schedules` calls `report`
  hearth fire shop/report                             of a group of schedules
  hearth fire report --endpoint http://localhost:8080")]
pub(super) struct Fire {
    /// The name of a rule or a schedule, with its group if that is not the default one, or an ARN
    name: String,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long)]
    json: bool,
}

impl Fire {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask())?;
        let list: FiredList =
            serde_json::from_slice(&answer).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        if self.json {
            print(format_args!("{}\n", String::from_utf8_lossy(&answer)))?;
        } else if list.fired.is_empty() {
            print(format_args!("{NAME}{}{NAME:#} has no targets\n", self.name))?;
        }
        for fired in list.fired.iter().filter(|_| !self.json) {
            match &fired.error {
                None => print(format_args!("sent to {NAME}{}{NAME:#}\n", fired.target))?,
                Some(error) => print(format_args!("not sent to {NAME}{}{NAME:#}: {error}\n", fired.target))?,
            }
        }
        let failed = list.fired.iter().any(|fired| fired.error.is_some());
        Ok(if failed { Exit::Platform } else { Exit::Success })
    }

    async fn ask(&self) -> Result<Bytes, CommandError> {
        let path = format!("/_hearth/fire/{}", percent_encoded(&self.name));
        let answer = self.endpoint.send(Method::POST, &path, &[], Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            _ => Err(CommandError::refused(&answer)),
        }
    }
}
