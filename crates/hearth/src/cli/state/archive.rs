//! `hearth state export` and `hearth state import`.

use std::path::PathBuf;

use clap::Args;
use hearth_store::Folder;

use crate::{
    cli::error::CommandError,
    exit::Exit,
    terminal::{self, NAME},
};

/// Write all state in a folder to one file: a fixture for tests, or what a report of a problem needs. No Hearth may be using it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state export shop.zip                      what is in the folder .hearth
  hearth state export shop.zip --data-dir state     what is in another one")]
pub(super) struct Export {
    /// The file to write, a zip archive; one that is there is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = ".hearth")]
    data_dir: PathBuf,
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
    #[arg(long, value_name = "FOLDER", default_value = ".hearth")]
    data_dir: PathBuf,
    /// Replace state that is in the folder, which is lost
    #[arg(long)]
    replace: bool,
}

impl Export {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let folder = Folder::open_existing(&self.data_dir)?;
        hearth_store::export(&folder, &self.file)?;
        let (from, to) = (self.data_dir.display(), self.file.display());
        terminal::note(format_args!("exported {NAME}{from}{NAME:#} to {NAME}{to}{NAME:#}"));
        Ok(Exit::Success)
    }
}

impl Import {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        hearth_store::import(&self.file, &self.data_dir, self.replace)?;
        let (from, to) = (self.file.display(), self.data_dir.display());
        terminal::note(format_args!("imported {NAME}{from}{NAME:#} as {NAME}{to}{NAME:#}"));
        Ok(Exit::Success)
    }
}
