//! `hearth timeline`.

use clap::Args;
use serde::Deserialize;

use super::{
    error::CommandError,
    stream::{self, Message, Received},
};
use crate::{
    client::{AnswerBody, Endpoint},
    exit::Exit,
    terminal,
    timeline::{Entry, lines, trees},
};

/// Show what happened in a running `hearth up`, and what led to what.
///
/// With the id of a request, a message or an event: what led to it, and all that it led to. Otherwise the newest events.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth timeline                                           the newest events, in trees
  hearth timeline 8f1b1c3e-5f9d-4b5e-9d0c-2f4a6b8c0d1e      one chain: from the first cause to the last effect
  hearth timeline -f --function orders                      of a function, as it happens
  hearth timeline --kind cold-start,throttled --since 10m   why cold, why throttled
  hearth timeline --json | jq 'select(.event == \"ended\").duration_us'")]
pub(super) struct Timeline {
    /// The id of a request, a message or an event, or a cause that an event names
    id: Option<String>,
    /// Go on showing events as they happen, one per line, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only events of this function
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Only events of these kinds, such as `cold-start,ended`
    #[arg(long, value_name = "KINDS")]
    kind: Option<String>,
    /// From when on: how long ago, such as `10m`, `2h` or `1d`, or a time such as `2026-01-31T12:00:00Z`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// How many events, the newest, those that --follow adds not counted
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: Endpoint,
    /// One JSON document per line
    #[arg(long)]
    json: bool,
}

/// What the control API answers.
#[derive(Deserialize)]
struct Document {
    events: Vec<Entry>,
}

impl Timeline {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        stream::show(self.show())
    }

    async fn show(&self) -> Result<(), CommandError> {
        let path = format!("/_hearth/timeline?limit={}&follow={}", self.limit, u8::from(self.follow));
        let parameters =
            [("chain", &self.id), ("function", &self.function), ("kind", &self.kind), ("since", &self.since)];
        let body = stream::open(&self.endpoint, path, &parameters).await?;
        if self.follow {
            return self.show_stream(body).await;
        }
        let Document { events } =
            serde_json::from_slice(&body.collect().await?).map_err(|error| self.not_hearth(&error))?;
        if let (true, Some(id)) = (events.is_empty(), &self.id) {
            let message =
                format!("the timeline has nothing of `{id}`: it never was, or is not kept any more");
            return Err(CommandError::Refused { message, exit: Exit::Usage });
        }
        write(if self.json { documents(&events) } else { trees(&events) })
    }

    async fn show_stream(&self, mut body: AnswerBody) -> Result<(), CommandError> {
        let mut received = Received::default();
        while let Some(piece) = body.next().await? {
            for message in received.push::<Entry>(&piece).map_err(|error| self.not_hearth(&error))? {
                match message {
                    Message::Entry(event) if self.json => write(documents(&[event]))?,
                    Message::Entry(event) => write(lines(&[event]))?,
                    Message::Missed(missed) => terminal::warn(format_args!("{missed} events came too fast")),
                }
            }
        }
        Ok(())
    }

    fn not_hearth(&self, error: &serde_json::Error) -> CommandError {
        self.endpoint.not_hearth(error.to_string()).into()
    }
}

fn documents(events: &[Entry]) -> String {
    let document = |event| serde_json::to_string(event).expect("what was read can be written") + "\n";
    events.iter().map(document).collect()
}

fn write(text: impl std::fmt::Display) -> Result<(), CommandError> {
    terminal::print(format_args!("{text}")).map_err(CommandError::Output)
}
