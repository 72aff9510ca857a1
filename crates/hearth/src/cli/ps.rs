//! `hearth ps`.

use std::fmt::Write;

use bytes::Bytes;
use clap::Args;
use hearth_gateway::control::{EnvironmentEntry, Environments};
use hearth_model::pool::EnvironmentState;
use http::{Method, StatusCode};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print};
use crate::{
    client::Endpoint,
    exit::Exit,
    terminal::{BOLD, DIM},
};

/// Show the environments of a running `hearth up`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth ps                                     of the `hearth up` on port 4566
  hearth ps --endpoint http://localhost:8080    of another one
  hearth ps --json | jq '.environments | length'")]
pub(super) struct Ps {
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long)]
    json: bool,
}

impl Ps {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask())?;
        if self.json {
            print(format_args!("{}\n", String::from_utf8_lossy(&answer)))?;
            return Ok(Exit::Success);
        }
        let environments: Environments =
            serde_json::from_slice(&answer).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        print(format_args!("{}", table(&environments.environments)))?;
        Ok(Exit::Success)
    }

    async fn ask(&self) -> Result<Bytes, CommandError> {
        let answer = self.endpoint.send(Method::GET, "/_hearth/environments", &[], Bytes::new()).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            other => Err(self.endpoint.not_hearth(format!("its answer is {other}")).into()),
        }
    }
}

const HEADINGS: [&str; 6] = ["FUNCTION", "ENVIRONMENT", "STATE", "FOR", "INVOCATIONS", "DEPLOYMENT"];

fn table(environments: &[EnvironmentEntry]) -> String {
    if environments.is_empty() {
        return format!("{DIM}no environments: the first invocation of a function makes one{DIM:#}\n");
    }
    let rows: Vec<[String; 6]> = environments.iter().map(row).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&HEADINGS.map(str::to_owned), &widths));
    for row in &rows {
        writeln!(text, "{}", line(row, &widths)).expect("a string takes everything");
    }
    text
}

fn row(environment: &EnvironmentEntry) -> [String; 6] {
    let state = match environment.state {
        EnvironmentState::Idle if environment.provisioned => "idle (provisioned)".to_owned(),
        state => state.to_string(),
    };
    [
        environment.function.clone(),
        environment.id.to_string(),
        state,
        duration(environment.state_ms),
        environment.invocations.to_string(),
        environment.generation.0.to_string(),
    ]
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}

/// As short as it is useful: `12ms`, `3.4s`, `5m06s`, `2h03m`.
fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match seconds {
        0 => format!("{milliseconds}ms"),
        1..60 => format!("{seconds}.{}s", milliseconds % 1_000 / 100),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::{identity::EnvironmentId, pool::Generation};

    use super::*;

    #[test]
    fn environments_are_a_table() {
        let entry = |function: &str, id, state, state_ms, invocations| EnvironmentEntry {
            function: function.to_owned(),
            function_arn: String::new(),
            id: EnvironmentId(id),
            generation: Generation(1),
            state,
            state_ms,
            invocations,
            provisioned: false,
        };
        let table = table(&[
            entry("hello", 1, EnvironmentState::Idle, 3_456, 12),
            entry("thumbnail", 10, EnvironmentState::Busy, 7, 1),
        ]);
        let plain = anstream::adapter::strip_str(&table).to_string();
        assert_eq!(
            plain,
            "FUNCTION   ENVIRONMENT  STATE  FOR   INVOCATIONS  DEPLOYMENT\n\
             hello      env-1        idle   3.4s  12           1\n\
             thumbnail  env-10       busy   7ms   1            1\n"
        );
    }

    #[test]
    fn durations_are_short() {
        for (milliseconds, expect) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_950, "1.9s"),
            (59_999, "59.9s"),
            (306_000, "5m06s"),
            (7_380_000, "2h03m"),
        ] {
            assert_eq!(duration(milliseconds), expect);
        }
    }
}
