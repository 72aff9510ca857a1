//! What goes on beside serving: showing logs and taking over changes.

use std::{convert::Infallible, future::pending, sync::Arc};

use tokio::sync::watch;

use crate::{
    cli::error::show_manifest_error,
    logs::LogPrinter,
    terminal::{NAME, note, warn},
    watch::{Noticed, Watch},
    world::{Change, EventSource, Life, Verb, World},
};

pub(super) struct Aside<'w> {
    world: &'w World,
    lives: watch::Receiver<Arc<Life>>,
    watch: Option<Watch>,
    logs: Option<LogPrinter>,
}

impl<'w> Aside<'w> {
    pub(super) fn new(world: &'w World, watch: Option<Watch>, logs: Option<LogPrinter>) -> Self {
        Self { world, lives: world.follow(), watch, logs }
    }

    /// Goes on until it is dropped.
    pub(super) async fn run(&mut self) -> Infallible {
        loop {
            let noticed = tokio::select! {
                noticed = next(&mut self.watch, self.world) => noticed,
                () = begun(&mut self.lives) => {
                    self.turn_to_present();
                    continue;
                }
                never = show(&mut self.logs) => match never {},
            };
            match noticed {
                Ok(Noticed::Applied { changes, settings_differ }) => {
                    report(&changes);
                    if settings_differ {
                        warn("the settings at the top of the manifest hold from the next start on");
                    }
                }
                Ok(Noticed::Refused(error)) => {
                    show_manifest_error(&error);
                    note("everything stays as it was");
                }
                Err(error) => {
                    warn(format_args!("changes are no longer noticed: {error}"));
                    self.watch = None;
                }
            }
        }
    }

    /// Shows what has not been shown yet.
    pub(super) fn flush(&mut self) {
        if let Some(logs) = &mut self.logs {
            logs.flush();
        }
    }

    fn turn_to_present(&mut self) {
        let life = Arc::clone(&self.lives.borrow_and_update());
        if let Some(logs) = &mut self.logs {
            logs.turn_to(life.engine().log_groups());
            note("reset: everything is as at the start");
        }
    }
}

/// Tells what has changed.
pub(super) fn report(changes: &[Change]) {
    for change in changes {
        match change {
            Change::Deployed(function) => {
                note(format_args!("deployed {NAME}{}{NAME:#}", function.name()));
            }
            Change::Updated(name) => note(format_args!("updated {NAME}{name}{NAME:#}")),
            Change::Removed(name) => note(format_args!("removed {NAME}{name}{NAME:#}")),
            Change::Queue(name, verb) => note(format_args!("{} queue {NAME}{name}{NAME:#}", done(*verb))),
            Change::Bucket(name, verb) => {
                note(format_args!("{} bucket {NAME}{name}{NAME:#}", done(*verb)));
            }
            Change::Kept(name) => {
                note(format_args!("bucket {NAME}{name}{NAME:#} stays: it is not empty"));
            }
            Change::KeptQueue(name) => {
                note(format_args!("queue {NAME}{name}{NAME:#} stays: there are messages in it"));
            }
            Change::Events(function, source, verb) => {
                let (what, name) = match source {
                    EventSource::Queue(queue) => ("messages", queue.as_str()),
                    EventSource::Bucket(bucket) => ("events", bucket.as_str()),
                    EventSource::Schedule(expression) => ("firings", expression.as_str()),
                    EventSource::Route(key) => ("requests", key.as_str()),
                    EventSource::SocketRoute(key) => ("messages", key.as_str()),
                };
                let (now, how) = match verb {
                    Verb::Created => ("now invoke", ""),
                    Verb::Updated => ("now invoke", " in another way"),
                    Verb::Removed => ("no longer invoke", ""),
                };
                note(format_args!("{what} of {NAME}{name}{NAME:#} {now} {NAME}{function}{NAME:#}{how}"));
            }
            Change::Failed { name, error } => {
                show_manifest_error(error);
                note(format_args!("{NAME}{name}{NAME:#} stays as it was"));
            }
        }
    }
}

fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Created => "created",
        Verb::Updated => "updated",
        Verb::Removed => "removed",
    }
}

async fn next(watch: &mut Option<Watch>, world: &World) -> notify::Result<Noticed> {
    match watch {
        Some(watch) => watch.next(world).await,
        None => pending().await,
    }
}

/// Waits until everything has been reset.
async fn begun(lives: &mut watch::Receiver<Arc<Life>>) {
    // The world, which is there, holds the other end.
    let _never = lives.changed().await;
}

async fn show(logs: &mut Option<LogPrinter>) -> Infallible {
    match logs {
        Some(logs) => logs.run().await,
        None => pending().await,
    }
}
