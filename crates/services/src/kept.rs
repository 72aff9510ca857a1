//! How services write what is kept of them, and read it: as the engine does.

pub(crate) use hearth_engine::kept::{prefix, read, read_prefix, unreadable, write};
