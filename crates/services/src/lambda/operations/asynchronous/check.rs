//! Whether something can be delivered to what an owner names; AWS finds out when it is configured.
//!
//! Source: recorded answers; answers that others have reported.

use std::sync::Arc;

use hearth_model::{
    destination::{Destination, DestinationService},
    identity::Region,
    sqs::QueueAddress,
};

use crate::lambda::{
    Functions, Refusal,
    deployment::{invalid_dead_letter, read_dead_letter},
    entry::Entry,
};

impl Functions {
    /// Checks what gets records of a function's invocations.
    pub(super) fn check_destination(&self, entry: &Entry, destination: &Destination) -> Result<(), Refusal> {
        let invalid = || Refusal::invalid(format!("The destination ARN {destination} is invalid."));
        match destination.service() {
            DestinationService::Lambda => {
                let found = self.resolve(entry.function.partition(), destination.as_str(), None);
                let function = found.map_err(|_| invalid())?;
                if Arc::ptr_eq(&function, &entry.function) {
                    return Err(Refusal::invalid(
                        "You can't specify the function as a destination for itself.",
                    ));
                }
                Ok(())
            }
            DestinationService::Sqs if destination.resource().ends_with(".fifo") => {
                let message = format!(
                    "FIFO queues are not supported as destinations: name another queue than {destination}"
                );
                Err(Refusal::invalid(message))
            }
            DestinationService::Sqs if self.has_queue(destination) => Ok(()),
            DestinationService::Sqs => Err(invalid()),
            DestinationService::Sns | DestinationService::EventBridge | DestinationService::S3 => {
                let message = format!(
                    "Hearth does not deliver to {destination}: name a queue or a function as the destination"
                );
                Err(Refusal::invalid(message))
            }
        }
    }

    /// Reads what is to be the dead-letter queue of a function in this region; an empty ARN means none.
    ///
    /// # Errors
    /// If it is no queue, or one that is not there.
    pub fn dead_letter(&self, region: &Region, arn: &str) -> Result<Option<Arc<Destination>>, Refusal> {
        let queue = read_dead_letter(arn)?;
        if let Some(queue) = &queue {
            self.check_dead_letter(region, queue)?;
        }
        Ok(queue)
    }

    /// Checks the dead-letter queue of a function in this region.
    pub(in crate::lambda) fn check_dead_letter(
        &self,
        region: &Region,
        queue: &Destination,
    ) -> Result<(), Refusal> {
        if queue.region().is_some_and(|named| named != region) {
            return Err(invalid_dead_letter(
                "The resource specified by the TargetArn must be in the same region as the Lambda function it's \
                 associated with.",
            ));
        }
        if self.has_queue(queue) {
            return Ok(());
        }
        Err(invalid_dead_letter(&format!("there is no queue {queue}: create it first.")))
    }

    fn has_queue(&self, destination: &Destination) -> bool {
        QueueAddress::parse_arn(destination.as_str()).is_some_and(|queue| self.queues().exists(&queue))
    }
}
