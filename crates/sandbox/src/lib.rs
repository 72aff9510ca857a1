//! WebAssembly environments on wasmtime: the only crate that names it.
//!
//! [`WasmSandbox`] implements the engine's port for sandboxes. Its invariants:
//!
//! - No guest path ever becomes a path of the host: guests see trees in memory (`fs`).
//! - Compiled code is loaded only by `artifact`, the one module with `unsafe`, on the word of the `cache`.
//! - A guest can be stopped wherever it is by dropping the future of its call: it yields at every tick.
//! - Whatever a guest can ask for is bounded: memory, `/tmp`, open files, output, live environments.

mod artifact;
mod bindings;
mod cache;
mod environment;
mod fs;
mod host;
mod machine;
mod managed;
mod memory;
mod program;
mod sandbox;
mod ticker;
mod wasm;

pub use self::{
    managed::ManagedRuntimes,
    sandbox::{
        DEFAULT_MAX_ENVIRONMENTS, MOST_ENVIRONMENTS, Notice, SandboxError, SandboxOptions, WasmSandbox,
    },
};
