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

/// What people are told.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Note(String),
    Warning(String),
}

impl Progress {
    pub(crate) fn new() -> (Observer, Self) {
        Self::with_clock(Clock::real())
    }

    fn with_clock(clock: Clock) -> (Observer, Self) {
        let (sender, events) = unbounded_channel();
        (Arc::new(move |notice| observe(&sender, &notice)), Self { events, clock })
    }

    /// Reports until the sandbox is gone.
    pub(crate) async fn run(self) {
        self.tell(|said| match said {
            Said::Note(text) => note(text),
            Said::Warning(text) => warn(text),
        })
        .await;
    }

    /// Code is compiled one file at a time, so that events of files do not mix.
    async fn tell(mut self, mut say: impl FnMut(Said)) {
        let mut warned = false;
        while let Some(event) = self.events.recv().await {
            match event {
                Event::Compiling { file, bytes } => self.compiling(&file, bytes, &mut say).await,
                Event::Compiled => {}
                Event::CacheUnusable { folder, error } if !warned => {
                    warned = true;
                    say(Said::Warning(format!(
                        "cannot use the compile cache at {}: {error}; code is compiled every time (name another folder \
                         with `--cache-dir` or {})",
                        folder.display(),
                        cache::VARIABLE
                    )));
                }
                Event::CacheUnusable { .. } => {}
            }
        }
    }

    async fn compiling(&mut self, file: &str, bytes: usize, say: &mut impl FnMut(Said)) {
        let began = self.clock.now();
        tokio::select! {
            biased;
            _ = self.events.recv() => return,
            () = self.clock.sleep(PATIENCE) => {}
        }
        let kibibytes = bytes.div_ceil(1024);
        say(Said::Note(format!("compiling `{file}` ({kibibytes} KiB), which is kept for the next time …")));
        self.events.recv().await;
        let took = self.clock.now() - began;
        say(Said::Note(format!("compiled `{file}` in {:.1} s", took.as_secs_f64())));
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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, io, path::Path};

    use hearth_engine::work::WorkKind;
    use hearth_model::time::Timestamp;

    use super::*;

    #[tokio::test]
    async fn only_what_takes_long_is_told_and_a_warning_once() {
        let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
        let (observer, progress) = Progress::with_clock(clock.clone());
        let said = RefCell::new(Vec::new());
        let telling = progress.tell(|message| said.borrow_mut().push(message));
        let telling = clock.activity().watch(WorkKind::Watcher, telling);
        let compiling = async {
            observer(Notice::Compiling { file: "quick.wasm", bytes: 1 });
            clock.advance(PATIENCE / 2).await;
            observer(Notice::Compiled { file: "quick.wasm" });
            clock.advance(PATIENCE).await;
            assert!(said.borrow().is_empty());

            observer(Notice::Compiling { file: "slow.wasm", bytes: 2_000 });
            clock.advance(PATIENCE).await;
            let text = "compiling `slow.wasm` (2 KiB), which is kept for the next time …";
            assert_eq!(*said.borrow(), [Said::Note(text.to_owned())]);
            clock.advance(PATIENCE * 2).await;
            observer(Notice::Compiled { file: "slow.wasm" });
            clock.advance(PATIENCE).await;
            assert_eq!(said.borrow()[1], Said::Note("compiled `slow.wasm` in 3.0 s".to_owned()));

            for _ in 0..2 {
                let error = io::Error::other("read-only");
                observer(Notice::CacheUnusable { folder: Path::new("/c"), error: &error });
            }
            drop(observer);
        };
        tokio::join!(telling, compiling);
        assert!(matches!(&said.borrow()[2..], [Said::Warning(text)] if text.contains("/c: read-only; ")));
    }
}
