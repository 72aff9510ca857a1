//! The ticker: makes running guests yield, so that a guest in an endless loop can be stopped and shares its thread.
//!
//! It bumps wasmtime's epoch while guests run and rests while none does, so that an idle process has no wake-ups. Its
//! period is scheduling, not time that anybody sees, hence it does not hang on the engine's clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use wasmtime::Engine;

/// How long a guest may hold its thread.
const PERIOD: Duration = Duration::from_millis(10);

/// Quiet periods before the ticker rests; keeps a trickle of short calls from waking it each time.
const PATIENCE: u32 = 100;

pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    running: AtomicU32,
    resting: AtomicBool,
    stopped: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: Engine) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = {
            let shared = Arc::clone(&shared);
            let body = move || tick(&engine, &shared);
            thread::Builder::new()
                .name("hearth-ticker".to_owned())
                .spawn(body)
                .expect("a thread can be started")
        };
        Self { shared, thread: Some(thread) }
    }

    /// Counts a guest as running until the guard is dropped.
    pub(crate) fn run(&self) -> Running<'_> {
        // Sequentially consistent with the ticker's own pair: either it sees this guest, or this sees it resting.
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.resting.load(Ordering::SeqCst) {
            self.wake();
        }
        Running(&self.shared.running)
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // It only panics if wasmtime does; there is nothing left to do about that here.
            let _ = thread.join();
        }
    }
}

/// A running guest.
pub(crate) struct Running<'a>(&'a AtomicU32);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &Engine, shared: &Shared) {
    let mut quiet = 0;
    while !shared.stopped.load(Ordering::SeqCst) {
        if quiet < PATIENCE {
            thread::park_timeout(PERIOD);
        } else {
            shared.resting.store(true, Ordering::SeqCst);
            if shared.running.load(Ordering::SeqCst) == 0 && !shared.stopped.load(Ordering::SeqCst) {
                thread::park();
            }
            shared.resting.store(false, Ordering::SeqCst);
            quiet = 0;
        }
        if shared.running.load(Ordering::SeqCst) == 0 {
            quiet += 1;
        } else {
            quiet = 0;
            engine.increment_epoch();
        }
    }
}
