//! The commands.

mod clock;
mod demo;
mod error;
mod event;
mod faults;
mod fire;
mod invoke;
mod logs;
mod manifest_option;
mod new;
mod ps;
mod replay;
mod reset;
mod runtime;
mod sample;
mod schedules;
mod send;
mod settle;
mod signals;
mod state;
mod stream;
mod table;
mod timeline;
mod up;
mod view;

use std::{future::Future, io};

use clap::{
    Parser, Subcommand,
    builder::styling::{AnsiColor, Styles},
};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::error::CommandError;
use crate::{exit::Exit, terminal};

/// AWS Lambda on your machine, in one binary: real sandboxes, cold and warm, without Docker and without an account.
#[derive(Debug, Parser)]
#[command(name = "hearth", version, styles = STYLES, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Up),
    Invoke(invoke::Invoke),
    Ps(ps::Ps),
    Logs(logs::Logs),
    Timeline(timeline::Timeline),
    Faults(faults::Faults),
    Replay(replay::Replay),
    Schedules(schedules::Schedules),
    Fire(fire::Fire),
    Send(send::Send),
    Event(sample::Event),
    State(state::State),
    Clock(clock::Clock),
    Settle(settle::Settle),
    Reset(reset::Reset),
    New(new::New),
    Runtime(runtime::Runtime),
    Demo(demo::Demo),
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Examples:
  hearth demo                 what cold and warm mean, in a few seconds
  hearth new hello            a project that runs at once
  hearth invoke hello         run its function here and now
  hearth up                   serve it on http://localhost:4566, for any AWS SDK

Exit codes:
  0  all went well
  1  the function failed: an error of its own, a timeout, a crash
  2  the command line, the manifest, the code or the event is wrong
  3  Hearth or the machine could not do its part, or a concurrency limit was reached";

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Nobody is left to be told that the terminal is gone.
            let _ = usage.print();
            return if usage.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    show_warnings();
    let done = match cli.command {
        Command::Up(up) => up.run(),
        Command::Invoke(invoke) => invoke.run(),
        Command::Ps(ps) => ps.run(),
        Command::Logs(logs) => logs.run(),
        Command::Timeline(timeline) => timeline.run(),
        Command::Faults(faults) => faults.run(),
        Command::Replay(replay) => replay.run(),
        Command::Schedules(schedules) => schedules.run(),
        Command::Fire(fire) => fire.run(),
        Command::Send(send) => send.run(),
        Command::Event(event) => event.run(),
        Command::State(state) => state.run(),
        Command::Clock(clock) => clock.run(),
        Command::Settle(settle) => settle.run(),
        Command::Reset(reset) => reset.run(),
        Command::New(new) => new.run(),
        Command::Runtime(runtime) => runtime.run(),
        Command::Demo(demo) => demo.run(),
    };
    done.unwrap_or_else(|error| {
        error.show();
        error.exit()
    })
}

/// What the libraries warn of goes to stderr, like Hearth's own warnings. But `s3s` would call each request that a client got
/// wrong an error, which is for the client to know.
fn show_warnings() {
    let warnings = fmt().with_max_level(LevelFilter::WARN).with_writer(io::stderr);
    let warnings = warnings.with_target(false).without_time().with_ansi(false).finish();
    let libraries = Targets::new().with_default(LevelFilter::WARN).with_target("s3s", LevelFilter::OFF);
    warnings.with(libraries).init();
}

/// Runs a command that waits for things. Guests that still run when it is done are not waited for.
fn block_on<T>(
    runtime: &mut Builder,
    command: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime: Runtime = runtime.enable_all().build().map_err(CommandError::Runtime)?;
    let done = runtime.block_on(command);
    runtime.shutdown_background();
    done
}

/// Writes to stdout; that nobody reads on is no error.
fn print(text: std::fmt::Arguments<'_>) -> Result<(), CommandError> {
    match terminal::print(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads a message attribute.
fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it like `priority=high`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_has_examples() {
        let mut command = Cli::command();
        command.build();
        for subcommand in command.get_subcommands_mut().filter(|subcommand| subcommand.get_name() != "help") {
            let help = subcommand.render_long_help().to_string();
            assert!(help.contains("Examples:"), "{help}");
        }
    }
}
