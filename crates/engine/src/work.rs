//! Work that is under way, counted: what settling, graceful shutdown and tests stand on.

mod counts;
mod kind;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use tokio::{runtime::Handle, sync::Notify};

pub(crate) use self::counts::{ByKind, Counts};
pub use self::kind::WorkKind;
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
    running: Counts,
    /// How many tasks of each kind there have ever been.
    begun: [AtomicU64; WorkKind::ALL.len()],
    stage: AtomicU8,
    idle: Notify,
    aborted: Notify,
}

const ACCEPTING: u8 = 0;
const DRAINING: u8 = 1;
const ABORTING: u8 = 2;

/// How much work there has been of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkCount {
    /// The kind.
    pub kind: WorkKind,
    /// The tasks of their own that were ever begun.
    pub begun: u64,
    /// What is not done yet.
    pub running: usize,
}

/// A piece of work that is under way; it is done when this is dropped.
#[derive(Debug)]
#[must_use = "the work is done as soon as its guard is dropped"]
pub struct WorkGuard {
    tracker: WorkTracker,
    kind: WorkKind,
}

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
    pub fn begin(&self, kind: WorkKind) -> Option<WorkGuard> {
        // Counted first: otherwise a drain that begins in between would not wait for it.
        let guard = self.count(kind);
        (self.stage() == ACCEPTING).then_some(guard)
    }

    /// Runs a piece of work as a task of its own, counted, whatever the stage: it continues work that was accepted.
    ///
    /// Without a tokio runtime the future is dropped.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn(&self, kind: WorkKind, work: impl Future<Output = ()> + Send + 'static) {
        if Handle::try_current().is_ok() {
            tokio::spawn(self.0.activity.watch(kind, self.counted(kind, work)));
        }
    }

    /// As [`spawn`](Self::spawn), but for what goes on [whoever's turn it is](Activity::watch_without_turns).
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn_without_turns(&self, kind: WorkKind, work: impl Future<Output = ()> + Send + 'static) {
        if Handle::try_current().is_ok() {
            tokio::spawn(self.0.activity.watch_without_turns(kind, self.counted(kind, work)));
        }
    }

    /// Runs something that waits for work rather than being work, such as a timer, and that therefore is not counted.
    /// It ends at the latest when work is aborted.
    ///
    /// # Panics
    /// Without a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn_watcher(&self, watcher: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.0.activity.watch(WorkKind::Watcher, self.until_aborted(watcher)));
    }

    /// As [`spawn_watcher`](Self::spawn_watcher), but for what goes on [whoever's turn it is](Activity::watch_without_turns).
    ///
    /// # Panics
    /// Without a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else must spawn")]
    pub fn spawn_watcher_without_turns(&self, watcher: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.0.activity.watch_without_turns(WorkKind::Watcher, self.until_aborted(watcher)));
    }

    fn counted(
        &self,
        kind: WorkKind,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let guard = self.count(kind);
        self.0.begun[kind as usize].fetch_add(1, Ordering::Relaxed);
        async move {
            work.await;
            drop(guard);
        }
    }

    fn until_aborted(
        &self,
        watcher: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let work = self.clone();
        async move {
            tokio::select! {
                biased;
                () = work.aborted() => {}
                () = watcher => {}
            }
        }
    }

    /// Says that something goes on where nobody sees it, on a thread that ends by itself, for as long as the guard is held. To be
    /// held by whoever waits for it: otherwise nothing seems to go on between its end and when that is heard of.
    pub fn busy(&self, kind: WorkKind) -> Busy {
        self.0.activity.begin(kind)
    }

    /// As [`busy`](Self::busy), but for what goes on beyond a socket, and may need others to have their turns meanwhile.
    pub fn busy_beyond(&self, kind: WorkKind) -> Busy {
        self.0.activity.begin_beyond(kind)
    }

    /// How much work there has been, kind by kind.
    #[must_use]
    pub fn counts(&self) -> [WorkCount; WorkKind::ALL.len()] {
        let running = self.0.running.by_kind();
        WorkKind::ALL.map(|kind| {
            let begun = self.0.begun[kind as usize].load(Ordering::Relaxed);
            WorkCount { kind, begun, running: running[kind as usize] }
        })
    }

    /// How many pieces of work are under way.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.running.all()
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

    fn count(&self, kind: WorkKind) -> WorkGuard {
        self.0.running.begin(kind);
        WorkGuard { tracker: self.clone(), kind }
    }

    fn stage(&self) -> u8 {
        self.0.stage.load(Ordering::SeqCst)
    }
}

impl WorkGuard {
    /// What counts this work.
    pub(crate) fn tracker(&self) -> &WorkTracker {
        &self.tracker
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        let shared = &self.tracker.0;
        if shared.running.end(self.kind) {
            shared.idle.notify_waiters();
        }
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
        let (first, second) = (
            work.begin(WorkKind::Invocation).expect("accepted"),
            work.begin(WorkKind::Content).expect("accepted"),
        );
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
        assert_eq!((work.running(), work.counts()[WorkKind::Poll as usize]), (1, count(1)));
        work.idle().await;
        assert_eq!((work.running(), work.counts()[WorkKind::Poll as usize]), (0, count(0)));
    }

    #[tokio::test]
    async fn nothing_is_accepted_once_closed() {
        let work = WorkTracker::default();
        work.close();
        assert!(work.begin(WorkKind::Invocation).is_none());
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
