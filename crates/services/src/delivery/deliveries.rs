//! Delivers, and waits to try again.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use hearth_engine::{
    Engine, InvokeRequest,
    clock::Clock,
    deadlines::{Deadlines, Due},
    timeline::{EventKind, Undelivered, Work},
};
use hearth_model::{
    schedule::{Exhausted, Next},
    time::Instant,
};
use parking_lot::Mutex;

use super::{Failure, FailureKind, Parcel, Sender, TargetAddress, kept, parcel::Counted};
use crate::{
    cloudwatch::Metrics,
    lambda::Functions,
    sqs::{Queues, SendRequest},
};

/// The way from rules and schedules to their targets.
pub(crate) struct Deliveries {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    queues: Arc<Queues>,
    metrics: Arc<Metrics>,
    waiting: Mutex<Waiting>,
    deadlines: Arc<Deadlines>,
}

/// What is to be tried again.
#[derive(Default)]
struct Waiting {
    /// By when, and by the numbers that they got when they came.
    parcels: BTreeMap<(Instant, u64), Parcel>,
    came: u64,
}

/// How many deliveries may wait together; beyond that, none is tried again.
const MOST_WAITING: usize = 100_000;

impl Deliveries {
    /// # Panics
    /// Outside a tokio runtime: one task waits for what is to be tried again.
    pub(crate) fn new(
        engine: Arc<Engine>,
        functions: Arc<Functions>,
        queues: Arc<Queues>,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let (waiting, deadlines) = (Mutex::default(), Arc::default());
        let deliveries = Arc::new(Self { engine, functions, queues, metrics, waiting, deadlines });
        deliveries.engine.work().spawn_watcher(Deadlines::run(Arc::downgrade(&deliveries)));
        deliveries
    }

    /// Tries to deliver something, and sees to it that it is tried again if need be. Returns how the first attempt went.
    pub(crate) fn deliver(&self, parcel: Parcel) -> Result<(), Failure> {
        let tried = self.attempt(parcel, None);
        let next = self.waiting.lock().next_due();
        self.deadlines.note(next);
        tried
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Lets deliveries wait that have waited before.
    pub(super) fn wait_for(&self, parcels: Vec<(Instant, u64, Parcel)>) {
        let mut waiting = self.waiting.lock();
        for (due, number, parcel) in parcels {
            waiting.came = waiting.came.max(number);
            waiting.parcels.insert((due, number), parcel);
        }
        let next = waiting.next_due();
        drop(waiting);
        self.deadlines.note(next);
    }

    /// Tries to deliver something, which has waited under a number unless it is the first time.
    fn attempt(&self, parcel: Parcel, waited: Option<u64>) -> Result<(), Failure> {
        let now = self.engine.clock().moment();
        self.count(&parcel, Counted::Attempt);
        let tried = self.hand_over(&parcel);
        let Err(failure) = &tried else {
            self.forget(&parcel, waited);
            return tried;
        };
        self.count(&parcel, Counted::Error);
        let mut waiting = self.waiting.lock();
        let next = if failure.kind.is_transient() && waiting.parcels.len() < MOST_WAITING {
            Some(parcel.policy.after_failure(parcel.retries, now.instant - parcel.first_tried))
        } else {
            None
        };
        let retry_after = match next {
            Some(Next::RetryAfter(backoff)) => Some(backoff),
            Some(Next::GiveUp(_)) | None => None,
        };
        self.record(&parcel, failure, retry_after);
        if let Some(backoff) = retry_after {
            let due = now.instant + backoff;
            let number = waited.unwrap_or_else(|| waiting.next_number());
            let parcel = Parcel { retries: parcel.retries + 1, ..parcel };
            self.engine.journal().record(|change| kept::put(change, now, due, number, &parcel));
            waiting.parcels.insert((due, number), parcel);
            return tried;
        }
        drop(waiting);
        let exhausted = match next {
            Some(Next::GiveUp(exhausted)) => Some(exhausted),
            Some(Next::RetryAfter(_)) | None => None,
        };
        self.give_up(&parcel, failure, exhausted);
        self.forget(&parcel, waited);
        tried
    }

    /// Something does not wait any more, if it has.
    fn forget(&self, parcel: &Parcel, waited: Option<u64>) {
        if let Some(number) = waited {
            self.engine.journal().record(|change| kept::remove(change, &parcel.partition, number));
        }
    }

    fn hand_over(&self, parcel: &Parcel) -> Result<(), Failure> {
        match &parcel.target {
            TargetAddress::Function(arn) => {
                self.check_permission(parcel, arn)?;
                let (event, trace_header) = (parcel.rendered().into(), parcel.trace_header.clone());
                let cause = Some(parcel.firing.work());
                let request = InvokeRequest { event, trace_header, cause, ..InvokeRequest::default() };
                Ok(self.functions.accept(&parcel.partition, arn, None, request).map(drop)?)
            }
            TargetAddress::Queue(queue) => {
                let (group_id, trace_header) = (parcel.group.clone(), parcel.trace_header.clone());
                let cause = Some(parcel.firing.work());
                let message =
                    SendRequest { group_id, trace_header, cause, ..SendRequest::text(parcel.rendered()) };
                Ok(self.queues.send(queue, parcel.partition.account, message).map(drop)?)
            }
        }
    }

    /// A rule invokes only functions whose policies allow it. A schedule does so with a role, which nobody checks.
    fn check_permission(&self, parcel: &Parcel, function: &str) -> Result<(), Failure> {
        const PRINCIPAL: &str = "events.amazonaws.com";
        let Sender::Rule { arn, .. } = &parcel.sender else { return Ok(()) };
        let (partition, account) = (&parcel.partition, parcel.partition.account);
        let found = self.functions.resolve(partition, function, None);
        found.map_err(Failure::from)?;
        if self.functions.lets_in(partition, function, PRINCIPAL, arn, account) {
            return Ok(());
        }
        let message = format!(
            "the policy of {function} does not allow {PRINCIPAL} to invoke it for {arn}: add that with AddPermission"
        );
        Err(Failure { kind: FailureKind::NotPermitted, code: "AccessDeniedException", message })
    }

    /// What can't be delivered goes to its dead-letter queue. Without one it is lost, as on AWS, and Hearth says so.
    fn give_up(&self, parcel: &Parcel, failure: &Failure, exhausted: Option<Exhausted>) {
        self.count(parcel, Counted::Dropped);
        let (sender, target, reason) = (parcel.sender.arn(), &parcel.target, &failure.message);
        let Some(queue) = &parcel.dead_letter else {
            tracing::warn!(sender, %target, reason, "an event is lost: its target does not get it");
            return;
        };
        let letter = parcel.dead_letter(failure, exhausted);
        if let Err(refusal) = self.queues.send(queue, parcel.partition.account, letter) {
            let message = refusal.message;
            tracing::warn!(sender, %target, reason, %queue, %message, "an event is lost: its dead-letter queue does not get it");
        }
    }

    /// Tells of an attempt that came to nothing.
    fn record(&self, parcel: &Parcel, failure: &Failure, retry_after: Option<Duration>) {
        let (target, reason) = (parcel.target.to_string().into(), failure.message.as_str().into());
        let kind = EventKind::Undelivered(Box::new(Undelivered { target, reason, retry_after }));
        self.engine.timeline().record(parcel.sender.subject().with_work(Work::EventId(parcel.firing)), kind);
    }

    fn count(&self, parcel: &Parcel, counted: Counted) {
        if let Some(metric) = parcel.sender.metric(counted) {
            self.metrics.count(&parcel.partition, metric);
        }
    }
}

impl Waiting {
    fn next_due(&self) -> Option<Instant> {
        self.parcels.first_key_value().map(|((due, _), _)| *due)
    }

    fn next_number(&mut self) -> u64 {
        self.came += 1;
        self.came
    }

    fn take_due(&mut self, now: Instant) -> Option<(u64, Parcel)> {
        let entry = self.parcels.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (_, number) = *entry.key();
        Some((number, entry.remove()))
    }
}

impl Due for Deliveries {
    fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    fn deadlines(&self) -> &Arc<Deadlines> {
        &self.deadlines
    }

    fn handle_due(&self) -> Option<Instant> {
        let now = self.engine.clock().now();
        loop {
            let due = self.waiting.lock().take_due(now);
            let Some((number, parcel)) = due else { break };
            // How it goes is counted and, in the end, told.
            let _ = self.attempt(parcel, Some(number));
        }
        self.waiting.lock().next_due()
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries")
            .field("waiting", &self.waiting.lock().parcels.len())
            .finish_non_exhaustive()
    }
}
