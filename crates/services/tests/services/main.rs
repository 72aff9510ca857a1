//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod destinations;
mod metrics;
mod sqs;
mod world;
