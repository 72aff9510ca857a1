//! What of logs survives the process: what functions and the platform write, as long as memory has it.
//!
//! The lines of a group lie in files of its own, segments, beside the journal. One thread writes what is new to all groups: it
//! reads the groups as anybody who follows them does, so that whoever writes a line waits for nothing, and pays for a
//! notification only if the thread has nothing to do. A segment whose lines have all made room for others in memory is
//! removed; so there is as much on the disk as in memory, and a quarter more.
//!
//! What the system has been given survives a process that is killed; nothing is flushed, so that a machine that loses its power may
//! lose the last seconds. A frame that is cut short then, or damaged, is left out, and the rest is there. If the disk is full, lines are
//! not kept, which is said once.
//!
//! Deleting waits for the disk: the segments of a group go with it, and of a stream it is written that it is gone. Both happen while
//! the thread cannot write, so that nothing comes back. All segments lie in a subfolder of which the journal has the name; a
//! journal that begins anew has another one.
//!
//! What clients put is the service's to keep, before it is acknowledged.

mod contents;
mod document;
mod folder;
mod group;
mod inspection;
mod platform;
mod restore;
mod segment;
mod thread;

#[cfg(feature = "testing")]
pub use self::restore::read_raw_segment;
pub(super) use self::{
    folder::KeptLogs,
    group::{KeptGroup, KeptSegment},
};
pub use self::{inspection::inspect_logs, restore::EarlierLines};
