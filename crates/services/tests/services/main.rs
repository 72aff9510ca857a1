//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod metrics;
mod sqs;
mod world;
