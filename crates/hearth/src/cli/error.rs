//! Why a command did not do what it should.

use std::{io, path::PathBuf};

use bytes::Bytes;
use hearth_engine::port::LoadError;
use hearth_services::lambda::InvocationError;
use hearth_store::{ArchiveError, OpenError};
use http::{Response, StatusCode};
use thiserror::Error;

use crate::{
    client::{ClientError, api_error},
    exit::Exit,
    manifest::ManifestError,
    runtime::RuntimeError,
    terminal,
    world::StartError,
};

/// Why a command did not do what it should.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    /// What the user asked for makes no sense.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Start(#[from] StartError),
    /// A folder with state cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// State cannot be exported or imported.
    #[error(transparent)]
    Archive(ArchiveError),
    /// An event that cannot be read.
    #[error("cannot read the event from {from}")]
    Event {
        from: String,
        #[source]
        source: io::Error,
    },
    /// The invocation was refused.
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A running Hearth refused the request.
    #[error("{message}")]
    Refused { message: String, exit: Exit },
    #[error(transparent)]
    ManagedRuntime(#[from] RuntimeError),
    #[error(transparent)]
    Load(LoadError),
    #[error("cannot write `{}`", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot watch for changes")]
    Watch(#[from] notify::Error),
    /// The demo did not show what it should.
    #[error(transparent)]
    Demo(Box<dyn std::error::Error + Send + Sync>),
    #[error("cannot write to stdout")]
    Output(#[source] io::Error),
    #[error("cannot start threads")]
    Runtime(#[source] io::Error),
    #[error("cannot listen to signals")]
    Signals(#[source] io::Error),
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Folder(error) => Self::Data(error),
            other => Self::Archive(other),
        }
    }
}

impl CommandError {
    /// What the answer of a running Hearth means that is no success. Whoever asked for something wrong may mend that; what Hearth
    /// could not do, or has no concurrency left for, may be asked for again.
    pub(super) fn refused(answer: &Response<Bytes>) -> Self {
        let status = answer.status();
        let own_fault = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
        let exit = if own_fault { Exit::Usage } else { Exit::Platform };
        Self::Refused { message: api_error(answer).message_or_status(answer), exit }
    }

    /// Tells people.
    pub(super) fn show(&self) {
        match self {
            Self::Manifest(error) | Self::Start(StartError::Manifest(error)) => show_manifest_error(error),
            Self::Start(error) => {
                terminal::error(error);
                if matches!(error, StartError::Data(_) | StartError::Restore(_) | StartError::Past { .. }) {
                    terminal::note(
                        "`--data-dir FOLDER` keeps state in another folder, `--ephemeral` keeps none",
                    );
                }
            }
            Self::Data(error @ OpenError::Empty { .. }) => {
                terminal::error(error);
                terminal::note(
                    "`hearth up` keeps it in `.hearth` beside the manifest; `--data-dir FOLDER` names another folder",
                );
            }
            other => terminal::error(other),
        }
    }

    /// Tells scripts.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_)
            | Self::Manifest(_)
            | Self::Start(
                StartError::Manifest(_)
                | StartError::Past { .. }
                | StartError::Data(OpenError::Foreign { .. } | OpenError::NotAFolder { .. }),
            )
            | Self::Event { .. }
            | Self::Data(
                OpenError::Empty { .. } | OpenError::Foreign { .. } | OpenError::NotAFolder { .. },
            )
            | Self::Archive(
                ArchiveError::NotAnArchive { .. }
                | ArchiveError::TooNew { .. }
                | ArchiveError::Occupied { .. },
            )
            | Self::Write { .. } => Exit::Usage,
            Self::Invocation(error) => match error {
                InvocationError::Reference(_)
                | InvocationError::OtherRegion { .. }
                | InvocationError::NotFound { .. }
                | InvocationError::Event(_) => Exit::Usage,
                InvocationError::Throttled(_)
                | InvocationError::Recursive
                | InvocationError::QueueFull { .. }
                | InvocationError::Unloaded { .. }
                | InvocationError::ShuttingDown => Exit::Platform,
            },
            Self::Refused { exit, .. } => *exit,
            Self::ManagedRuntime(error) => match error {
                RuntimeError::NotInstalled | RuntimeError::NotARuntime { .. } => Exit::Usage,
                RuntimeError::NoPython { .. } | RuntimeError::Build { .. } | RuntimeError::Files { .. } => {
                    Exit::Platform
                }
            },
            Self::Start(
                StartError::Bind(_) | StartError::Sandbox(_) | StartError::Data(_) | StartError::Restore(_),
            )
            | Self::Data(_)
            | Self::Archive(ArchiveError::Folder(_) | ArchiveError::Io { .. })
            | Self::Load(_)
            | Self::Client(_)
            | Self::Watch(_)
            | Self::Demo(_)
            | Self::Output(_)
            | Self::Runtime(_)
            | Self::Signals(_) => Exit::Platform,
        }
    }
}

/// A manifest's errors show their places, in colours if there are any.
pub(super) fn show_manifest_error(error: &ManifestError) {
    match error {
        ManifestError::Invalid(diagnostics) => terminal::write(format_args!("{}\n", diagnostics.styled())),
        ManifestError::Unreadable { .. } => terminal::error(error),
    }
}
