//! Guests in real sandboxes: one test program, because each links all of wasmtime.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

mod command;
mod handler;
mod http;
mod isolation;
mod loading;
mod managed;
mod sockets;
mod support;
