//! Durability: implements [`Storage`](hearth_engine::journal::Storage) with files of a folder.
//!
//! [`Store`] takes changes into memory and writes them with a thread of its own, all that have come meanwhile at once: one flush
//! of the disk for everybody who waits. The entries lie in one file, a B-tree that `redb` keeps: what is being
//! written never touches what is there, so that whatever ends the process or the machine leaves the state before or
//! after a change. Each entry carries a checksum of its own.
//!
//! A folder belongs to one process at a time ([`Folder`]), and says in which format it is.

mod archive;
mod database;
mod error;
mod folder;
mod inspection;
mod migration;
mod snapshot;
mod store;
mod writer;

pub use self::{
    archive::{ArchiveError, export, import},
    error::OpenError,
    folder::Folder,
    inspection::{Inspection, StreamInspection},
    snapshot::Snapshot,
    store::Store,
};
