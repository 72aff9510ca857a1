//! Waiting for a moment.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use hearth_model::time::Instant;

use super::{
    frozen::FrozenTimer,
    machine::MachineTimer,
    reading::{Clock, Source},
};

/// Completes when its clock reaches the deadline; made by [`Clock::sleep_until`].
///
/// Costs nothing until it is polled for the first time: only then, and only if the deadline lies ahead, a timer is
/// armed. Under a real clock that first poll must happen within a tokio runtime. Dropping it disarms the timer.
#[derive(Debug)]
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep {
    clock: Clock,
    deadline: Instant,
    timer: Timer,
}

#[derive(Debug)]
enum Timer {
    Unarmed,
    Machine(MachineTimer),
    Frozen(FrozenTimer),
    Fired,
}

impl Sleep {
    pub(super) fn new(clock: Clock, deadline: Instant) -> Self {
        Self { clock, deadline, timer: Timer::Unarmed }
    }

    /// The moment at which it completes.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    fn arm(&self, context: &Context<'_>) -> Timer {
        match &self.clock.source {
            Source::Machine(clock) if clock.now() >= self.deadline => Timer::Fired,
            Source::Machine(clock) => Timer::Machine(clock.arm(self.deadline)),
            Source::Frozen(clock) => {
                FrozenTimer::arm(clock, self.deadline, context.waker()).map_or(Timer::Fired, Timer::Frozen)
            }
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if matches!(self.timer, Timer::Unarmed) {
            self.timer = self.arm(context);
        }
        let Self { clock, deadline, timer } = &mut *self;
        let fired = match timer {
            // Nobody turns the runtime's timer wheel while guests keep all its threads busy. A guest that is polled
            // anyway shall not run on after its deadline until somebody does.
            Timer::Machine(timer) => timer.poll(context).is_ready() || clock.now() >= *deadline,
            Timer::Frozen(timer) => !timer.rearm(context.waker()),
            Timer::Fired | Timer::Unarmed => true,
        };
        if !fired {
            return Poll::Pending;
        }
        *timer = Timer::Fired;
        Poll::Ready(())
    }
}
