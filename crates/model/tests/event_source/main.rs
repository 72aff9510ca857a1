//! Pollers of queues: how they gather, scale and back off, and what always holds.

mod behaviour;
mod properties;
mod queue;
mod scaling;
mod world;
