//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod event_sources;
mod destinations;
mod lambda_metrics;
mod metrics;
mod s3;
mod sqs;
mod world;
