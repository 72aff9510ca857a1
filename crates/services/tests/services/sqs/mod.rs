//! Queues.

mod attributes;
mod lifecycle;
mod messages;
mod moves;
mod owning;
mod receiving;
mod restarts;
mod sending;
mod waiting;
mod world;
