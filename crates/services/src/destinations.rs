//! Delivers what asynchronous invocations tell at their end: records and dead letters.

use std::sync::{Arc, Weak};

use hearth_engine::{
    InvokeRequest,
    port::{BoxFuture, Delivery, DeliveryContent, DeliveryError, DestinationSink},
};
use hearth_model::{asynchronous::Condition, destination::DestinationService, sqs::QueueAddress};

use crate::{
    lambda::Functions,
    sqs::{Queues, SendRequest},
};

/// The ways to whatever can be a destination.
#[derive(Debug)]
pub(crate) struct Destinations {
    /// Weak: functions and queues hold the engine, which comes here on behalf of functions.
    functions: Weak<Functions>,
    queues: Weak<Queues>,
}

impl Destinations {
    pub(crate) fn new(functions: &Arc<Functions>, queues: &Arc<Queues>) -> Self {
        Self { functions: Arc::downgrade(functions), queues: Arc::downgrade(queues) }
    }

    fn deliver_to_function(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let functions = self.functions.upgrade().ok_or_else(shutting_down)?;
        if delivery.condition == Condition::RecursiveInvocation {
            return Err(refusal(format!(
                "functions are not told of the end of a loop, which might go on there: {}",
                delivery.destination
            )));
        }
        let DeliveryContent::Record(event) = delivery.content else {
            return Err(refusal(format!(
                "the function {} cannot be a dead-letter queue: name an SQS queue",
                delivery.destination
            )));
        };
        let request =
            InvokeRequest { event, trace_header: delivery.trace_header, ..InvokeRequest::default() };
        let accepted = functions.accept(&delivery.partition, delivery.destination.as_str(), None, request);
        accepted.map(drop).map_err(|error| refusal(error.to_string()))
    }

    fn deliver_to_queue(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let queues = self.queues.upgrade().ok_or_else(shutting_down)?;
        let queue = QueueAddress::parse_arn(delivery.destination.as_str())
            .ok_or_else(|| refusal(format!("{} is no queue", delivery.destination)))?;
        let message = match delivery.content {
            DeliveryContent::Record(record) => SendRequest::text(text(&record)),
            DeliveryContent::DeadLetter { event, attributes } => {
                let message = SendRequest::text(text(&event));
                attributes.iter().fold(message, |message, (name, data_type, value)| {
                    message.with_attribute(name, data_type, value)
                })
            }
        };
        let message = SendRequest { trace_header: delivery.trace_header, ..message };
        let sent = queues.send(&queue, delivery.partition.account, message);
        sent.map(drop).map_err(|error| refusal(format!("{queue}: {error}")))
    }
}

impl DestinationSink for Destinations {
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), DeliveryError>> {
        let delivered = match delivery.destination.service() {
            DestinationService::Lambda => self.deliver_to_function(delivery),
            DestinationService::Sqs => self.deliver_to_queue(delivery),
            DestinationService::Sns | DestinationService::EventBridge | DestinationService::S3 => {
                Err(refusal(format!("{} is of a service that Hearth does not have", delivery.destination)))
            }
        };
        Box::pin(async { delivered })
    }
}

/// Events and records are JSON, and therefore text.
fn text(json: &[u8]) -> String {
    String::from_utf8_lossy(json).into_owned()
}

fn shutting_down() -> DeliveryError {
    refusal("Hearth is shutting down".to_owned())
}

fn refusal(reason: String) -> DeliveryError {
    DeliveryError { reason }
}
