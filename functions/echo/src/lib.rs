//! Answers the event: the contract of `wit/hearth-lambda.wit` with nothing in between, neither a guest crate nor the
//! standard library. It imports nothing, so that a benchmark of it measures the runtime and not the guest.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::{string::String, vec::Vec};

use exports::hearth::lambda::handler::{Context, FunctionError, Guest};

mod bindings {
    wit_bindgen::generate!({ world: "function", path: "../../wit" });
}
use bindings::exports;

struct Echo;

impl Guest for Echo {
    fn init(_handler: String) -> Result<(), FunctionError> {
        Ok(())
    }

    fn handle(event: Vec<u8>, _context: Context) -> Result<Vec<u8>, FunctionError> {
        Ok(event)
    }
}

bindings::export!(Echo with_types_in bindings);

#[cfg(target_family = "wasm")]
mod no_std {
    #[global_allocator]
    static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
