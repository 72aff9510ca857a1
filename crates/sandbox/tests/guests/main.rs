//! Guests in real sandboxes: one test program, because each links all of wasmtime.

mod command;
mod handler;
mod isolation;
mod loading;
mod support;
