//! What a Hearth is started with.

use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use hearth::{World, WorldOptions, manifest::Manifest};
use hearth_engine::clock::Clock;
use hearth_model::time::Timestamp;
use tokio::task::JoinSet;

use crate::{error::StartError, hearth::Hearth, sandbox};

/// Starts a [`Hearth`]; made by [`Hearth::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is started before `start`"]
pub struct Builder {
    manifest: Source,
    frozen_at: Option<String>,
}

/// Where the manifest comes from.
#[derive(Clone, Debug, Default)]
enum Source {
    /// An empty world.
    #[default]
    Nowhere,
    File(PathBuf),
    Text {
        folder: PathBuf,
        text: String,
    },
}

impl Builder {
    /// Starts what a manifest declares. Without one, the world is empty.
    pub fn manifest(self, path: impl Into<PathBuf>) -> Self {
        Self { manifest: Source::File(path.into()), ..self }
    }

    /// Starts what this text declares, as if it were a manifest in a folder.
    pub fn manifest_text(self, folder: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { manifest: Source::Text { folder: folder.into(), text: text.into() }, ..self }
    }

    /// Lets the clock stand at a time, such as `2026-01-01T00:00:00Z`, until the test moves it. Otherwise it runs as the
    /// machine's.
    pub fn frozen_at(self, time: impl Into<String>) -> Self {
        Self { frozen_at: Some(time.into()), ..self }
    }

    /// Starts it on a free port. Takes milliseconds, unless code has to be compiled, which happens once.
    ///
    /// # Errors
    /// If the manifest or code cannot be used, or the machine has no room.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(self) -> Result<Hearth, StartError> {
        let manifest = match self.manifest {
            Source::Nowhere => Ok(Manifest::default()),
            Source::File(path) => Manifest::read(&path),
            Source::Text { folder, text } => Manifest::parse(&folder.join("hearth.toml"), text),
        };
        let manifest = manifest.map_err(hearth::StartError::from)?;
        let options = WorldOptions {
            listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            clock: match self.frozen_at {
                Some(text) => Clock::frozen(moment(text)?),
                None => Clock::steered(),
            },
            sandbox: Some(sandbox::shared().map_err(hearth::StartError::from)?),
            ..WorldOptions::default()
        };
        let mut world = World::start(&manifest, options).await?;
        let mut serving = JoinSet::new();
        serving.spawn(world.serve(pending(), Duration::ZERO).expect("the world was started with a port"));
        Ok(Hearth::new(world, serving))
    }
}

fn moment(text: String) -> Result<Timestamp, StartError> {
    let at = text.parse::<jiff::Timestamp>().ok();
    let nanos = at.and_then(|at| i64::try_from(at.as_nanosecond()).ok());
    nanos.map(Timestamp::from_unix_nanos).ok_or(StartError::Time { text })
}
