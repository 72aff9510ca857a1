//! A guest's call against its time limit.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use hearth_model::time::Instant;

use crate::{clock::Clock, port::BoxFuture, work::WorkTracker};

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
/// stops the guest.
///
/// A call that returns without ever waiting arms no timer.
pub(super) async fn race<T>(
    mut call: BoxFuture<'_, T>,
    deadline: Instant,
    clock: &Clock,
    work: &WorkTracker,
) -> Raced<T> {
    let mut limits = None;
    poll_fn(|context| {
        if let Poll::Ready(result) = call.as_mut().poll(context) {
            return Poll::Ready(Raced::Returned(result));
        }
        // Boxed, as few calls need them.
        let (timeout, aborted) =
            limits.get_or_insert_with(|| (Box::new(clock.sleep_until(deadline)), Box::pin(work.aborted())));
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Raced::Aborted);
        }
        Pin::new(&mut **timeout).poll(context).map(|()| Raced::TimedOut)
    })
    .await
}
