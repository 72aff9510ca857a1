//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod sqs;
mod world;
