//! Delivers what asynchronous invocations tell at their end: records and dead letters.

use std::sync::{Arc, Weak};

use hearth_engine::{
    InvokeRequest,
    port::{BoxFuture, Delivery, DeliveryContent, DeliveryError, DestinationSink},
};
use hearth_model::{asynchronous::Condition, destination::DestinationService};

use crate::lambda::Functions;

/// The ways to whatever can be a destination.
#[derive(Debug)]
pub(crate) struct Destinations {
    /// Weak: functions hold the engine, which comes here on their behalf.
    functions: Weak<Functions>,
}

impl Destinations {
    pub(crate) fn new(functions: &Arc<Functions>) -> Self {
        Self { functions: Arc::downgrade(functions) }
    }

    fn deliver_to_function(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let functions =
            self.functions.upgrade().ok_or_else(|| refusal("Hearth is shutting down".to_owned()))?;
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
}

impl DestinationSink for Destinations {
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), DeliveryError>> {
        let delivered = match delivery.destination.service() {
            DestinationService::Lambda => self.deliver_to_function(delivery),
            DestinationService::Sqs
            | DestinationService::Sns
            | DestinationService::EventBridge
            | DestinationService::S3 => {
                Err(refusal(format!("{} is of a service that Hearth does not have", delivery.destination)))
            }
        };
        Box::pin(async { delivered })
    }
}

fn refusal(reason: String) -> DeliveryError {
    DeliveryError { reason }
}
