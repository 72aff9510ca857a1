//! Services from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod destinations;
mod event_sources;
mod events;
mod http_apis;
mod kept;
mod lambda_metrics;
mod logs;
mod metrics;
mod rest_apis;
mod restarts;
mod s3;
mod scheduler;
mod settle;
mod simulation;
mod sqs;
mod websocket_apis;
mod world;
