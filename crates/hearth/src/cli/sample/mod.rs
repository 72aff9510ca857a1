//! `hearth event`.

mod bucket;
mod queue;

use clap::{Args, Subcommand};
use hearth_engine::clock::Clock;
use hearth_model::identity::Partition;

use self::{bucket::S3, queue::Sqs};
use super::{attribute, error::CommandError, print};
use crate::exit::Exit;

/// Print an event as a service would give it to a function.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event sqs tea coffee                       two messages of a queue
  hearth event s3 put --key uploads/cat.jpg         an object that was put into a bucket
  hearth event sqs tea | hearth invoke orders -e -  for a function, without a queue")]
pub(super) struct Event {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Sqs(Sqs),
    S3(S3),
}

impl Event {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let (partition, now) = (Partition::default(), Clock::real().wall());
        let event = match self.source {
            Source::Sqs(sqs) => sqs.event(partition, now),
            Source::S3(s3) => s3.event(&partition, now)?,
        };
        print(format_args!("{event}\n"))?;
        Ok(Exit::Success)
    }
}
