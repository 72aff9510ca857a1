//! `wasi:clocks` on the engine's clock: what a guest reads, and how long it sleeps, is Hearth's time.

use std::time::Duration;

use hearth_engine::{activity::yield_now, clock::Clock};
use hearth_model::time::Instant;
use wasmtime::{
    Result,
    component::{HasData, Resource, ResourceTable},
};
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use super::State;

/// Access to a store's clock.
pub(super) struct Clocks;

pub(super) struct ClocksView<'a> {
    clock: &'a Clock,
    table: &'a mut ResourceTable,
}

impl HasData for Clocks {
    type Data<'a> = ClocksView<'a>;
}

impl Clocks {
    pub(super) fn of(state: &mut State) -> ClocksView<'_> {
        ClocksView { clock: &state.clock, table: &mut state.table }
    }
}

impl wall_clock::Host for ClocksView<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let nanos = self.clock.wall().as_unix_nanos();
        // WASI's wall clock can't tell times before 1970.
        let since_epoch = Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
        Ok(wall_clock::Datetime { seconds: since_epoch.as_secs(), nanoseconds: since_epoch.subsec_nanos() })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: 1 })
    }
}

impl monotonic_clock::Host for ClocksView<'_> {
    fn now(&mut self) -> Result<monotonic_clock::Instant> {
        Ok(self.clock.now().as_nanos())
    }

    fn resolution(&mut self) -> Result<monotonic_clock::Duration> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: monotonic_clock::Instant) -> Result<Resource<DynPollable>> {
        self.subscribe(Instant::from_nanos(when))
    }

    fn subscribe_duration(&mut self, when: monotonic_clock::Duration) -> Result<Resource<DynPollable>> {
        self.subscribe(self.clock.now() + Duration::from_nanos(when))
    }
}

impl ClocksView<'_> {
    fn subscribe(&mut self, at: Instant) -> Result<Resource<DynPollable>> {
        let deadline = self.table.push(Deadline { clock: self.clock.clone(), at, yielded: false })?;
        subscribe(self.table, deadline)
    }
}

/// A moment that a guest waits for.
struct Deadline {
    clock: Clock,
    at: Instant,
    yielded: bool,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Deadline {
    async fn ready(&mut self) {
        if self.clock.now() < self.at {
            self.clock.sleep_until(self.at).await;
        } else if !self.yielded {
            // A guest that polls with a deadline in the past, in a loop, must not keep others from being served.
            self.yielded = true;
            yield_now().await;
        }
    }
}
