//! WebAssembly environments on wasmtime: the only crate that names it.

mod fs;
