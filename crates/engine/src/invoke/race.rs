//! A guest's call against its time limit.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use hearth_model::time::Instant;

use crate::{
    clock::{Clock, Stopwatch},
    port::BoxFuture,
    work::WorkTracker,
};

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Raced<T> {
    /// By itself.
    Returned(T),
    /// The deadline passed.
    TimedOut,
    /// All work is to end.
    Aborted,
}

/// Runs a call until it returns, its deadline passes, or work is aborted. In the latter cases the call is dropped, which
/// stops the guest. Beside that tells what the guest really computed while the clock stood, if it did.
///
/// A call that returns without ever waiting arms no timer.
///
/// While the clock stands, what the guest computes takes no time, and a guest in an endless loop would never reach its
/// deadline. So what it really computes is limited as well, to as much as the clock had left for it.
pub(super) async fn race<T>(
    mut call: BoxFuture<'_, T>,
    deadline: Instant,
    clock: &Clock,
    work: &WorkTracker,
) -> (Raced<T>, Option<Duration>) {
    let mut limits = None;
    let mut computing: Option<Computing> = None;
    let raced = poll_fn(|context| {
        let polled = if clock.is_frozen() {
            let computing = computing.get_or_insert_with(|| Computing::within(deadline - clock.now()));
            computing.measure(|| call.as_mut().poll(context))
        } else {
            call.as_mut().poll(context)
        };
        if let Poll::Ready(result) = polled {
            return Poll::Ready(Raced::Returned(result));
        }
        if computing.as_ref().is_some_and(Computing::is_over) {
            return Poll::Ready(Raced::TimedOut);
        }
        // Boxed, as few calls need them.
        let (timeout, aborted) =
            limits.get_or_insert_with(|| (Box::new(clock.sleep_until(deadline)), Box::pin(work.aborted())));
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Raced::Aborted);
        }
        Pin::new(&mut **timeout).poll(context).map(|()| Raced::TimedOut)
    })
    .await;
    (raced, computing.map(|computing| computing.spent))
}

/// What a guest computes in real time.
struct Computing {
    limit: Duration,
    spent: Duration,
}

impl Computing {
    fn within(limit: Duration) -> Self {
        Self { limit, spent: Duration::ZERO }
    }

    fn measure<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let stopwatch = Stopwatch::start();
        let polled = poll();
        self.spent += stopwatch.elapsed();
        polled
    }

    fn is_over(&self) -> bool {
        self.spent > self.limit
    }
}
