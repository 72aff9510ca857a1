//! Waiting for a moment.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use hearth_model::time::Instant;

use super::{
    machine::MachineTimer,
    reading::{Clock, Source},
    steered::SteeredTimer,
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
    Steered(SteeredTimer),
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
            Source::Machine(clock) => Timer::Machine(clock.arm(self.deadline - clock.now())),
            Source::Steered(clock) => {
                Timer::Steered(SteeredTimer::arm(clock, self.deadline, context.waker()))
            }
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) {
        match &mut self.timer {
            Timer::Machine(timer) => {
                if timer.poll(context).is_ready() {
                    self.timer = Timer::Fired;
                }
            }
            Timer::Steered(timer) => timer.poll(context),
            Timer::Fired | Timer::Unarmed => {}
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // The clock is asked, and timers only see to it that it is: nobody turns the runtime's timer wheel while guests
        // keep all its threads busy, and a guest that is polled anyway shall not run on after its deadline.
        let is_over =
            |sleep: &Self| matches!(sleep.timer, Timer::Fired) || sleep.clock.now() >= sleep.deadline;
        if !is_over(&self) {
            if matches!(self.timer, Timer::Unarmed) {
                self.timer = self.arm(context);
            }
            self.poll_timer(context);
        }
        // Once more, because it may have come while the timer was armed.
        if !is_over(&self) {
            return Poll::Pending;
        }
        self.timer = Timer::Fired;
        Poll::Ready(())
    }
}
