//! Whether anything is going on: what settling stands on, and moving a clock from deadline to deadline.
//!
//! A watched future is busy while it is polled, and from when it is woken until it is polled again; in between it waits,
//! and nothing comes of it until somebody wakes it. Who wakes it is busy at that moment, unless it is a clock, a client or
//! the machine. So once nothing is busy, nothing happens until the clock moves or something comes from outside.
//!
//! What a watched future waits for must wake it itself. Two things do not: a thread, and tokio's own `yield_now`, which wakes later.
//! Whoever waits for a thread holds a [`Busy`], and whoever yields calls [`yield_now`]. What one in this process sends to another
//! does not go through the kernel, of which nobody would know whether it has something on its way, but over a
//! [wire](crate::wire).
//!
//! While a clock stands, it also decides who goes on: see `turns`.

mod turns;
mod watched;

use std::{
    future::{Future, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use tokio::sync::Notify;

pub(crate) use self::turns::Standing;
use self::turns::Turns;
pub use self::watched::Watched;
use crate::work::{ByKind, Counts, WorkKind};

/// Knows whether anything is going on; clones know of the same.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    busy: Counts,
    /// How many wait for nothing to be busy; spares all others a lock.
    waiting: AtomicUsize,
    quiet: Notify,
    turns: Turns,
}

/// Something is going on until this is dropped.
#[derive(Debug)]
#[must_use = "it is over as soon as the guard is dropped"]
pub struct Busy {
    shared: Arc<Shared>,
    kind: WorkKind,
    /// Whether the next turn waits for it.
    holds: bool,
}

impl Activity {
    /// Something goes on where nobody sees it: on a thread that ends by itself. If it is begun in a turn, the next turn waits for
    /// it.
    pub fn begin(&self, kind: WorkKind) -> Busy {
        let holds = turns::is_taken_here(&self.0);
        if holds {
            self.0.turns.hold();
        }
        self.0.busy.begin(kind);
        Busy { shared: Arc::clone(&self.0), kind, holds }
    }

    /// Something goes on beyond a socket. Others have their turns meanwhile, since it may need them.
    pub fn begin_beyond(&self, kind: WorkKind) -> Busy {
        self.0.busy.begin(kind);
        Busy { shared: Arc::clone(&self.0), kind, holds: false }
    }

    /// Watches a future, which is busy until it is polled for the first time, and to be polled at once. While a clock stands, it
    /// goes on in turn with all others that are watched so; as part of another one it shares that one's turns.
    pub fn watch<F: Future>(&self, kind: WorkKind, future: F) -> Watched<F> {
        Watched::new(future, &self.0, kind, true)
    }

    /// As [`watch`](Self::watch), but for what goes on whoever's turn it is, and leaves what it leads to to others.
    pub fn watch_without_turns<F: Future>(&self, kind: WorkKind, future: F) -> Watched<F> {
        Watched::new(future, &self.0, kind, false)
    }

    /// Whether a clock stands, so that there are turns.
    #[must_use]
    pub fn has_turns(&self) -> bool {
        self.0.turns.are_taken()
    }

    /// A clock stands from now on.
    pub(crate) fn stand(&self) -> Standing {
        Standing::begin(Arc::clone(&self.0))
    }

    /// How many things are busy.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.0.busy.all()
    }

    /// How many things of each kind are busy. If none are told, nothing is.
    pub(crate) fn busy_by_kind(&self) -> ByKind {
        self.0.busy.by_kind()
    }

    /// Waits until nothing is busy, or sees that nothing is. Cancel safe.
    ///
    /// Who waits may be watched itself: that is no business while it waits.
    pub async fn quiet(&self) {
        // Counted before looking: either this sees that nothing is busy, or whoever ends last sees that somebody waits.
        let _waiting = Waiting::new(&self.0);
        let (busy, rests) = self.0.busy.all_and_rests();
        if busy == 0 {
            return;
        }
        loop {
            let quiet = self.0.quiet.notified();
            // Who ended last before this looked may tell it only now, when something else is busy.
            if self.0.busy.all_and_rests().1 != rests {
                return;
            }
            quiet.await;
        }
    }
}

impl Shared {
    fn end(&self, kind: WorkKind) {
        if self.busy.end(kind) && self.waiting.load(Ordering::SeqCst) > 0 {
            self.quiet.notify_waiters();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.holds {
            self.shared.turns.let_go();
        }
        self.shared.end(self.kind);
    }
}

struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets others run: all others, if there are turns. Unlike with tokio's, whoever yields stays busy.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        turns::step_back();
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Lets all others go first if there are turns and it is one in which this is called. Otherwise nobody is waited for.
pub(crate) async fn let_others_go_first() {
    if turns::is_taken() {
        yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        sync::atomic::AtomicBool,
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::{Notify, oneshot},
        task::unconstrained,
    };

    use super::*;
    use crate::wire::Connection;

    /// Polls a future once; true if it is not done.
    async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn a_watched_future_is_busy_but_while_it_waits() {
        let activity = Activity::default();
        let notify = Notify::new();
        let mut watched = Box::pin(activity.watch(WorkKind::Watcher, async {
            notify.notified().await;
            yield_now().await;
        }));
        assert_eq!(activity.busy(), 1, "it has not been polled");
        assert!(is_pending(watched.as_mut()).await);
        assert_eq!(activity.busy(), 0, "it waits");
        assert!(is_pending(watched.as_mut()).await);
        assert_eq!(activity.busy(), 0, "it was polled for nothing");
        notify.notify_one();
        assert_eq!(activity.busy(), 1, "it is woken");
        assert!(is_pending(watched.as_mut()).await);
        assert_eq!(activity.busy(), 1, "who yields does not wait");
        watched.as_mut().await;
        assert_eq!(activity.busy(), 0, "it is over");
        notify.notify_one();
        drop(watched);
        assert_eq!(activity.busy(), 0);
    }

    #[tokio::test]
    async fn what_is_dropped_is_not_busy() {
        let activity = Activity::default();
        drop(activity.watch(WorkKind::Watcher, async {}));
        assert_eq!(activity.busy(), 0);
        let guard = activity.begin(WorkKind::Content);
        let mut quiet = pin!(activity.quiet());
        assert!(is_pending(quiet.as_mut()).await);
        drop(guard);
        quiet.await;
    }

    #[tokio::test]
    async fn who_ended_before_may_tell_late() {
        let activity = Activity::default();
        let guard = activity.begin(WorkKind::Content);
        let mut quiet = pin!(activity.quiet());
        assert!(is_pending(quiet.as_mut()).await);
        // By whoever was the last before `guard` was there.
        activity.0.quiet.notify_waiters();
        assert!(is_pending(quiet.as_mut()).await, "something is busy");
        drop(guard);
        let _another = activity.begin(WorkKind::Content);
        assert!(!is_pending(quiet.as_mut()).await, "it was quiet meanwhile");
    }

    /// Two watched tasks in a dialogue over a wire: quiet is only when it is over.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_a_wire_carries_is_not_quiet() {
        const TURNS: u32 = 1_000;
        let activity = Activity::default();
        let (mut client, mut server) = Connection::pair();
        let over = Arc::new(AtomicBool::new(false));
        let answers = async move {
            while let Ok(number) = server.read_u32().await {
                server.write_u32(number + 1).await.expect("written");
            }
        };
        let asks = {
            let over = Arc::clone(&over);
            async move {
                for number in 0..TURNS {
                    client.write_u32(number).await.expect("written");
                    assert_eq!(client.read_u32().await.expect("an answer"), number + 1);
                }
                over.store(true, Ordering::SeqCst);
                // It stays connected, and nothing comes any more.
                std::future::pending::<()>().await;
            }
        };
        #[expect(clippy::disallowed_methods, reason = "these tests stand below the work tracker")]
        let tasks = [
            tokio::spawn(activity.watch(WorkKind::Watcher, unconstrained(answers))),
            tokio::spawn(activity.watch(WorkKind::Watcher, unconstrained(asks))),
        ];
        activity.watch(WorkKind::Watcher, activity.quiet()).await;
        assert!(over.load(Ordering::SeqCst));
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn who_waits_for_quiet_may_be_watched() {
        let activity = Activity::default();
        activity.watch(WorkKind::Watcher, activity.quiet()).await;
        tokio::join!(
            activity.watch(WorkKind::Watcher, activity.quiet()),
            activity.watch(WorkKind::Watcher, activity.quiet())
        );
    }

    /// A token goes around a ring of tasks on many threads. Quiet is only when it rests.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_handover_is_never_quiet() {
        const TASKS: usize = 8;
        let activity = Activity::default();
        for round in 0..200_u32 {
            let (first, mut previous) = oneshot::channel::<u32>();
            for task in 0..TASKS {
                let (next, receiver) = oneshot::channel();
                let token = std::mem::replace(&mut previous, receiver);
                #[expect(clippy::disallowed_methods, reason = "these tests stand below the work tracker")]
                tokio::spawn(activity.watch(WorkKind::Watcher, async move {
                    let token = token.await.expect("it comes");
                    if task % 3 == 0 {
                        yield_now().await;
                    }
                    next.send(token + 1).expect("somebody waits");
                }));
            }
            activity.quiet().await;
            first.send(round).expect("somebody waits");
            activity.quiet().await;
            assert_eq!(previous.try_recv(), Ok(round + 8), "it has come around");
        }
    }
}
