//! The events of one function that wait or run.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hearth_model::{
    asynchronous::{Change, Configuration, Ending, KeptInvocation, Outcome, Output, Queue},
    identity::{RequestId, Version},
    reference::Qualifier,
    time::Instant,
};

use super::request::{AcceptError, AsynchronousRequest};

/// A function's queue, and what belongs to its invocations.
pub(crate) struct Events {
    queue: Queue,
    /// How many bytes of events may wait or run, and how many do.
    capacity_bytes: usize,
    bytes: usize,
    accepted: HashMap<RequestId, Accepted>,
    /// What had ended in an earlier process, and is to be told.
    untold: VecDeque<Task>,
    /// Whether nothing becomes due, because not everything is there yet.
    held: bool,
}

/// An event that was there in an earlier process.
pub(super) struct RestoredEvent {
    pub(super) kept: KeptInvocation,
    pub(super) request: Arc<AsynchronousRequest>,
    pub(super) last: Option<Response>,
    /// How it had ended, if it had.
    pub(super) ending: Option<Ending>,
}

/// What is kept of an event until it ends.
struct Accepted {
    request: Arc<AsynchronousRequest>,
    last: Option<Response>,
}

/// What the last attempt came to.
pub(super) enum Response {
    /// The function ran.
    Function {
        version: Version,
        /// The message of its error, if it did not end well.
        error_message: Option<String>,
        /// Its answer, or the document that describes the error.
        payload: Bytes,
    },
    /// It was not run.
    Refused { status: u16, message: String },
}

/// What is to be done, without the lock.
pub(super) enum Task {
    Attempt { id: RequestId, request: Arc<AsynchronousRequest>, number: u32, age: Duration },
    End { ending: Ending, request: Arc<AsynchronousRequest>, last: Option<Response> },
}

impl Events {
    /// No events; up to `capacity` of them can be accepted, and up to `capacity_bytes` of them.
    pub(crate) fn new(capacity: usize, capacity_bytes: usize) -> Self {
        Self {
            queue: Queue::new(capacity),
            capacity_bytes,
            bytes: 0,
            accepted: HashMap::new(),
            untold: VecDeque::new(),
            held: false,
        }
    }

    pub(super) fn configure(&mut self, qualifier: Qualifier, configuration: Configuration) {
        self.queue.configure(qualifier, configuration);
    }

    pub(super) fn accept(
        &mut self,
        now: Instant,
        id: RequestId,
        request: AsynchronousRequest,
    ) -> Result<(), AcceptError> {
        let bytes = self.bytes + request.event.len();
        if bytes > self.capacity_bytes {
            return Err(AcceptError::TooManyBytes { capacity_bytes: self.capacity_bytes });
        }
        self.queue.handle_accept(now, id, request.queue_qualifier())?;
        self.bytes = bytes;
        self.accepted.insert(id, Accepted { request: Arc::new(request), last: None });
        Ok(())
    }

    /// Takes an event of an earlier process, whether there is room or not. Nothing follows before
    /// [`resume`](Self::resume).
    pub(super) fn restore(&mut self, now: Instant, event: RestoredEvent) {
        let RestoredEvent { kept, request, last, ending } = event;
        self.held = true;
        if let Some(ending) = ending {
            return self.untold.push_back(Task::End { ending, request, last });
        }
        self.bytes += request.event.len();
        self.accepted.insert(kept.id, Accepted { request, last });
        self.queue.handle_restore(now, kept);
    }

    /// Goes on with the events of an earlier process.
    pub(super) fn resume(&mut self, now: Instant) {
        self.held = false;
        self.queue.handle_timeout(now);
    }

    /// The end of an attempt. Returns when there will be another.
    pub(super) fn end_attempt(
        &mut self,
        now: Instant,
        id: RequestId,
        outcome: Outcome,
        response: Option<Response>,
    ) -> Option<Instant> {
        self.accepted.get_mut(&id).expect(KEPT).last = response;
        self.queue.handle_result(now, id, outcome)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if !self.held {
            self.queue.handle_timeout(now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        if self.held { None } else { self.queue.poll_timeout() }
    }

    /// What has changed that must survive the process.
    pub(super) fn poll_change(&mut self) -> Option<Change> {
        self.queue.poll_change()
    }

    /// An event that waits or runs, as it is kept, and what its last attempt came to.
    pub(super) fn kept(
        &self,
        id: RequestId,
    ) -> Option<(KeptInvocation, &AsynchronousRequest, Option<&Response>)> {
        let Accepted { request, last } = self.accepted.get(&id)?;
        Some((self.queue.kept(id)?, request, last.as_ref()))
    }

    pub(super) fn poll_task(&mut self) -> Option<Task> {
        if !self.held
            && let Some(untold) = self.untold.pop_front()
        {
            return Some(untold);
        }
        Some(match self.queue.poll_output()? {
            Output::Attempt { id, number, age } => {
                let request = Arc::clone(&self.accepted.get(&id).expect(KEPT).request);
                Task::Attempt { id, request, number, age }
            }
            Output::Ended(ending) => {
                let Accepted { request, last } = self.accepted.remove(&ending.id).expect(KEPT);
                self.bytes -= request.event.len();
                Task::End { ending, request, last }
            }
        })
    }

    /// How many wait or run.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

const KEPT: &str = "an event is kept until its invocation ends";
