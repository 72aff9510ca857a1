//! Drives the queues on the clock.

use std::sync::{Arc, Weak};

use hearth_model::{
    asynchronous::{Configuration, Outcome},
    identity::RequestId,
    reference::Qualifier,
    time::Instant,
};

use super::{
    AcceptError, AsynchronousRequest,
    attempt::Attempt,
    events::{Events, Response, Task},
};
use crate::{
    deadlines::Due,
    engine::Engine,
    function::Function,
    port::{Aliases, DestinationSink},
    random::random_bits,
    timeline::{EventKind, Subject},
    work::WorkKind,
};

/// What the engine asks while it drives asynchronous invocations. Weak: those who answer hold the engine.
pub(crate) struct Connections {
    pub(crate) aliases: Weak<dyn Aliases>,
    pub(crate) destinations: Weak<dyn DestinationSink>,
}

impl Engine {
    /// Tells the engine whom to ask about aliases, and who delivers to destinations. Only the first call has an effect.
    ///
    /// Without them, or once they are gone, aliases lead nowhere and nothing can be delivered.
    pub fn connect(&self, aliases: Weak<dyn Aliases>, destinations: Weak<dyn DestinationSink>) {
        self.connections().get_or_init(|| Connections { aliases, destinations });
    }

    /// Accepts an event for a function, whatever the function's concurrency. It is given to the function at once, and
    /// again if that does not end well, as [`configure_asynchronous`](Self::configure_asynchronous) says. Every attempt
    /// has the request id that is returned.
    ///
    /// # Errors
    /// If too much waits for the function or it was deleted, and during shutdown.
    pub fn accept(
        &self,
        function: &Arc<Function>,
        request: AsynchronousRequest,
    ) -> Result<RequestId, AcceptError> {
        let id = RequestId::from_random(random_bits());
        self.accept_as(function, request, id)?;
        Ok(id)
    }

    /// As [`accept`](Self::accept), under an id that the request already has.
    ///
    /// # Errors
    /// If too much waits for the function or it was deleted, and during shutdown.
    pub fn accept_as(
        &self,
        function: &Arc<Function>,
        request: AsynchronousRequest,
        id: RequestId,
    ) -> Result<(), AcceptError> {
        let _work = self.work().begin(WorkKind::AsynchronousInvocation).ok_or(AcceptError::ShuttingDown)?;
        let now = self.clock().now();
        let (event_bytes, resource) = (request.event.len(), request.resource());
        let subject = Subject::function(function.name()).with_request(id).caused_by(request.cause);
        let accepted = self.with_events(function, |events| {
            events.accept(now, id, request)?;
            // Recorded before its first attempt can be.
            function.count(&resource, self.clock().wall(), |activity| activity.events_accepted += 1);
            self.timeline().record(subject, EventKind::Accepted { event_bytes });
            Ok(())
        });
        accepted.ok_or(AcceptError::Deleted)?
    }

    /// Sets what applies to the asynchronous invocations of a version or alias, those that have been accepted included;
    /// the default configuration takes one away.
    pub fn configure_asynchronous(
        &self,
        function: &Arc<Function>,
        qualifier: Qualifier,
        configuration: Configuration,
    ) {
        self.with_events(function, |events| events.configure(qualifier, configuration));
    }

    /// Makes the attempts of a function that are due, and tells when the next ones are.
    pub(crate) fn attempt_due(&self, function: &Arc<Function>, now: Instant) -> Option<Instant> {
        self.with_events_unnoted(function, |events| events.handle_timeout(now))?.1
    }

    /// Goes on with a function's events of an earlier process.
    pub(super) fn resume_events_of(&self, function: &Arc<Function>) {
        let now = self.clock().now();
        self.with_events(function, |events| events.resume(now));
    }

    /// An attempt is over.
    pub(super) fn end_attempt(
        &self,
        function: &Arc<Function>,
        id: RequestId,
        outcome: Outcome,
        response: Option<Response>,
    ) {
        let now = self.clock().now();
        self.with_events(function, |events| {
            if let Some(due) = events.end_attempt(now, id, outcome, response) {
                self.record_event(function, id, EventKind::Retrying { delay: due - now });
            }
        });
    }

    pub(super) fn record_event(&self, function: &Function, id: RequestId, kind: EventKind) {
        self.timeline().record(Subject::function(function.name()).with_request(id), kind);
    }

    /// The way to a function's events: one short lock, and then, without it, what is to be done. `None` if the function
    /// was deleted.
    fn with_events<R>(&self, function: &Arc<Function>, action: impl FnOnce(&mut Events) -> R) -> Option<R> {
        let (result, deadline) = self.with_events_unnoted(function, action)?;
        self.deadlines().note(deadline);
        Some(result)
    }

    fn with_events_unnoted<R>(
        &self,
        function: &Arc<Function>,
        action: impl FnOnce(&mut Events) -> R,
    ) -> Option<(R, Option<Instant>)> {
        let mut tasks = Vec::new();
        let result = function.with_events(|events| {
            let result = action(events);
            while let Some(task) = events.poll_task() {
                tasks.push(task);
            }
            self.record_events(function, events, &tasks);
            (result, events.poll_timeout())
        })?;
        for task in tasks {
            // An engine that is gone runs nothing.
            let Some(engine) = self.arc() else { break };
            let function = Arc::clone(function);
            match task {
                Task::Attempt { id, request, number, age } => {
                    self.record_event(&function, id, EventKind::Attempt { number, age });
                    let now = self.clock().wall();
                    function.count(&request.resource(), now, |activity| activity.event_age.record(age));
                    let attempt = Attempt::new(engine, function, id, request);
                    self.work().spawn(WorkKind::AsynchronousInvocation, attempt.run());
                }
                Task::End { ending, request, last } => {
                    self.end_event(&engine, function, ending, request, last.as_ref());
                }
            }
        }
        Some(result)
    }
}
