//! `hearth invoke`.

mod local;
mod outcome;
mod remote;

use std::{
    convert::Infallible,
    future::{Future, pending},
    path::PathBuf,
    time::Duration,
};

use bytes::Bytes;
use clap::Args;
use tokio::{runtime::Builder, task::JoinSet};

use self::{local::Local, outcome::Outcome, remote::Remote};
use super::{block_on, error::CommandError, event, manifest_option};
use crate::{
    client::Endpoint,
    exit::Exit,
    logs::{LogFormat, LogPrinter},
    manifest::Manifest,
    world::{World, WorldOptions},
};

/// Run a function once and print its answer.
///
/// The function runs in this process, from the manifest, or with `--endpoint` on a running `hearth up`. Its answer, or
/// the error document that a caller would get, goes to stdout, its logs go to stderr, and the exit code tells a failed
/// function (1) from a wrong command or event (2) and from a fault of Hearth's or a throttle (3).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth invoke hello                                      with the event {}
  hearth invoke hello -e events/hello.json                 with an event from a file
  hearth invoke hello -e '{\"name\": \"Ada\"}'                 with an event right here
  jq -c .event test.json | hearth invoke hello -e -        with an event from stdin
  hearth invoke hello --repeat 3                           one cold start, two warm ones
  hearth invoke hello --concurrency 10 --json --quiet      ten at once, and what each took
  hearth invoke hello --endpoint http://localhost:4566     on a running `hearth up`
  hearth invoke hello --endpoint http://localhost:4566 --async
                                                           the same, without waiting for the answer")]
pub(in crate::cli) struct Invoke {
    /// The function's name; with `--endpoint` also its ARN
    name: String,
    /// The event: a file, JSON itself, or `-` for stdin [default: {}]
    #[arg(long, short, value_name = "EVENT", allow_hyphen_values = true)]
    event: Option<String>,
    /// The manifest, or the folder that it is in [default: hearth.toml]
    #[arg(long, short, value_name = "MANIFEST")]
    manifest: Option<PathBuf>,
    /// The URL of a running `hearth up` to invoke it on
    #[arg(long, value_name = "URL", conflicts_with_all = ["manifest", "cache_dir"])]
    endpoint: Option<Endpoint>,
    /// Do not wait for an answer: the event is kept, and tried again if the function fails. Prints the request's id
    #[arg(long = "async", requires = "endpoint")]
    asynchronous: bool,
    /// How many times to invoke it, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// How many of the invocations to run at once; at least as many are made
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    concurrency: u32,
    /// Print a JSON document for each invocation: status, answer or error, and what it took
    #[arg(long)]
    json: bool,
    /// Do not show the function's logs
    #[arg(long, short)]
    quiet: bool,
    /// The folder for compiled code [default: HEARTH_CACHE_DIR, or the system's folder for caches]
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
}

impl Invoke {
    pub(in crate::cli) fn run(self) -> Result<Exit, CommandError> {
        let event = event::read(self.event.as_deref())?;
        if let Some(endpoint) = self.endpoint.clone() {
            let remote = Remote::new(endpoint, self.name.clone(), self.asynchronous, !self.quiet);
            let invoke = move |event| remote.clone().invoke(event);
            return block_on(&mut Builder::new_current_thread(), self.invoke_all(invoke, event, None));
        }
        let manifest = manifest_option::require(self.manifest.as_deref())?;
        if manifest.function(&self.name).is_none() {
            return Err(not_declared(&self.name, &manifest));
        }
        let manifest = manifest.only(&self.name);
        block_on(&mut Builder::new_multi_thread(), self.invoke_here(manifest, event))
    }

    async fn invoke_here(self, manifest: Manifest, event: Bytes) -> Result<Exit, CommandError> {
        let options = WorldOptions {
            cache_folder: self.cache_dir.clone().or_else(crate::default_cache_folder),
            ..WorldOptions::default()
        };
        let world = World::start(&manifest, options).await?;
        let format = LogFormat::json(self.json);
        let logs = (!self.quiet).then(|| LogPrinter::new(world.engine().log_groups(), format));
        let local = Local::new(&world, self.name.clone());
        let exit = self.invoke_all(move |event| local.clone().invoke(event), event, logs).await?;
        world.shutdown(Duration::ZERO).await;
        Ok(exit)
    }

    /// Invokes as often as was asked for, up to so many at once, and prints what comes of each as it comes.
    async fn invoke_all<F>(
        &self,
        invoke: impl Fn(Bytes) -> F,
        event: Bytes,
        mut logs: Option<LogPrinter>,
    ) -> Result<Exit, CommandError>
    where
        F: Future<Output = Result<Outcome, CommandError>> + Send + 'static,
    {
        let mut running = JoinSet::new();
        let mut left = self.repeat.max(self.concurrency);
        let mut exit = Exit::Success;
        loop {
            while left > 0 && running.len() < self.concurrency as usize {
                running.spawn(invoke(event.clone()));
                left -= 1;
            }
            let done = tokio::select! {
                done = running.join_next() => done,
                never = show(&mut logs) => match never {},
            };
            if let Some(logs) = &mut logs {
                logs.flush();
            }
            // A task that was not aborted can only fail by a panic, which is passed on.
            let Some(done) = done else { return Ok(exit) };
            let outcome = done.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))?;
            outcome.show(self.json)?;
            exit = exit.max(outcome.exit());
        }
    }
}

/// Leaves an event to a function of a running Hearth, and prints the request's id.
pub(in crate::cli) async fn send(
    endpoint: Endpoint,
    function: String,
    event: Bytes,
) -> Result<Exit, CommandError> {
    let outcome = Remote::new(endpoint, function, true, false).invoke(event).await?;
    outcome.show(false)?;
    Ok(outcome.exit())
}

async fn show(logs: &mut Option<LogPrinter>) -> Infallible {
    match logs {
        Some(logs) => logs.run().await,
        None => pending().await,
    }
}

fn not_declared(name: &str, manifest: &Manifest) -> CommandError {
    let path = manifest.path().display();
    if manifest.functions.is_empty() {
        return CommandError::Usage(format!("`{path}` declares no functions: add `[functions.{name}]`"));
    }
    CommandError::Usage(format!(
        "there is no function `{name}` in `{path}`: {}",
        manifest.suggest_function(name)
    ))
}
