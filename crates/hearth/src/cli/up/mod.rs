//! `hearth up`.

mod aside;
mod data_folder;
mod ready;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::pin,
    time::Duration,
};

use clap::{Args, ValueEnum};
use hearth_engine::clock::Clock;
use hearth_model::time::Timestamp;
use tokio::{runtime::Builder, sync::oneshot, task::JoinSet};

use self::{aside::Aside, ready::Announcement};
use super::{block_on, error::CommandError, manifest_option, signals::Signals};
use crate::{
    client::DEFAULT_PORT,
    exit::Exit,
    logs::{LogFormat, LogPrinter},
    manifest::{FILE_NAME, Manifest},
    open_files, terminal,
    watch::Watch,
    world::{World, WorldOptions},
};

/// Serve a project: its functions and queues, on one port, for any AWS SDK.
///
/// What clients make is kept in the folder `.hearth` beside the manifest, and is there again at the next start, also after a
/// `kill -9`; `hearth reset` empties it. What the manifest declares is then made to be as it says.
///
/// Without a manifest, and without a `hearth.toml` in the current folder, the world is empty but for what is kept in this
/// folder's `.hearth`. Logs of functions go to stderr. Ctrl-C ends it after the invocations that run; a second Ctrl-C ends it at
/// once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth up                                     hearth.toml of this folder, on port 4566
  hearth up shop/hearth.toml --watch            take over changed code and manifests
  hearth up --port 0 --ready-file url.txt       any free port; url.txt appears when it is ready
  hearth up --data-dir ~/shop                   keep state there instead of in .hearth
  hearth up --ephemeral --clock frozen --at 2026-01-01T00:00:00Z
                                                for tests: keep nothing, and time stands until `hearth clock` moves it

  AWS_ENDPOINT_URL=http://localhost:4566 aws lambda invoke --function-name hello out.json")]
pub(in crate::cli) struct Up {
    /// The manifest, or the folder that it is in
    manifest: Option<PathBuf>,
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PORT)]
    port: u16,
    /// The address to listen on; 0.0.0.0 lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// A file to write the URL to once everything is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Take over changes of the code and of the manifest, for new invocations
    #[arg(long)]
    watch: bool,
    /// Do not show the logs of functions
    #[arg(long, short)]
    quiet: bool,
    /// Tell in JSON, one document per line: what is ready on stdout, logs on stderr
    #[arg(long)]
    json: bool,
    /// The folder for compiled code [default: HEARTH_CACHE_DIR, or the system's folder for caches]
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
    /// The folder to keep state in [default: `.hearth` beside the manifest, or in the current folder without one]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Keep no state: everything ends with the process
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    /// Whether the clock stands until it is moved by `hearth clock`
    #[arg(long, value_name = "CLOCK", value_enum, default_value_t = ClockChoice::Running)]
    clock: ClockChoice,
    /// Where the clock stands at first, such as 2026-01-01T00:00:00Z; with `--clock frozen` [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
}

/// How the clock begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClockChoice {
    /// It runs as the machine's
    Running,
    /// It stands
    Frozen,
}

/// How long invocations that run may go on after the first signal.
const GRACE: Duration = Duration::from_secs(10);

impl Up {
    pub(in crate::cli) fn run(self) -> Result<Exit, CommandError> {
        open_files::raise_limit();
        let manifest = manifest_option::find(self.manifest.as_deref())?;
        block_on(&mut Builder::new_multi_thread(), self.serve(manifest))
    }

    fn clock(&self) -> Result<Clock, CommandError> {
        match (self.clock, self.at) {
            (ClockChoice::Running, None) => Ok(Clock::steered()),
            (ClockChoice::Frozen, at) => Ok(Clock::frozen(at.unwrap_or_else(|| Clock::real().wall()))),
            (ClockChoice::Running, Some(_)) => Err(CommandError::Usage(
                "`--at` says where the clock stands: add `--clock frozen`".to_owned(),
            )),
        }
    }

    async fn serve(self, manifest: Option<Manifest>) -> Result<Exit, CommandError> {
        let mut signals = Signals::listen().map_err(CommandError::Signals)?;
        let clock = self.clock()?;
        let announcement = Announcement::prepare(self.ready_file, self.json)?;
        let watch = if self.watch { Some(watch(manifest.as_ref())?) } else { None };
        let data_folder =
            if self.ephemeral { None } else { Some(data_folder::choose(self.data_dir, manifest.as_ref())?) };
        let manifest = manifest.unwrap_or_default();
        let options = WorldOptions {
            listen: Some(SocketAddr::from((self.host, self.port))),
            cache_folder: self.cache_dir.or_else(crate::default_cache_folder),
            data_folder,
            clock,
            clock_is_given: self.at.is_some(),
            ..WorldOptions::default()
        };
        let mut world = tokio::select! {
            world = World::start(&manifest, options) => world?,
            () = signals.next() => return Ok(Exit::Success),
        };

        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        // A task of its own: what goes on aside blocks as long as nobody reads the logs.
        let mut serving = JoinSet::new();
        serving.spawn(world.serve(stopped, GRACE).expect("the world was started with a port"));
        let format = LogFormat::json(self.json);
        let logs = (!self.quiet).then(|| LogPrinter::new(world.engine().log_groups(), format));
        let mut aside = Aside::new(&world, watch, logs);
        announcement.publish(&world)?;
        aside::report(world.taken_away());

        let ended = {
            let mut aside = pin!(aside.run());
            tokio::select! {
                () = signals.next() => {}
                never = &mut aside => match never {},
            }
            let _ = stop.send(());
            if !self.json {
                terminal::note("ending; Ctrl-C once more ends it at once");
            }
            let end = async {
                serving.join_all().await;
                world.shutdown(GRACE).await;
                // Clients were told whether what they changed is kept. What changed by itself is told here.
                world.engine().journal().kept().await
            };
            tokio::select! {
                ended = end => match ended {
                    Ok(()) => Exit::Success,
                    Err(failure) => {
                        terminal::error(&failure);
                        Exit::Platform
                    }
                },
                () = signals.next() => Exit::Platform,
                never = &mut aside => match never {},
            }
        };
        aside.flush();
        announcement.withdraw()?;
        Ok(ended)
    }
}

/// Reads a time as RFC 3339 has it.
fn moment(text: &str) -> Result<Timestamp, String> {
    let at: Result<jiff::Timestamp, _> = text.parse();
    let nanos = at.ok().and_then(|at| i64::try_from(at.as_nanosecond()).ok());
    nanos.map(Timestamp::from_unix_nanos).ok_or_else(|| "write it like `2026-01-01T00:00:00Z`".to_owned())
}

fn watch(manifest: Option<&Manifest>) -> Result<Watch, CommandError> {
    match manifest {
        Some(manifest) => Ok(Watch::new(manifest.clone())?),
        None => Err(CommandError::Usage(format!(
            "there is nothing to watch: there is no `{FILE_NAME}` here, and no manifest was named"
        ))),
    }
}
