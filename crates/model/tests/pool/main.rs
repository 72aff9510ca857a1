//! The pool, seen from outside: what it does, told step by step, and what always holds, whatever is done to it.

mod behaviour;
mod properties;
mod provisioned;
mod throttling;
mod world;
