//! `hearth event sqs`.

use clap::Args;
use hearth_model::{
    identity::Partition,
    sqs::{QueueAddress, QueueName},
    time::Timestamp,
};
use hearth_services::lambda::sample_queue_event;

use super::attribute;

/// A batch of messages, as an event source mapping gives it to a function.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event sqs tea coffee                          two messages
  hearth event sqs '{\"id\": \"A-1\"}' --queue orders      of this queue
  hearth event sqs tea -a priority=high                with a message attribute
  hearth event sqs tea | hearth invoke orders -e -     straight to a function")]
pub(super) struct Sqs {
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

impl Sqs {
    pub(super) fn event(self, partition: Partition, now: Timestamp) -> String {
        let queue = QueueAddress { partition, name: self.queue };
        let event = sample_queue_event(&queue, self.bodies, self.attributes.into_iter().collect(), now);
        String::from_utf8_lossy(&event).into_owned()
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
