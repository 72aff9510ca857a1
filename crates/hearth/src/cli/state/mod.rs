//! `hearth state`.

mod archive;
mod info;

use clap::{Args, Subcommand};

use self::{
    archive::{Export, Import},
    info::Info,
};
use super::error::CommandError;
use crate::exit::Exit;

/// Look at state that survives restarts, and carry it elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state info                             what `hearth up` has kept in this folder
  hearth state info --data-dir state --json     the same of another folder, for programs
  hearth state export shop.zip                  all of it as one file, also while `hearth up` runs
  hearth state import shop.zip                  begin with what is in such a file")]
pub(super) struct State {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Info(Info),
    Export(Export),
    Import(Import),
}

impl State {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        match self.action {
            Action::Info(info) => info.run(),
            Action::Export(export) => export.run(),
            Action::Import(import) => import.run(),
        }
    }
}
