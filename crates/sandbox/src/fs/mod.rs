//! The guests' files: `/var/task`, `/opt` and `/tmp` of an environment, as `wasi:filesystem` shows them, and below them the
//! files of a managed runtime.
//!
//! All of it is trees in memory, and a guest's path is only ever looked up in them: none becomes a path of the host,
//! so there is nothing to escape to. Code and layers are shared by all environments and cannot be changed. `/tmp`
//! belongs to one environment, takes no more than its limit, and where it is large lies on the host's disk in a file
//! that has no name.
//!
//! From the inside out: `blocks` and `content` hold data; `read_only` and `scratch` are the two kinds of [`tree`];
//! `path` walks them; `file_system`, `object`, `descriptor`, `directory` and `stream` are what an environment has
//! mounted and open; only `stream` and `wasi` know of WASI.
//!
//! An environment runs one call at a time, so the lock around `/tmp` is never waited for.

mod blocks;
mod content;
mod descriptor;
mod directory;
mod error;
mod file_system;
mod object;
mod path;
mod read_only;
mod scratch;
mod stream;
mod tree;
mod wasi;

pub(crate) use self::{
    file_system::{FileSystem, ManagedTrees},
    read_only::ReadOnlyTree,
    wasi::{FileSystemView, HasFileSystem, add_to_linker},
};
