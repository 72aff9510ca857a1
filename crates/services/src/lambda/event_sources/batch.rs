//! One batch on its way through the function.

use std::sync::Arc;

use hearth_engine::{
    InvokeReply, InvokeRequest,
    random::random_bits,
    timeline::{EventKind, Resource, Subject, Work},
};
use hearth_model::{
    event_source::{BatchId, Outcome, failed_items},
    identity::RequestId,
    work_id::WorkId,
};

use super::{
    mapping::Mapping,
    message::{Message, event, trace_header},
    settings::Settings,
};
use crate::lambda::InvocationError;

/// A batch that the poller waits for. If it is dropped before it is done, because it was broken off or panicked, the function was
/// not run for all that is known.
pub(super) struct Batch {
    mapping: Arc<Mapping>,
    /// As they were when the batch was given out.
    settings: Arc<Settings>,
    id: BatchId,
    messages: Arc<[Arc<Message>]>,
    done: bool,
}

impl Batch {
    pub(super) fn new(
        mapping: Arc<Mapping>,
        settings: Arc<Settings>,
        id: BatchId,
        messages: Arc<[Arc<Message>]>,
    ) -> Self {
        Self { mapping, settings, id, messages, done: false }
    }

    pub(super) async fn run(mut self) {
        let outcome = self.outcome().await;
        self.end(outcome);
    }

    async fn outcome(&self) -> Outcome {
        let request = InvokeRequest {
            event: event(&self.messages),
            trace_header: trace_header(&self.messages),
            cause: Some(self.record()),
            ..InvokeRequest::default()
        };
        let Settings { function, function_partition, .. } = &*self.settings;
        let functions = self.mapping.functions();
        match functions.begin_referenced(function_partition, function, request) {
            Ok(running) => self.replied(&running.await),
            // As a failure: the messages of a loop end as dead letters.
            Err(InvocationError::Recursive) => Outcome::FunctionError,
            Err(
                InvocationError::Throttled(_)
                | InvocationError::Unloaded { .. }
                | InvocationError::NotFound { .. }
                | InvocationError::OtherRegion { .. }
                | InvocationError::Reference(_)
                | InvocationError::Event(_)
                | InvocationError::QueueFull { .. }
                | InvocationError::ShuttingDown,
            ) => Outcome::NotRun,
        }
    }

    /// Tells that the messages are on their way. Returns what names the batch as a cause.
    fn record(&self) -> WorkId {
        let work = Work::EventId(RequestId::from_random(random_bits()));
        let function = self.settings.function.name.as_str();
        let messages = self.messages.iter().map(|message| message.work).collect();
        let polled = EventKind::Polled { queue: Arc::clone(self.mapping.queue.name.shared()), messages };
        let subject = Subject::new(Resource::Function, function).with_work(work);
        self.mapping.engine().timeline().record(subject, polled);
        work.id()
    }

    fn replied(&self, reply: &InvokeReply) -> Outcome {
        let reports = self.settings.configuration.reports_item_failures;
        match &reply.result {
            Ok(answer) if reports => Outcome::Processed { failed: self.failed(answer) },
            Ok(_) => Outcome::Processed { failed: Vec::new() },
            Err(failure) if failure.platform_fault().is_some() => Outcome::NotRun,
            Err(_) => Outcome::FunctionError,
        }
    }

    fn failed(&self, answer: &[u8]) -> Vec<usize> {
        let is_at = |id: &str| self.messages.iter().position(|message| message.id == id);
        failed_items(answer, self.messages.len(), is_at)
    }

    fn end(&mut self, outcome: Outcome) {
        self.done = true;
        self.mapping.end_batch(self.id, outcome);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.done {
            self.end(Outcome::NotRun);
        }
    }
}
