//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod destinations;
mod event_sources;
mod lambda_metrics;
mod logs;
mod metrics;
mod s3;
mod sqs;
mod world;
