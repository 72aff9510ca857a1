//! Futures of which it is known whether they could go on.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use parking_lot::{Mutex, MutexGuard};
use tokio::task::coop::unconstrained;

use super::{
    Shared,
    turns::{self, Here, Line},
};
use crate::work::WorkKind;

/// A future of which an [`Activity`](super::Activity) knows whether it could go on.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct Watched<F> {
    future: Pin<Box<F>>,
    /// That of `task`, which what the future waits for gets.
    waker: Waker,
    task: Arc<Task>,
}

#[derive(Debug)]
pub(super) struct Task {
    state: AtomicU8,
    /// Who is to poll it.
    outer: Mutex<Option<Waker>>,
    shared: Arc<Shared>,
    kind: WorkKind,
    /// Whether it goes on only when it is its turn, where there are turns.
    takes_turns: AtomicBool,
    /// Whether it is in a queue for its turn; only changed with the line.
    queued: AtomicBool,
}

/// It is busy, and will be polled.
const WOKEN: u8 = 0;
/// It is busy, and being polled.
const RUNNING: u8 = 1;
/// It is not busy.
const WAITING: u8 = 2;
/// It is over, and not busy.
const OVER: u8 = 3;

/// How a task may go on.
enum Way {
    /// It is its turn. Perhaps all others come before it goes on further.
    InTurn { steps_back: bool },
    /// It need not wait for a turn.
    Freely,
}

impl<F: Future> Watched<F> {
    pub(super) fn new(future: F, shared: &Arc<Shared>, kind: WorkKind, takes_turns: bool) -> Self {
        shared.busy.begin(kind);
        let task = Arc::new(Task {
            state: AtomicU8::new(WOKEN),
            outer: Mutex::default(),
            shared: Arc::clone(shared),
            kind,
            takes_turns: AtomicBool::new(takes_turns),
            queued: AtomicBool::new(false),
        });
        let next = task.line().and_then(|mut line| line.enter(&task, shared));
        turns::wake(next);
        Self { future: Box::pin(future), waker: Waker::from(Arc::clone(&task)), task }
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { future, waker, task } = &mut *self;
        task.note_outer(context.waker());
        let Some(mut way) = task.way() else { return Poll::Pending };
        // Nobody need have woken it: a future is polled with all that share its task.
        task.wake_up();
        task.state.store(RUNNING, Ordering::SeqCst);
        // Unconstrained, because who has used up a budget of tokio's is woken only later, and until then does not look busy.
        let future = pin!(unconstrained(future.as_mut()));
        let mut context = Context::from_waker(waker);
        let result = match &mut way {
            Way::InTurn { steps_back } => {
                let here = Here::begin(&task.shared);
                let result = future.poll(&mut context);
                *steps_back = here.steps_back();
                result
            }
            Way::Freely => future.poll(&mut context),
        };
        match result {
            Poll::Ready(_) => task.leave(),
            Poll::Pending => task.wait(&way),
        }
        result
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        self.task.leave();
    }
}

impl Task {
    /// Whether it waits to be woken.
    pub(super) fn is_waiting(&self) -> bool {
        self.state.load(Ordering::SeqCst) == WAITING
    }

    /// Who is to poll it, if anybody ever has.
    pub(super) fn outer(&self) -> Option<Waker> {
        // A copy: waking may drop a task, and with it this one.
        self.outer.lock().clone()
    }

    /// It is in a queue.
    pub(super) fn queue(&self) {
        self.queued.store(true, Ordering::SeqCst);
    }

    /// It is in no queue any more; whether it still wanted to be in one.
    pub(super) fn leave_queue(&self) -> bool {
        self.queued.swap(false, Ordering::SeqCst) && self.state.load(Ordering::SeqCst) != OVER
    }

    /// The line that it has to stand in, if it has to.
    fn line(&self) -> Option<MutexGuard<'_, Line>> {
        if self.takes_turns.load(Ordering::SeqCst) { self.shared.turns.line() } else { None }
    }

    fn note_outer(&self, outer: &Waker) {
        let mut known = self.outer.lock();
        match &mut *known {
            Some(known) => known.clone_from(outer),
            None => *known = Some(outer.clone()),
        }
    }

    /// How it may go on now, if it may.
    fn way(self: &Arc<Self>) -> Option<Way> {
        let Some(mut line) = self.line() else { return Some(Way::Freely) };
        if line.is_turn_of(self) {
            return Some(Way::InTurn { steps_back: false });
        }
        if turns::is_taken_here(&self.shared) {
            // It is part of another one, and so are its turns.
            self.takes_turns.store(false, Ordering::SeqCst);
            self.leave_queue();
            return Some(Way::Freely);
        }
        let is_woken = self.state.load(Ordering::SeqCst) == WOKEN;
        if !is_woken || self.queued.load(Ordering::SeqCst) {
            return None;
        }
        // It was woken when there were no turns.
        let next = line.join(self, &self.shared);
        if line.is_turn_of(self) {
            return Some(Way::InTurn { steps_back: false });
        }
        drop(line);
        turns::wake(next);
        None
    }

    /// Makes it busy, unless it is.
    fn wake_up(&self) {
        if self.state.load(Ordering::SeqCst) != WAITING {
            return;
        }
        // Counted first: once it is awake it may be over at once.
        self.shared.busy.begin(self.kind);
        if self.state.compare_exchange(WAITING, WOKEN, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            self.shared.end(self.kind);
        }
    }

    /// It has been polled and waits, unless it was woken meanwhile.
    fn wait(self: &Arc<Self>, way: &Way) {
        let mut line = self.line();
        let waits = self.state.compare_exchange(RUNNING, WAITING, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        let turn = line.as_mut().filter(|line| line.is_turn_of(self));
        let next = match (waits, way, turn) {
            (true, _, Some(line)) => line.end_unless_held(),
            (false, Way::InTurn { steps_back: true }, Some(line)) => line.step_back(self),
            // Who woke it left that to this.
            (false, Way::InTurn { .. }, _) => self.outer(),
            (true, _, None) | (false, Way::Freely, _) => None,
        };
        drop(line);
        if waits {
            self.shared.end(self.kind);
        }
        turns::wake(next);
    }

    /// It is over.
    fn leave(self: &Arc<Self>) {
        let mut line = self.line();
        let was_busy = matches!(self.state.swap(OVER, Ordering::SeqCst), WOKEN | RUNNING);
        let turn = line.as_mut().filter(|line| line.is_turn_of(self));
        let next = turn.and_then(|line| line.end());
        drop(line);
        if was_busy {
            self.shared.end(self.kind);
        }
        turns::wake(next);
        // Outside the lock: dropping a waker may drop a task.
        let outer = self.outer.lock().take();
        drop(outer);
    }

    /// Wakes it where it has to wait for its turn, and tells whom to wake.
    fn wake_in(self: &Arc<Self>, line: &mut Line) -> Option<Waker> {
        let is_turn = line.is_turn_of(self);
        if self.state.compare_exchange(RUNNING, WOKEN, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            // In its turn, it sees that when it has been polled.
            return if is_turn { None } else { self.outer() };
        }
        if !self.is_waiting() {
            return None;
        }
        self.wake_up();
        if is_turn { self.outer() } else { line.join(self, &self.shared) }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(mut line) = self.line() {
            let next = self.wake_in(&mut line);
            drop(line);
            return turns::wake(next);
        }
        let woken = self.state.compare_exchange(RUNNING, WOKEN, Ordering::SeqCst, Ordering::SeqCst);
        if woken.is_err() {
            self.wake_up();
        }
        turns::wake(self.outer());
    }
}
