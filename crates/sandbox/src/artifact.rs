//! Loading compiled artifacts: the one module of Hearth with `unsafe` code.
//!
//! wasmtime can't check that a compiled artifact is what its own compiler made of a validated component; whoever loads
//! one vouches for it, and a wrong one is arbitrary native code. The two functions here are therefore only called by
//! the compile cache, with bytes that this process has just compiled, or with a file that the cache has found to be
//! whole and made by this version of Hearth for this configuration (see `cache`).
#![expect(
    unsafe_code,
    reason = "wasmtime's loading of compiled code is unsafe by nature; audited here, used only by the cache"
)]

use std::path::Path;

use wasmtime::{Engine, component::Component};

/// Maps an artifact that the cache has verified. Pages are read when they are first used.
pub(crate) fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the cache has checked length and checksum of this file against the record written beside it by the
    // process that compiled it, in a folder that only this user can write. Artifacts are never changed in place, only
    // replaced by rename, so that the mapping stays what was checked.
    unsafe { Component::deserialize_file(engine, path) }
}

/// Loads an artifact that this process has just compiled and could not write to the cache.
pub(crate) fn load(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the caller got these bytes from `Engine::precompile_component` of the same engine.
    unsafe { Component::deserialize(engine, artifact) }
}
