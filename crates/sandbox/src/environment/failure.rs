//! What a wasmtime error means to the caller of a function.

use hearth_model::outcome::{Failure, PlatformFault};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// Frames of a backtrace that are shown.
const FRAMES: usize = 20;

/// The failure behind an error of a call into a guest.
pub(super) fn of(error: &wasmtime::Error) -> Failure {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Failure::Exit { code: exit.0 };
    }
    if error.is::<PoolConcurrencyLimitError>() {
        let reason = format!("{error:#}: raise max_environments");
        return Failure::Platform(PlatformFault::Capacity { reason });
    }
    if let Some(fault) = out_of_mappings(error) {
        return Failure::Platform(fault);
    }
    let what = error.downcast_ref::<Trap>().map_or_else(|| error.root_cause().to_string(), Trap::to_string);
    Failure::Crash { reason: what + &backtrace(error) }
}

/// The kernel refused a memory mapping: the machine's limit, not the guest's doing.
fn out_of_mappings(error: &wasmtime::Error) -> Option<PlatformFault> {
    let refused = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::OutOfMemory);
    refused.then(|| PlatformFault::Capacity {
        reason: "the kernel refuses another memory mapping: raise vm.max_map_count, or free memory"
            .to_owned(),
    })
}

fn backtrace(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return String::new() };
    let mut text = String::new();
    for frame in backtrace.frames().iter().take(FRAMES) {
        let function = frame.func_name().map_or_else(
            || format!("<function {}>", frame.func_index()),
            |name| format!("{:#}", rustc_demangle::demangle(name)),
        );
        text += &format!("\n    at {function}");
    }
    text
}
