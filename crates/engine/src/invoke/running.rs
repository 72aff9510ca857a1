//! An invocation as whoever waits for its reply holds it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;

use super::request::InvokeReply;
use crate::{
    port::BoxFuture,
    work::{WorkGuard, WorkKind},
};

/// An invocation that was begun: a future of its reply.
///
/// If this is dropped before, the invocation runs on as a task of its own, as on Lambda, where one runs to its end whether
/// its client is still there or not. While the client is there, its own task runs the invocation, without a hop.
///
/// Once work is aborted, or outside a tokio runtime, the invocation is dropped too.
#[must_use = "an invocation runs when its reply is awaited, or on a task of its own when that is dropped"]
pub struct Running<A: 'static = Bytes> {
    invocation: Option<BoxFuture<'static, InvokeReply<A>>>,
    work: WorkGuard,
}

impl<A> Running<A> {
    pub(super) fn new(
        invocation: impl Future<Output = InvokeReply<A>> + Send + 'static,
        work: WorkGuard,
    ) -> Self {
        Self { invocation: Some(Box::pin(invocation)), work }
    }
}

impl<A> Future for Running<A> {
    type Output = InvokeReply<A>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<InvokeReply<A>> {
        let invocation = self.invocation.as_mut().expect("a future is not polled after it is done");
        let reply = invocation.as_mut().poll(context);
        if reply.is_ready() {
            self.invocation = None;
        }
        reply
    }
}

impl<A> Drop for Running<A> {
    fn drop(&mut self) {
        if let Some(invocation) = self.invocation.take()
            && !self.work.tracker().is_aborted()
        {
            self.work.tracker().spawn(WorkKind::AbandonedInvocation, async move {
                invocation.await;
            });
        }
    }
}

impl<A> fmt::Debug for Running<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
