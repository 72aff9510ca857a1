//! Turns: while a clock stands, what is watched goes on one at a time, in an order that does not depend on the machine.
//!
//! Three queues say whose turn is next. *Ready* is who was woken, or begun, by somebody whose turn it was. *Later* is who let
//! others go first, and who was woken from outside: by the clock, by a thread, by the machine. *Entering* is what was begun from
//! outside, such as a client's request. Each keeps its order, and has turns only when nobody is left in those before it. So
//! whatever follows from something is over, or waits, before anything else comes in, and in what order it happens depends on
//! nothing but itself.
//!
//! A turn lasts until its task waits. It is not over while the task waits for a thread that may block: how long that takes is up to
//! the machine, and must not decide who is next. Neither is it when a guest lets go of the thread that it computes on.

use std::{
    cell::Cell,
    collections::VecDeque,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use parking_lot::{Mutex, MutexGuard};

use super::{Shared, watched::Task};

/// Whose turn it is, and who is next.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Whether there are turns; spares all others the lock.
    are_taken: AtomicBool,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
pub(super) struct Line {
    /// How many clocks stand.
    standing: usize,
    turn: Option<Arc<Task>>,
    /// How many threads are waited for before the next turn.
    held: usize,
    ready: VecDeque<Arc<Task>>,
    later: VecDeque<Arc<Task>>,
    entering: VecDeque<Arc<Task>>,
}

/// A clock stands until this is dropped, and there are turns.
#[derive(Debug)]
#[must_use = "the clock runs as soon as the guard is dropped"]
pub(crate) struct Standing(Arc<Shared>);

impl Standing {
    pub(super) fn begin(shared: Arc<Shared>) -> Self {
        let mut line = shared.turns.line.lock();
        line.standing += 1;
        shared.turns.are_taken.store(true, Ordering::SeqCst);
        drop(line);
        Self(shared)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        let turns = &self.0.turns;
        let mut line = turns.line.lock();
        line.standing -= 1;
        if line.standing > 0 {
            return;
        }
        turns.are_taken.store(false, Ordering::SeqCst);
        let waiting = line.take_all();
        drop(line);
        waiting.iter().filter_map(|task| task.outer()).for_each(Waker::wake);
    }
}

impl Turns {
    /// The line, if there are turns.
    pub(super) fn line(&self) -> Option<MutexGuard<'_, Line>> {
        if !self.are_taken.load(Ordering::SeqCst) {
            return None;
        }
        let line = self.line.lock();
        (line.standing > 0).then_some(line)
    }

    /// Whether there are turns.
    pub(super) fn are_taken(&self) -> bool {
        self.are_taken.load(Ordering::SeqCst)
    }

    /// From now on a thread is waited for before the next turn.
    pub(super) fn hold(&self) {
        self.line.lock().held += 1;
    }

    /// One of the threads is done.
    pub(super) fn let_go(&self) {
        let mut line = self.line.lock();
        line.held -= 1;
        // If its task still waits, it is not for a thread.
        if line.held == 0 && line.turn.as_ref().is_some_and(|task| task.is_waiting()) {
            line.turn = None;
        }
        let next = line.pass_on();
        drop(line);
        wake(next);
    }
}

impl Line {
    pub(super) fn is_turn_of(&self, task: &Arc<Task>) -> bool {
        self.turn.as_ref().is_some_and(|turn| Arc::ptr_eq(turn, task))
    }

    /// Lets a task queue that was woken, and tells whom to wake.
    pub(super) fn join(&mut self, task: &Arc<Task>, shared: &Shared) -> Option<Waker> {
        let queue = if is_taken_here(shared) { &mut self.ready } else { &mut self.later };
        task.queue();
        queue.push_back(Arc::clone(task));
        self.pass_on()
    }

    /// Lets a task queue that is new, and tells whom to wake.
    pub(super) fn enter(&mut self, task: &Arc<Task>, shared: &Shared) -> Option<Waker> {
        let queue = if is_taken_here(shared) { &mut self.ready } else { &mut self.entering };
        task.queue();
        queue.push_back(Arc::clone(task));
        self.pass_on()
    }

    /// Ends a turn of a task that goes on after all others, and tells whom to wake.
    pub(super) fn step_back(&mut self, task: &Arc<Task>) -> Option<Waker> {
        self.turn = None;
        task.queue();
        self.later.push_back(Arc::clone(task));
        self.pass_on()
    }

    /// Ends a turn of a task that waits, unless that is for a thread, and tells whom to wake.
    pub(super) fn end_unless_held(&mut self) -> Option<Waker> {
        if self.held > 0 {
            return None;
        }
        self.end()
    }

    /// Ends a turn, and tells whom to wake.
    pub(super) fn end(&mut self) -> Option<Waker> {
        self.turn = None;
        self.pass_on()
    }

    /// If nobody has the turn, it is given to whoever is next, who is to be woken; one that has never been polled will be.
    fn pass_on(&mut self) -> Option<Waker> {
        while self.turn.is_none() && self.held == 0 {
            let Self { ready, later, entering, .. } = self;
            let next = [ready, later, entering].into_iter().find_map(VecDeque::pop_front)?;
            if next.leave_queue() {
                let outer = next.outer();
                self.turn = Some(next);
                return outer;
            }
        }
        None
    }

    fn take_all(&mut self) -> Vec<Arc<Task>> {
        let Self { turn, ready, later, entering, .. } = self;
        let queues = [ready, later, entering].into_iter().flat_map(|queue| queue.drain(..));
        turn.take().into_iter().chain(queues).inspect(|task| _ = task.leave_queue()).collect()
    }
}

/// What is known of the turn that is taken on a thread.
#[derive(Clone, Copy)]
struct Taken {
    of: *const Shared,
    /// Whether all others go first.
    steps_back: bool,
}

const NONE: Taken = Taken { of: ptr::null(), steps_back: false };

thread_local! {
    static TAKEN: Cell<Taken> = const { Cell::new(NONE) };
}

/// A turn is taken on this thread until this is dropped.
pub(super) struct Here {
    before: Taken,
}

impl Here {
    pub(super) fn begin(shared: &Shared) -> Self {
        Self { before: TAKEN.replace(Taken { of: shared, steps_back: false }) }
    }

    /// Whether all others go first.
    pub(super) fn steps_back(&self) -> bool {
        TAKEN.get().steps_back
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        TAKEN.set(self.before);
    }
}

/// Whether a turn is taken on this thread.
pub(super) fn is_taken() -> bool {
    !TAKEN.get().of.is_null()
}

/// Whether it is on this thread that a turn is taken of these.
pub(super) fn is_taken_here(shared: &Shared) -> bool {
    ptr::eq(TAKEN.get().of, shared)
}

/// If a turn is taken on this thread, it is over as soon as its task has been polled.
pub(super) fn step_back() {
    TAKEN.set(Taken { steps_back: is_taken(), ..TAKEN.get() });
}

pub(super) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
