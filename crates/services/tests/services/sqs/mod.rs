//! Queues.

mod lifecycle;
mod messages;
mod waiting;
mod world;
