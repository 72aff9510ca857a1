//! Group commit: one thread writes what everybody has changed meanwhile.

use std::mem;

use hearth_engine::journal::{Change, NotKept};
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::database::DatabaseFailure;

/// What the thread has to do, and who waits for it.
#[derive(Default)]
pub(crate) struct Writer {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    /// Changes that are not written yet, in their order.
    pending: Vec<Change>,
    /// How many changes there have been, and how many of them are written.
    appended: u64,
    kept: u64,
    waiting: Vec<Waiting>,
    /// Why the last attempt to write failed, until one succeeds.
    failure: Option<NotKept>,
    /// Whether somebody has asked since it failed.
    try_again: bool,
    closing: bool,
}

struct Waiting {
    /// How many changes have to be written.
    until: u64,
    reply: oneshot::Sender<Result<(), NotKept>>,
}

impl Writer {
    pub(crate) fn append(&self, change: Change) {
        let mut state = self.state.lock();
        state.pending.push(change);
        state.appended += 1;
        drop(state);
        self.work.notify_one();
    }

    /// When everything that has been appended is written; `None` if it is.
    pub(crate) fn wait(&self) -> Option<oneshot::Receiver<Result<(), NotKept>>> {
        let mut state = self.state.lock();
        if state.kept == state.appended {
            return None;
        }
        let (reply, answer) = oneshot::channel();
        let until = state.appended;
        state.waiting.push(Waiting { until, reply });
        if state.failure.is_some() {
            state.try_again = true;
            drop(state);
            self.work.notify_one();
        }
        Some(answer)
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.state.lock().failure.is_some()
    }

    /// Writes until it is [closed](Self::close); what has come before that is written.
    pub(crate) fn run(
        &self,
        mut write: impl FnMut(&[Change]) -> Result<(), DatabaseFailure>,
        name: impl Fn() -> String,
    ) {
        let mut state = self.state.lock();
        loop {
            while !state.has_work() {
                if state.closing {
                    return;
                }
                self.work.wait(&mut state);
            }
            let (batch, until) = (mem::take(&mut state.pending), state.appended);
            state.try_again = false;
            drop(state);
            let written = write(&batch);
            state = self.state.lock();
            match written {
                Ok(()) => {
                    state.kept = until;
                    state.failure = None;
                    for waiting in state.waiting.extract_if(.., |waiting| waiting.until <= until) {
                        // Who has gone away does not need to know.
                        let _ = waiting.reply.send(Ok(()));
                    }
                }
                Err(DatabaseFailure(reason)) => {
                    let failure = NotKept { reason: format!("`{}`: {reason}", name()).into() };
                    let later = mem::replace(&mut state.pending, batch);
                    state.pending.extend(later);
                    for waiting in mem::take(&mut state.waiting) {
                        let _ = waiting.reply.send(Err(failure.clone()));
                    }
                    state.failure = Some(failure);
                    if state.closing {
                        return;
                    }
                }
            }
        }
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.state.lock().closing = true;
        self.work.notify_one();
    }
}

impl State {
    fn has_work(&self) -> bool {
        !self.pending.is_empty() && (self.failure.is_none() || self.try_again || self.closing)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
    };

    use hearth_engine::journal::Stream;

    use super::*;

    fn change(key: u8) -> Change {
        let mut change = Change::default();
        change.put(Stream("test"), vec![key], Vec::new());
        change
    }

    /// A writer that can write as long as there is room, and what was written in the end.
    fn run(there_is_room: bool, clients: impl FnOnce(&Writer, &AtomicBool)) -> Vec<Vec<Change>> {
        let (writer, written) = (Arc::new(Writer::default()), Arc::new(Mutex::new(Vec::new())));
        let room = Arc::new(AtomicBool::new(there_is_room));
        let thread = thread::spawn({
            let (writer, written, room) = (Arc::clone(&writer), Arc::clone(&written), Arc::clone(&room));
            move || {
                let write = |changes: &[Change]| {
                    if !room.load(Ordering::SeqCst) {
                        return Err(DatabaseFailure("no space left".to_owned()));
                    }
                    written.lock().push(changes.to_vec());
                    Ok(())
                };
                writer.run(write, || "the file".to_owned());
            }
        });
        clients(&writer, &room);
        writer.close();
        thread.join().expect("it ends");
        std::mem::take(&mut written.lock())
    }

    #[test]
    fn what_could_not_be_written_is_written_when_somebody_asks_again() {
        let written = run(false, |writer, room| {
            for key in [1, 2] {
                writer.append(change(key));
                let told = writer.wait().expect("it is not written").blocking_recv().expect("an answer");
                let failure = told.expect_err("it cannot be written");
                assert_eq!(failure.to_string(), "what was changed cannot be kept: `the file`: no space left");
                assert!(writer.is_failing());
            }
            room.store(true, Ordering::SeqCst);
            let told = writer.wait().expect("it is not written").blocking_recv().expect("an answer");
            told.expect("it can be written");
            assert!(!writer.is_failing() && writer.wait().is_none());
        });
        assert_eq!(written, [[change(1), change(2)]]);
    }

    #[test]
    fn nobody_writes_again_and_again_by_itself() {
        let written = run(false, |writer, room| {
            writer.append(change(1));
            writer.wait().expect("not written").blocking_recv().expect("an answer").expect_err("full");
            writer.append(change(2));
            assert!(writer.is_failing(), "nobody has asked");
            room.store(true, Ordering::SeqCst);
        });
        assert_eq!(written, [[change(1), change(2)]], "the end is a last attempt");
    }

    #[test]
    fn who_has_gone_away_holds_nobody_up() {
        run(true, |writer, _| {
            writer.append(change(1));
            drop(writer.wait());
            writer.append(change(2));
            if let Some(answer) = writer.wait() {
                answer.blocking_recv().expect("an answer").expect("written");
            }
        });
    }
}
