//! The content of objects: files that are written once, under names that are no keys.
//!
//! A file is reached only through the [`Content`] of an object, a version or a part, and an object has its content only
//! when all of it is there. So nothing half-written is ever visible, and there is nothing to rename. Copies share files. A
//! file goes when nothing has it any more, readers included.
//!
//! If the journal keeps what is recorded, files lie beside it: one is on the disk before anything names it, and goes when it is kept
//! that nothing does. What a process that died has left without a name goes when the next one starts.

mod blob;
mod condemned;
mod content;
mod draft;
mod earlier;
mod folder;
mod reader;
mod shelf;
mod temporary;

pub(super) use self::{
    blob::FileName,
    content::{KeptPiece, md5},
    draft::{Wanted, Written},
    earlier::Earlier,
    folder::Storage,
};
pub use self::{
    content::Content,
    draft::Draft,
    reader::{ContentReader, Download},
};

/// What is read or written at most where the caller runs. To hand more to a thread that may block takes less time than
/// the reading or writing.
const SMALL_BYTES: usize = 32 * 1024;
