//! `hearth clock`.

use clap::{Args, Subcommand};
use hearth_gateway::control::{ClockReading, ClockState};

use super::{error::CommandError, settle::report, table::duration, view::View};
use crate::{client::percent_encoded, exit::Exit, terminal::BOLD};

/// Show, stop and move the clock of a running `hearth up`.
///
/// Everything goes by that clock: schedules, delays, retries, timeouts, idle environments, what functions see and how long they
/// sleep. Moved forward, it goes from deadline to deadline, and waits at each until nothing happens any more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth clock                                   what it shows
  hearth clock freeze                            stop it where it is
  hearth clock freeze --at 2026-01-01T00:00:00Z
  hearth clock advance 6h                        or 90s, \"1h 30m\", 30d
  hearth clock set 2026-02-01T00:00:00Z
  hearth clock resume                            let it run on")]
pub(super) struct Clock {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    view: View,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what the clock shows, and when something is due
    #[command(after_help = "Examples:\n  hearth clock show --json")]
    Show,
    /// Stop the clock
    #[command(after_help = "Examples:\n  hearth clock freeze --at 2026-01-01T00:00:00Z")]
    Freeze {
        /// Where it is to stand: it is set to that first
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Move the clock forward
    #[command(after_help = "Examples:\n  hearth clock advance 30d --timeout 10m")]
    Advance {
        /// By how much
        #[arg(value_name = "DURATION")]
        by: String,
        /// How long that may take in real time [default: 60s]
        #[arg(long, value_name = "DURATION")]
        timeout: Option<String>,
    },
    /// Set the clock to a time: forward as time would pass; back, nothing happens
    #[command(after_help = "Examples:\n  hearth clock set 2026-02-01T00:00:00Z")]
    Set {
        /// The time
        #[arg(value_name = "TIME")]
        at: String,
        /// How long that may take in real time [default: 60s]
        #[arg(long, value_name = "DURATION")]
        timeout: Option<String>,
    },
    /// Let the clock run on, as fast as the machine's
    #[command(after_help = "Examples:\n  hearth clock resume")]
    Resume,
}

impl Clock {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let timed = |path: &str, timeout: &Option<String>| match timeout {
            Some(timeout) => format!("/_hearth/clock/{path}&timeout={}", percent_encoded(timeout)),
            None => format!("/_hearth/clock/{path}"),
        };
        match &self.command {
            None | Some(Command::Show) => self.view.show("/_hearth/clock", reading),
            Some(Command::Freeze { at: None }) => self.view.have_done("/_hearth/clock/freeze", reading),
            Some(Command::Resume) => self.view.have_done("/_hearth/clock/resume", reading),
            Some(Command::Freeze { at: Some(at) }) => {
                self.view.have_done(&timed(&format!("freeze?at={}", percent_encoded(at)), &None), report)
            }
            Some(Command::Set { at, timeout }) => {
                self.view.have_done(&timed(&format!("set?at={}", percent_encoded(at)), timeout), report)
            }
            Some(Command::Advance { by, timeout }) => {
                self.view.have_done(&timed(&format!("advance?by={}", percent_encoded(by)), timeout), report)
            }
        }
    }
}

/// What the clock shows, in a line.
pub(super) fn reading(clock: &ClockReading) -> String {
    let ClockReading { state, now, next_in_ms, .. } = clock;
    let state = match state {
        ClockState::Frozen => "stands",
        ClockState::Running => "runs",
    };
    let next = match next_in_ms {
        Some(wait) => format!("something is due in {}", duration(*wait)),
        None => "nothing is due".to_owned(),
    };
    format!("{BOLD}{now}{BOLD:#}, the clock {state}, {next}\n")
}
