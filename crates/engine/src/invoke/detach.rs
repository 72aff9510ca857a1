//! What becomes of an invocation when nobody waits for its reply any more.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{port::BoxFuture, work::WorkTracker};

/// A future that runs on as a task of its own when it is dropped before it is done.
///
/// On Lambda an invocation runs to its end, whether its client is still there or not. While the client is there, its own
/// task runs the invocation, without a hop.
///
/// Once work is aborted, or outside a tokio runtime, the future is dropped like any other.
pub(super) struct Detach<T: 'static> {
    future: Option<BoxFuture<'static, T>>,
    work: WorkTracker,
}

impl<T: 'static> Detach<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static, work: WorkTracker) -> Self {
        Self { future: Some(Box::pin(future)), work }
    }
}

impl<T: 'static> Future for Detach<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let future = self.future.as_mut().expect("a future is not polled after it is done");
        let output = future.as_mut().poll(context);
        if output.is_ready() {
            self.future = None;
        }
        output
    }
}

impl<T: 'static> Drop for Detach<T> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take()
            && !self.work.is_aborted()
        {
            self.work.spawn(async move {
                future.await;
            });
        }
    }
}
