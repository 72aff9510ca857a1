//! `hearth event`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use hearth_engine::{clock::Clock, random::random_bits};
use hearth_model::{
    identity::Partition,
    sqs::{Delivery, MessageId, QueueAddress, QueueName, ReceiptHandle},
};
use hearth_services::{
    lambda::queue_event,
    sqs::{AttributeValue, Content, Md5, MessageAttribute},
};

use super::{attribute, error::CommandError, print};
use crate::exit::Exit;

/// Print an event as a service would give it to a function.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event sqs tea coffee                       two messages of a queue
  hearth event sqs tea | hearth invoke orders -e -  for a function, without a queue")]
pub(super) struct Event {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Sqs(Sqs),
}

/// A batch of messages, as an event source mapping gives it to a function.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event sqs tea coffee                          two messages
  hearth event sqs '{\"id\": \"A-1\"}' --queue orders      of this queue
  hearth event sqs tea -a priority=high                with a message attribute
  hearth event sqs tea | hearth invoke orders -e -     straight to a function")]
struct Sqs {
    /// What the messages say
    #[arg(value_name = "BODY", required = true)]
    bodies: Vec<String>,
    /// The queue that they come from, a standard one
    #[arg(long, value_name = "NAME", default_value = "orders", value_parser = standard_queue)]
    queue: QueueName,
    /// A message attribute of the type String, of each message
    #[arg(long = "attribute", short, value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
}

impl Event {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let Source::Sqs(sqs) = self.source;
        print(format_args!("{}\n", String::from_utf8_lossy(&sqs.event())))?;
        Ok(Exit::Success)
    }
}

impl Sqs {
    fn event(self) -> bytes::Bytes {
        let mut attributes: Vec<_> = self
            .attributes
            .into_iter()
            .map(|(name, value)| MessageAttribute {
                name: name.into(),
                data_type: "String".into(),
                value: AttributeValue::Text(value.into()),
            })
            .collect();
        attributes.sort_by(|one, other| one.name.cmp(&other.name));
        let queue = QueueAddress { partition: Partition::default(), name: self.queue };
        let now = Clock::real().wall();
        let received = |body: String| Delivery {
            id: MessageId::from_random(random_bits()),
            handle: ReceiptHandle::from_bytes(&[0; ReceiptHandle::BYTES]),
            content: Arc::new(Content {
                body_md5: Md5::of(&body),
                body: body.into(),
                attributes: attributes.clone().into(),
                trace_header: None,
                sender: queue.partition.account,
            }),
            sent_at: now,
            receive_count: 1,
            first_received_at: now,
            group: None,
            deduplication: None,
            sequence: None,
            dead_letter_source: None,
        };
        let deliveries: Vec<_> = self.bodies.into_iter().map(received).collect();
        queue_event(&queue, &deliveries)
    }
}

fn standard_queue(text: &str) -> Result<QueueName, String> {
    let name = QueueName::parse(text).map_err(|error| error.to_string())?;
    if name.is_fifo() {
        Err("events of FIFO queues are not made up: send it a message".to_owned())
    } else {
        Ok(name)
    }
}
