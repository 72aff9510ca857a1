//! `hearth ps`.

use clap::Args;
use hearth_gateway::control::{EnvironmentEntry, Environments};
use hearth_model::pool::EnvironmentState;

use super::{
    error::CommandError,
    table::{duration, table},
    view::View,
};
use crate::{exit::Exit, terminal::DIM};

/// Show the environments of a running `hearth up`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth ps                                     of the `hearth up` on port 4566
  hearth ps --endpoint http://localhost:8080    of another one
  hearth ps --json | jq '.environments | length'")]
pub(super) struct Ps {
    #[command(flatten)]
    view: View,
}

impl Ps {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        self.view.show("/_hearth/environments", |list: &Environments| render(&list.environments))
    }
}

const HEADINGS: [&str; 6] = ["FUNCTION", "ENVIRONMENT", "STATE", "FOR", "INVOCATIONS", "DEPLOYMENT"];

fn render(environments: &[EnvironmentEntry]) -> String {
    if environments.is_empty() {
        return format!("{DIM}no environments: the first invocation of a function makes one{DIM:#}\n");
    }
    let rows: Vec<[String; 6]> = environments.iter().map(row).collect();
    table(HEADINGS, &rows)
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
        let table = render(&[
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
}
