//! How long a peer is waited for.
//!
//! A connection waits for its peer as long as no request is under way, while the body of one is to come, and while the
//! peer takes nothing of its answer. A peer that gets nowhere in the meantime loses its connection, so that nobody can
//! hold connections, and the memory that comes with them, for nothing.
//!
//! The deadline is not moved with every step: when it comes and there was one, another one is set. Nor is its timer asked before
//! it rings. So the warm path has to change a flag and a counter, and a peer has once to twice the time that it is promised.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    task::{Context, Poll, Wake, Waker, ready},
    time::Duration,
};

use hearth_engine::clock::{Clock, Sleep};
use hyper::rt::{Read, ReadBufCursor, Write};
use parking_lot::Mutex;

/// How long a peer may take for the next step: a request from the end of the last answer to the end of its head; 64 KiB of
/// a body, or what is left of it; anything of an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Whose turn it is on a connection. All of it happens on the connection's own task, which looks at it again whenever
/// something has happened there.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Whether a request is under way: its head is there, and its answer is not complete.
    busy: AtomicBool,
    /// Whether its body is waited for.
    hears: AtomicBool,
    /// Whether the peer takes nothing of what is sent.
    is_blocked: AtomicBool,
    /// Changes when a peer has got somewhere.
    steps: AtomicUsize,
}

impl Turn {
    /// Whether the peer's body is waited for, from now on.
    pub(crate) fn hear(&self, hears: bool) {
        self.hears.store(hears, Relaxed);
    }

    /// The peer has got somewhere.
    pub(crate) fn step(&self) {
        self.steps.fetch_add(1, Relaxed);
    }

    fn is_peers(&self) -> bool {
        !self.busy.load(Relaxed) || self.hears.load(Relaxed) || self.is_blocked.load(Relaxed)
    }
}

/// A request that is under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Turn>);

impl Busy {
    pub(crate) fn begin(turn: &Arc<Turn>) -> Self {
        turn.busy.store(true, Relaxed);
        turn.step();
        Self(Arc::clone(turn))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Relaxed);
        self.0.step();
    }
}

/// Completes when the peer has got nowhere for too long. To be polled after whatever gives and takes the turn, on the same
/// task.
#[derive(Debug)]
pub(crate) struct Patience {
    turn: Arc<Turn>,
    clock: Clock,
    /// The end of the peer's time, and how many steps there were when that began.
    running: Option<(Sleep, usize)>,
    alarm: Arc<Alarm>,
    /// Whom the alarm tells.
    task: Waker,
}

impl Patience {
    pub(crate) fn new(turn: Arc<Turn>, clock: Clock) -> Self {
        Self { turn, clock, running: None, alarm: Arc::default(), task: Waker::noop().clone() }
    }

    fn polled_by(&mut self, task: &Waker) {
        if !self.task.will_wake(task) {
            self.task.clone_from(task);
            *self.alarm.task.lock() = Some(task.clone());
        }
    }
}

/// Rings when the timer says that the end of the peer's time has come.
#[derive(Debug, Default)]
struct Alarm {
    rang: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rang.store(true, Release);
        // A copy: waking may drop the task, and with it whoever replaces this.
        let task = self.task.lock().clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl Future for Patience {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.polled_by(context.waker());
        let Self { turn, clock, running, alarm, .. } = &mut *self;
        loop {
            if let Some((sleep, seen)) = running {
                if !alarm.rang.load(Acquire) {
                    return Poll::Pending;
                }
                alarm.rang.store(false, Relaxed);
                let alarm = Waker::from(Arc::clone(alarm));
                ready!(Pin::new(sleep).poll(&mut Context::from_waker(&alarm)));
                if turn.is_peers() && turn.steps.load(Relaxed) == *seen {
                    return Poll::Ready(());
                }
                *running = None;
            }
            if !turn.is_peers() {
                return Poll::Pending;
            }
            *running = Some((clock.sleep(PATIENCE), turn.steps.load(Relaxed)));
            // Rung by hand this once: a timer runs from when it is asked for the first time.
            alarm.rang.store(true, Relaxed);
        }
    }
}

/// A connection's bytes, watched for a peer that does not take them.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    stream: S,
    turn: Arc<Turn>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, turn: Arc<Turn>) -> Self {
        Self { stream, turn }
    }
}

impl<S: Read + Unpin> Read for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let is_blocked = written.is_pending();
        if self.turn.is_blocked.load(Relaxed) != is_blocked {
            self.turn.is_blocked.store(is_blocked, Relaxed);
            self.turn.step();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use hearth_model::time::Timestamp;

    use super::*;

    /// A turn, a frozen clock, and whether patience is at an end now.
    struct Game {
        turn: Arc<Turn>,
        clock: Clock,
        patience: Pin<Box<Patience>>,
    }

    impl Game {
        fn new() -> Self {
            let (turn, clock) = (Arc::<Turn>::default(), Clock::frozen(Timestamp::UNIX_EPOCH));
            let patience = Box::pin(Patience::new(Arc::clone(&turn), clock.clone()));
            Self { turn, clock, patience }
        }

        async fn is_over(&mut self) -> bool {
            poll_fn(|context| Poll::Ready(self.patience.as_mut().poll(context).is_ready())).await
        }

        async fn is_over_after(&mut self, time: Duration) -> bool {
            assert!(!self.is_over().await);
            self.clock.advance(time).await;
            self.is_over().await
        }
    }

    #[tokio::test]
    async fn a_peer_that_gets_nowhere_is_not_waited_for_any_longer() {
        let mut game = Game::new();
        assert!(!game.is_over_after(PATIENCE - Duration::from_nanos(1)).await);
        assert!(game.is_over_after(Duration::from_nanos(1)).await);
    }

    #[tokio::test]
    async fn a_step_gives_more_time_and_not_for_ever() {
        let mut game = Game::new();
        for _ in 0..3 {
            assert!(!game.is_over().await);
            game.turn.step();
            assert!(!game.is_over_after(PATIENCE).await);
        }
        assert!(game.is_over_after(PATIENCE).await);
    }

    #[tokio::test]
    async fn a_request_under_way_has_all_the_time_that_it_needs() {
        let mut game = Game::new();
        let busy = Busy::begin(&game.turn);
        assert!(!game.is_over_after(PATIENCE * 100).await);
        assert_eq!(game.clock.next_deadline(), None, "nothing is waited for");
        drop(busy);
        assert!(game.is_over_after(PATIENCE).await);
    }

    #[tokio::test]
    async fn a_body_is_waited_for_as_a_request_is() {
        let mut game = Game::new();
        let _busy = Busy::begin(&game.turn);
        game.turn.hear(true);
        assert!(!game.is_over().await);
        game.turn.hear(false);
        assert!(!game.is_over_after(PATIENCE).await, "it is not its turn any more");
        game.turn.hear(true);
        assert!(game.is_over_after(PATIENCE).await);
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_is_given_up() {
        let mut game = Game::new();
        let _busy = Busy::begin(&game.turn);
        let (ours, mut theirs) = tokio::io::duplex(4);
        let mut watched = pin!(Watched::new(hyper_util::rt::TokioIo::new(ours), Arc::clone(&game.turn)));
        let mut write = async |bytes: &[u8]| {
            poll_fn(|context| Poll::Ready(watched.as_mut().poll_write(context, bytes).is_ready())).await
        };
        assert!(write(b"1234").await);
        assert!(!write(b"5").await, "there is no room");
        assert!(!game.is_over().await);
        let mut taken = [0; 4];
        tokio::io::AsyncReadExt::read_exact(&mut theirs, &mut taken).await.expect("four bytes");
        assert!(write(b"5678").await);
        assert!(!write(b"9").await);
        assert!(!game.is_over_after(PATIENCE).await, "something was taken");
        assert!(game.is_over_after(PATIENCE).await);
    }
}
