//! What the parts reach without Hearth: hyper alone, and hyper with wasmtime called inline.
//!
//! Written with the same libraries and settings that Hearth uses, and with nothing else: no registry, no limits, no
//! logs, no deadlines. Each runs in a process of its own.

mod sandbox;
mod server;

pub(crate) use server::{Floor, serve};
