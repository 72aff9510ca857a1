//! `hearth demo`.

use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use tokio::{runtime::Builder, task::JoinSet};

use super::{block_on, error::CommandError, print};
use crate::{
    client::Endpoint,
    demo,
    exit::Exit,
    manifest::Manifest,
    terminal::{BOLD, DIM},
    world::{World, WorldOptions},
};

/// Watch real handlers in real sandboxes, cold and warm, in a few seconds.
///
/// A photograph becomes a thumbnail, also by being put into a bucket; a hundred concurrent invocations have a hundred
/// environments; a concurrency limit throttles; a timeout resets; cold starts are modelled as Lambda's runtimes have them; and
/// all of it has a price. Every figure is measured in the run that shows it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth demo                 the whole story
  hearth demo --json          a JSON document for each stage
  hearth demo --seed 7        other modelled cold starts")]
pub(in crate::cli) struct Demo {
    /// Print a JSON document for each stage
    #[arg(long)]
    json: bool,
    /// The seed of the modelled cold starts: the same seed, the same starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for compiled code [default: HEARTH_CACHE_DIR, or the system's folder for caches]
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
}

impl Demo {
    pub(in crate::cli) fn run(self) -> Result<Exit, CommandError> {
        block_on(&mut Builder::new_multi_thread(), self.show())
    }

    async fn show(self) -> Result<Exit, CommandError> {
        let options = WorldOptions {
            // For the handlers: what they call, they call over HTTP.
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            cache_folder: self.cache_dir.or_else(crate::default_cache_folder),
            ..WorldOptions::default()
        };
        let mut world = World::start(&Manifest::default(), options).await?;
        let endpoint = Endpoint::from(world.address().expect("the world was started with a port"));
        let mut serving = JoinSet::new();
        serving
            .spawn(world.serve(pending::<()>(), Duration::ZERO).expect("the world was started with a port"));
        let began = world.engine().clock().now();
        if !self.json {
            print(format_args!(
                "{BOLD}Hearth{BOLD:#}: real handlers in real sandboxes. {DIM}Every figure is measured in this run.{DIM:#}\n"
            ))?;
        }
        let told = demo::tell(world.services(), endpoint, self.seed, |chapter| {
            let printed = if self.json {
                print(format_args!("{}\n", chapter.figures))
            } else {
                print(format_args!("{}", chapter.text))
            };
            printed.map_err(Into::into)
        });
        told.await.map_err(CommandError::Demo)?;
        if !self.json {
            let took = world.engine().clock().now() - began;
            print(format_args!(
                "\n{DIM}All of it took {:.1} s. Your turn: hearth new hello, hearth up, hearth --help{DIM:#}\n",
                took.as_secs_f64()
            ))?;
        }
        world.shutdown(Duration::ZERO).await;
        Ok(Exit::Success)
    }
}
