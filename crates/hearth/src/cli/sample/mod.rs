//! `hearth event`.

mod bucket;
mod queue;

use clap::{Args, Subcommand};
use hearth_engine::clock::Clock;
use hearth_model::identity::Partition;

use bytes::Bytes;
use tokio::runtime::Builder;

use self::{bucket::S3, queue::Sqs};
use super::{attribute, block_on, error::CommandError, invoke, print};
use crate::{client::Endpoint, exit::Exit};

/// Print an event as a service would give it to a function, or send it to one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event sqs tea coffee                       two messages of a queue
  hearth event s3 put --key uploads/cat.jpg         an object that was put into a bucket
  hearth event sqs tea | hearth invoke orders -e -  for a function, without a queue
  hearth event s3 put --send-to thumbnail           to a function of a running `hearth up`, as S3 does it")]
pub(super) struct Event {
    #[command(subcommand)]
    source: Source,
    /// Send it to this function of a running `hearth up` and print the request's id: it is kept, and tried again if the function
    /// fails
    #[arg(long, global = true, value_name = "FUNCTION")]
    send_to: Option<String>,
    /// The URL of the running `hearth up`
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
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
        if let Some(function) = self.send_to {
            let sent = invoke::send(self.endpoint, function, Bytes::from(event));
            return block_on(&mut Builder::new_current_thread(), sent);
        }
        print(format_args!("{event}\n"))?;
        Ok(Exit::Success)
    }
}
