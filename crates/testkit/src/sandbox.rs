//! The sandboxes of a process.

use std::sync::Arc;

use hearth::{default_cache_folder, runtimes_folder};
use hearth_sandbox::{ManagedRuntimes, SandboxError, SandboxOptions, WasmSandbox};
use parking_lot::Mutex;

/// Shared by all tests of a process, and never given up: compiled code is mapped once, and address space for sandboxes is
/// reserved once. Nothing of one test is ever visible in another.
static SHARED: Mutex<Option<Arc<WasmSandbox>>> = Mutex::new(None);

pub(crate) fn shared() -> Result<Arc<WasmSandbox>, SandboxError> {
    let mut shared = SHARED.lock();
    if let Some(sandbox) = &*shared {
        return Ok(Arc::clone(sandbox));
    }
    let cache_folder = default_cache_folder();
    let managed = ManagedRuntimes { folder: cache_folder.as_deref().map(runtimes_folder), strict: false };
    let options = SandboxOptions { managed, cache_folder, ..SandboxOptions::default() };
    let sandbox = Arc::new(WasmSandbox::new(options)?);
    *shared = Some(Arc::clone(&sandbox));
    Ok(sandbox)
}
