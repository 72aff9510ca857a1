//! Faults that somebody asked for, and where they happen.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use hearth_model::{
    faults::{self, Disk, Fault, FaultId, FaultKind, FaultTarget, GivenFault, Injected, Point, Rule},
    outcome::{Failure, FunctionError, PlatformFault},
};
use parking_lot::Mutex;
use thiserror::Error;

use crate::timeline::{EventKind, Resource, Subject, Timeline};

/// The rules for faults of an engine and of the services on it.
#[derive(Debug)]
pub struct Faults {
    /// Whether there are rules; nothing else is looked at as long as there are none.
    any: AtomicBool,
    rules: Mutex<faults::Faults>,
    timeline: Timeline,
    /// Whether anything is kept on a disk.
    has_disk: bool,
}

/// Why a rule could never do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "`disk-full` needs a disk, and this Hearth keeps its state in memory: start `hearth up` without `--ephemeral`, or let uploads fail \
     with `no-space`"
)]
pub struct NoDisk;

/// A rule, and what it has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultEntry {
    /// What names it.
    pub id: FaultId,
    /// The rule.
    pub rule: GivenFault,
    /// How many calls it has concerned.
    pub seen: u64,
    /// How many of them went wrong.
    pub injected: u64,
}

impl Faults {
    pub(crate) fn new(timeline: Timeline, has_disk: bool) -> Self {
        Self { any: AtomicBool::new(false), rules: Mutex::default(), timeline, has_disk }
    }

    /// Whether a rule can be [added](Self::add).
    ///
    /// # Errors
    /// If what it is about is not there.
    pub fn check(&self, rule: &Rule) -> Result<(), NoDisk> {
        let wants_disk = rule.fault.kind().target() == FaultTarget::Disk;
        if wants_disk && !self.has_disk { Err(NoDisk) } else { Ok(()) }
    }

    /// Adds a rule. Returns what names it from now on.
    pub fn add(&self, rule: Rule) -> FaultId {
        self.change(|rules| rules.add(rule))
    }

    /// Takes a rule away; false if there is none of this name.
    pub fn remove(&self, id: FaultId) -> bool {
        self.change(|rules| rules.remove(id))
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.change(faults::Faults::clear);
    }

    /// All rules, in the order in which they were added.
    #[must_use]
    pub fn list(&self) -> Vec<FaultEntry> {
        let rules = self.rules.lock();
        let entries = rules.list().map(|view| FaultEntry {
            id: view.id,
            rule: GivenFault::from(view.rule),
            seen: view.seen,
            injected: view.injected,
        });
        entries.collect()
    }

    /// Something of this name is called: what is to go wrong, which the timeline has of `subject`.
    ///
    /// Without rules, this is one load.
    pub fn call(&self, point: Point, name: &str, subject: impl Fn() -> Subject) -> Vec<Fault> {
        if !self.are_there() {
            return Vec::new();
        }
        let injected = self.rules.lock().handle_call(point, name);
        let record = |Injected { id, fault }| {
            self.timeline.record(subject(), EventKind::Injected { rule: id, fault: fault.kind() });
            fault
        };
        injected.into_iter().map(record).collect()
    }

    /// Whether there is room on the disk for something that is to be written.
    ///
    /// # Errors
    /// If there is to be none.
    pub fn check_space(&self, name: &str, subject: impl Fn() -> Subject) -> io::Result<()> {
        let full = self.call(Point::Write, name, subject).contains(&Fault::NoSpace);
        if full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Whether there is room on the disk for what shall survive.
    ///
    /// # Errors
    /// If there is to be none.
    pub fn check_disk(&self, disk: Disk) -> io::Result<()> {
        let subject = || Subject::new(Resource::Disk, disk.as_str());
        let full = self.call(Point::Keep, disk.as_str(), subject).contains(&Fault::DiskFull);
        if full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Whether there are any rules.
    pub(crate) fn are_there(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    fn change<R>(&self, action: impl FnOnce(&mut faults::Faults) -> R) -> R {
        let mut rules = self.rules.lock();
        let result = action(&mut rules);
        self.any.store(!rules.is_empty(), Ordering::Relaxed);
        result
    }
}

/// What an environment that is killed leaves behind.
pub(crate) fn killed() -> Failure {
    Failure::Crash { reason: "the environment was killed: a rule for faults says so".to_owned() }
}

/// An error that a function did not report itself.
pub(crate) fn failed(error_type: &str, error_message: &str) -> Failure {
    let (error_type, error_message) = (error_type.to_owned(), error_message.to_owned());
    Failure::Function(FunctionError { error_type, error_message, stack_trace: Vec::new() })
}

/// What whoever waits for an answer hears that was dropped.
pub(crate) fn dropped() -> Failure {
    let reason = "the response was dropped: a rule for faults says so".to_owned();
    Failure::Platform(PlatformFault::Internal { reason })
}

/// Whether a fault ends the environment that an invocation has.
pub(crate) const fn kills(fault: &Fault) -> bool {
    matches!(fault.kind(), FaultKind::KillBeforeHandler | FaultKind::KillAfterHandler)
}
