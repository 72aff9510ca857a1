//! `hearth reset`.

use clap::Args;

use super::{clock::reading, error::CommandError, view::View};
use crate::exit::Exit;

/// Let a running `hearth up` begin as at its start.
///
/// Whatever is under way ends, as it would with the process. What the manifest declares is there again, and nothing else: no
/// messages, objects, logs or environments, nothing that clients made, no faults of theirs. The clock is again as it was at first.
/// What is kept in the folder with state goes too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth reset                     between two tests")]
pub(super) struct Reset {
    #[command(flatten)]
    view: View,
}

impl Reset {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        self.view.have_done("/_hearth/reset", reading)
    }
}
