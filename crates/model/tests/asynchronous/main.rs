//! Asynchronous invocation, seen from outside: what the queue does, told step by step, and what always holds.

mod behaviour;
mod load;
mod properties;
mod world;
