//! `hearth state export` and `hearth state import`.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use hearth_store::{Folder, OpenError};
use tokio::runtime::Builder;

use crate::{
    cli::{block_on, error::CommandError, stream},
    client::Endpoint,
    exit::Exit,
    terminal::{self, NAME},
    world::DATA_FOLDER,
};

/// Write all state to one file: a fixture for tests, or what a report of a problem needs.
///
/// If a Hearth is using the folder, it goes on meanwhile: the file has everything as it was at one moment, and what had been
/// acknowledged before the command began is in it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state export shop.zip                      what is in the folder .hearth, whether `hearth up` runs or not
  hearth state export shop.zip --data-dir state     what is in another one
  hearth state export shop.zip --endpoint http://127.0.0.1:4566
                                                    what the Hearth there keeps")]
pub(super) struct Export {
    /// The file to write, a zip archive; one that is there is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = DATA_FOLDER)]
    data_dir: PathBuf,
    /// The URL of a running `hearth up`, instead of the folder that it uses
    #[arg(long, value_name = "URL", conflicts_with = "data_dir")]
    endpoint: Option<Endpoint>,
}

/// Make a folder of state that `hearth state export` wrote. No Hearth may be using it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state import shop.zip                      as the folder .hearth
  hearth state import shop.zip --data-dir state     as another one, to begin with by `hearth up --data-dir state`
  hearth state import shop.zip --replace            in place of what is in .hearth")]
pub(super) struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = DATA_FOLDER)]
    data_dir: PathBuf,
    /// Replace state that is in the folder, which is lost
    #[arg(long)]
    replace: bool,
}

impl Export {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let from = match &self.endpoint {
            Some(endpoint) => {
                self.download(endpoint)?;
                endpoint.to_string()
            }
            None => {
                self.export()?;
                self.data_dir.display().to_string()
            }
        };
        terminal::note(format_args!(
            "exported {NAME}{from}{NAME:#} to {NAME}{}{NAME:#}",
            self.file.display()
        ));
        Ok(Exit::Success)
    }

    /// From the folder; if another process has that, from there.
    fn export(&self) -> Result<(), CommandError> {
        match Folder::open_existing(&self.data_dir) {
            Ok(folder) => Ok(hearth_store::export(&folder, &self.file)?),
            Err(OpenError::InUse { endpoint: Some(endpoint), folder, owner }) => match endpoint.parse() {
                Ok(endpoint) => self.download(&endpoint),
                Err(_) => Err(OpenError::InUse { endpoint: None, folder, owner }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn download(&self, endpoint: &Endpoint) -> Result<(), CommandError> {
        // Nobody ever sees half of it.
        let mut beside = self.file.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let downloaded = block_on(&mut Builder::new_current_thread(), receive(endpoint, &beside))
            .and_then(|()| fs::rename(&beside, &self.file).map_err(|source| self.not_written(source)));
        if downloaded.is_err() {
            // It may not even be there.
            let _ = fs::remove_file(&beside);
        }
        downloaded
    }

    fn not_written(&self, source: io::Error) -> CommandError {
        CommandError::Write { path: self.file.clone(), source }
    }
}

/// Writes what a running Hearth keeps to a file.
async fn receive(endpoint: &Endpoint, path: &Path) -> Result<(), CommandError> {
    let failed = |source| CommandError::Write { path: path.to_owned(), source };
    let mut archive = stream::open(endpoint, "/_hearth/state".to_owned(), &[]).await?;
    let mut file = File::create(path).map_err(failed)?;
    while let Some(piece) = archive.next().await? {
        file.write_all(&piece).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

impl Import {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        hearth_store::import(&self.file, &self.data_dir, self.replace)?;
        let (from, to) = (self.file.display(), self.data_dir.display());
        terminal::note(format_args!("imported {NAME}{from}{NAME:#} as {NAME}{to}{NAME:#}"));
        Ok(Exit::Success)
    }
}
