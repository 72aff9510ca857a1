//! Work that is under way, counted: what settling, graceful shutdown and tests stand on.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::{runtime::Handle, sync::Notify, task::coop::unconstrained};

use crate::activity::{Activity, Busy};

/// Counts the work of one engine and tells when it is done; clones are the same tracker.
///
/// Work passes through three stages: it is accepted; it is no longer accepted, and what runs is waited for; it is
/// aborted. There is no way back.
#[derive(Clone, Debug, Default)]
pub struct WorkTracker(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    activity: Activity,
    kinds: [KindCount; WorkKind::ALL.len()],
    running: AtomicUsize,
    stage: AtomicU8,
    idle: Notify,
    aborted: Notify,
}

const ACCEPTING: u8 = 0;
const DRAINING: u8 = 1;
const ABORTING: u8 = 2;

/// What a task of its own is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    /// A client is connected.
    Connection,
    /// An invocation whose client is gone.
    AbandonedInvocation,
    /// An attempt to give an event to its function.
    AsynchronousInvocation,
    /// An environment is made ahead of invocations.
    Provisioning,
    /// A record or a dead letter is brought where it belongs.
    Delivery,
    /// An event source mapping looks for messages.
    Poll,
    /// A batch of messages is given to a function.
    Batch,
    /// What a WebSocket's client says, or its end, is told to a function.
    SocketEvent,
    /// Files that nobody has any more are removed.
    Removal,
}

/// How much work there has been of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkCount {
    /// The kind.
    pub kind: WorkKind,
    /// What was ever begun.
    pub begun: u64,
    /// What is not done yet.
    pub running: usize,
}

#[derive(Debug, Default)]
struct KindCount {
    begun: AtomicU64,
    running: AtomicUsize,
}

impl WorkKind {
    const ALL: [Self; 9] = [
        Self::Connection,
        Self::AbandonedInvocation,
        Self::AsynchronousInvocation,
        Self::Provisioning,
        Self::Delivery,
        Self::Poll,
        Self::Batch,
        Self::SocketEvent,
        Self::Removal,
    ];

    /// What many of it are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connections",
            Self::AbandonedInvocation => "abandoned_invocations",
            Self::AsynchronousInvocation => "asynchronous_invocations",
            Self::Provisioning => "provisionings",
            Self::Delivery => "deliveries",
            Self::Poll => "polls",
            Self::Batch => "batches",
            Self::SocketEvent => "socket_events",
            Self::Removal => "removals",
        }
    }

    /// What it does until it is over.
    pub(crate) const fn purpose(self) -> &'static str {
        match self {
            Self::Connection => "a client is connected",
            Self::AbandonedInvocation => "a handler runs on though its client is gone",
            Self::AsynchronousInvocation => "a handler is given an event that was accepted",
            Self::Provisioning => "an environment is made ahead of invocations",
            Self::Delivery => "a record or a dead letter is brought to its destination",
            Self::Poll => "a queue is asked for messages",
            Self::Batch => "a handler is given messages",
            Self::SocketEvent => "a handler is told what a WebSocket's client says, or its end",
            Self::Removal => "files that nobody has any more are removed",
        }
    }
}

/// A piece of work that is under way; it is done when this is dropped.
#[derive(Debug)]
#[must_use = "the work is done as soon as its guard is dropped"]
pub struct WorkGuard(WorkTracker);

impl WorkTracker {
    /// A tracker of which an activity hears what goes on in it.
    #[must_use]
    pub fn new(activity: Activity) -> Self {
        Self(Arc::new(Shared { activity, ..Shared::default() }))
    }

    /// Who hears what goes on.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.0.activity
    }

    /// Begins a piece of work; `None` if no more is accepted.
    #[must_use]
    pub fn begin(&self) -> Option<WorkGuard> {
        // Counted first: otherwise a drain that begins in between would not wait for it.
        let guard = self.count();
        (self.stage() == ACCEPTING).then_some(guard)
    }

    /// Runs a piece of work as a task of its own, counted, whatever the stage: it continues work that was accepted.
    ///
    /// Without a tokio runtime the future is dropped.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn(&self, kind: WorkKind, work: impl Future<Output = ()> + Send + 'static) {
        if Handle::try_current().is_ok() {
            let guard = (self.count(), self.count_kind(kind));
            // Unconstrained, because who has used up a budget of tokio's is woken only later, and until then does not
            // look busy. Guests yield by themselves.
            tokio::spawn(self.0.activity.watch(unconstrained(async move {
                work.await;
                drop(guard);
            })));
        }
    }

    /// Runs something that waits for work rather than being work, such as a timer, and that therefore is not counted.
    /// It ends at the latest when work is aborted.
    ///
    /// # Panics
    /// Without a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn_watcher(&self, watcher: impl Future<Output = ()> + Send + 'static) {
        let work = self.clone();
        tokio::spawn(self.0.activity.watch(async move {
            tokio::select! {
                () = watcher => {}
                () = work.aborted() => {}
            }
        }));
    }

    /// Says that something goes on where nobody sees it, on a thread for example, for as long as the guard is held. To be held
    /// by whoever waits for it: otherwise nothing seems to go on between its end and when that is heard of.
    pub fn busy(&self) -> Busy {
        self.0.activity.begin()
    }

    /// How much work there has been, kind by kind.
    #[must_use]
    pub fn counts(&self) -> [WorkCount; WorkKind::ALL.len()] {
        WorkKind::ALL.map(|kind| {
            let KindCount { begun, running } = &self.0.kinds[kind as usize];
            WorkCount { kind, begun: begun.load(Ordering::Relaxed), running: running.load(Ordering::Relaxed) }
        })
    }

    /// How many pieces of work are under way.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// Waits until no work is under way. Cancel safe.
    pub async fn idle(&self) {
        loop {
            let notified = self.0.idle.notified();
            if self.running() == 0 {
                return;
            }
            notified.await;
        }
    }

    /// From now on, no new work is accepted.
    pub fn close(&self) {
        self.0.stage.fetch_max(DRAINING, Ordering::SeqCst);
    }

    /// From now on, no new work is accepted, and what runs shall end at once.
    pub fn abort(&self) {
        self.0.stage.fetch_max(ABORTING, Ordering::SeqCst);
        self.0.aborted.notify_waiters();
    }

    /// Whether what runs shall end at once.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.stage() == ABORTING
    }

    /// Waits until what runs shall end at once. Cancel safe.
    pub async fn aborted(&self) {
        let notified = self.0.aborted.notified();
        if !self.is_aborted() {
            notified.await;
        }
    }

    fn count(&self) -> WorkGuard {
        self.0.running.fetch_add(1, Ordering::SeqCst);
        WorkGuard(self.clone())
    }

    fn count_kind(&self, kind: WorkKind) -> KindGuard {
        let count = &self.0.kinds[kind as usize];
        count.begun.fetch_add(1, Ordering::Relaxed);
        count.running.fetch_add(1, Ordering::Relaxed);
        KindGuard { shared: Arc::clone(&self.0), kind }
    }

    fn stage(&self) -> u8 {
        self.0.stage.load(Ordering::SeqCst)
    }
}

impl WorkGuard {
    /// What counts this work.
    pub(crate) fn tracker(&self) -> &WorkTracker {
        &self.0
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        if self.0.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.0.idle.notify_waiters();
        }
    }
}

struct KindGuard {
    shared: Arc<Shared>,
    kind: WorkKind,
}

impl Drop for KindGuard {
    fn drop(&mut self) {
        self.shared.kinds[self.kind as usize].running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, pin::pin};

    use super::*;

    #[tokio::test]
    async fn idle_waits_for_the_last_piece_of_work() {
        let work = WorkTracker::default();
        work.idle().await;
        let (first, second) = (work.begin().expect("accepted"), work.begin().expect("accepted"));
        let mut idle = pin!(work.idle());
        for guard in [first, second] {
            assert!(poll_once(idle.as_mut()).await.is_none());
            drop(guard);
        }
        assert_eq!(poll_once(idle.as_mut()).await, Some(()));
    }

    #[tokio::test]
    async fn spawned_work_is_counted_until_it_ends() {
        let work = WorkTracker::default();
        work.spawn(WorkKind::Poll, async { tokio::task::yield_now().await });
        let count = |running| WorkCount { kind: WorkKind::Poll, begun: 1, running };
        assert_eq!((work.running(), work.counts()[5]), (1, count(1)));
        work.idle().await;
        assert_eq!((work.running(), work.counts()[5]), (0, count(0)));
    }

    #[tokio::test]
    async fn nothing_is_accepted_once_closed() {
        let work = WorkTracker::default();
        work.close();
        assert!(work.begin().is_none());
        assert_eq!(work.running(), 0);
        assert!(!work.is_aborted());
    }

    #[tokio::test]
    async fn an_abort_is_seen_before_and_after() {
        let work = WorkTracker::default();
        let mut aborted = pin!(work.aborted());
        assert!(poll_once(aborted.as_mut()).await.is_none());
        work.abort();
        aborted.await;
        work.aborted().await;
        work.close();
        assert!(work.is_aborted(), "there is no way back");
    }

    #[tokio::test]
    async fn a_watcher_is_not_work_and_ends_with_an_abort() {
        let work = WorkTracker::default();
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        work.spawn_watcher(async move {
            pending::<()>().await;
            drop(held);
        });
        assert_eq!(work.running(), 0);
        work.abort();
        while Arc::strong_count(&alive) > 1 {
            tokio::task::yield_now().await;
        }
    }

    async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match future.as_mut().poll(context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
