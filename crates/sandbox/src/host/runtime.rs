//! What managed runtimes ask of Hearth beside WASI (`hearth:runtime`, in `runtimes/python/wit`).

use wasmtime::{Result, StoreContextMut, component::Linker};
use wasmtime_wasi::I32Exit;

use super::State;

/// Adds `hearth:runtime/process`.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut process = linker.instance("hearth:runtime/process@0.1.0")?;
    process.func_wrap("exit", |_: StoreContextMut<'_, State>, (status,): (u8,)| -> Result<()> {
        Err(I32Exit(status.into()).into())
    })
}
