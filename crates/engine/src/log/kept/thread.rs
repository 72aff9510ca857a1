//! The thread that writes.

use std::{
    sync::{Arc, Weak},
    task::{Context, Wake, Waker},
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::log::LogGroup;

/// What the thread is told.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    /// There may be something to write.
    work: Condvar,
    /// It shall end.
    end: Condvar,
}

#[derive(Debug, Default)]
struct State {
    woken: bool,
    closing: bool,
    /// Groups that it does not follow yet.
    groups: Vec<Weak<LogGroup>>,
}

/// How long it waits, by the machine's time, after it has written something: what comes meanwhile is written at once, and nobody
/// has to wake it.
const PAUSE: Duration = Duration::from_millis(20);

impl Signal {
    /// From now on it follows a group too.
    pub(super) fn follow(&self, group: Weak<LogGroup>) {
        let mut state = self.state.lock();
        state.groups.push(group);
        state.woken = true;
        drop(state);
        self.work.notify_one();
    }

    /// Lets it end when everything is written.
    pub(super) fn close(&self) {
        self.state.lock().closing = true;
        self.work.notify_one();
        self.end.notify_one();
    }

    /// Writes until it is [closed](Self::close); what has come before that is written.
    pub(super) fn run(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let context = Context::from_waker(&waker);
        let mut groups = Vec::new();
        loop {
            let closing = {
                let mut state = self.state.lock();
                groups.append(&mut state.groups);
                state.woken = false;
                state.closing
            };
            let mut wrote = false;
            groups.retain(|group: &Weak<LogGroup>| {
                let Some(group) = group.upgrade() else { return false };
                wrote |= group.write_kept(&context);
                true
            });
            if closing {
                return;
            }
            let mut state = self.state.lock();
            if wrote && !state.closing {
                self.end.wait_for(&mut state, PAUSE);
            } else {
                self.work.wait_while(&mut state, |state| !state.woken && !state.closing);
            }
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.state.lock().woken = true;
        self.work.notify_one();
    }
}
