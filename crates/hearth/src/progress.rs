//! Tells people what takes long.

use std::{path::PathBuf, sync::Arc, time::Duration};

use hearth_engine::clock::Clock;
use hearth_sandbox::Notice;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    cache,
    terminal::{note, warn},
};

/// Compilation that is quicker than this is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hears of the sandbox's notices on whatever thread, and reports them from one task.
pub(crate) struct Progress {
    events: UnboundedReceiver<Event>,
    /// People wait in real time.
    clock: Clock,
}

enum Event {
    Compiling { file: String, bytes: usize },
    Compiled,
    CacheUnusable { folder: PathBuf, error: String },
}

/// What the sandbox tells its notices to.
pub(crate) type Observer = Arc<dyn Fn(Notice<'_>) + Send + Sync>;

impl Progress {
    pub(crate) fn new() -> (Observer, Self) {
        let (sender, events) = unbounded_channel();
        (Arc::new(move |notice| observe(&sender, &notice)), Self { events, clock: Clock::real() })
    }

    /// Reports until the sandbox is gone. Code is compiled one file at a time.
    pub(crate) async fn run(mut self) {
        let mut warned = false;
        while let Some(event) = self.events.recv().await {
            match event {
                Event::Compiling { file, bytes } => self.compiling(&file, bytes).await,
                Event::Compiled => {}
                Event::CacheUnusable { folder, error } if !warned => {
                    warned = true;
                    warn(format_args!(
                        "cannot use the compile cache at {}: {error}; code is compiled every time (name another folder \
                         with `--cache-dir` or {})",
                        folder.display(),
                        cache::VARIABLE
                    ));
                }
                Event::CacheUnusable { .. } => {}
            }
        }
    }

    async fn compiling(&mut self, file: &str, bytes: usize) {
        let began = self.clock.now();
        tokio::select! {
            biased;
            _ = self.events.recv() => return,
            () = self.clock.sleep(PATIENCE) => {}
        }
        let kibibytes = bytes.div_ceil(1024);
        note(format_args!("compiling `{file}` ({kibibytes} KiB), once; it is kept for the next time …"));
        self.events.recv().await;
        let took = self.clock.now() - began;
        note(format_args!("compiled `{file}` in {:.1} s", took.as_secs_f64()));
    }
}

fn observe(events: &UnboundedSender<Event>, notice: &Notice<'_>) {
    let event = match notice {
        Notice::Compiling { file, bytes } => Event::Compiling { file: (*file).to_owned(), bytes: *bytes },
        Notice::Compiled { .. } => Event::Compiled,
        Notice::CacheUnusable { folder, error } => {
            Event::CacheUnusable { folder: folder.to_path_buf(), error: error.to_string() }
        }
    };
    // Without a receiver the program is about to end.
    let _ = events.send(event);
}
