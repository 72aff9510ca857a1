//! The content of objects: files that are written once, under names that are no keys.
//!
//! A file is reached only through the [`Content`] of an object, a version or a part, and an object has its content only
//! when all of it is there. So nothing half-written is ever visible, and there is nothing to rename. Copies share files. A
//! file goes when nothing has it any more, readers included.

mod content;
mod draft;
mod folder;
mod reader;

pub use self::{
    content::Content,
    draft::Draft,
    reader::{ContentReader, Download},
};
pub(super) use self::{
    content::md5,
    draft::{Wanted, Written},
    folder::Storage,
};

/// What is read or written at most where the caller runs. To hand more to a thread that may block takes less time than
/// the reading or writing.
const SMALL_BYTES: usize = 32 * 1024;
