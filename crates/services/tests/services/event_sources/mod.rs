//! Event source mappings: queues, functions, and what is between them, on a frozen clock.

mod api;
mod chains;
mod events;
mod failures;
mod faults;
mod life;
mod refusals;
mod soak;
mod threads;
mod world;
