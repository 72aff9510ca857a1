//! Emulated services: what a function, a log group, a queue, a bucket, and later a rule, does.
//!
//! Services decide what happens and which invocations follow; they know no wire format. Bytes that come from outside
//! are parsed here or in the gateway, and nothing behind them validates again.

pub mod cloudwatch;
mod destinations;
pub mod lambda;
pub mod logs;
pub mod s3;
mod services;
pub mod sqs;
mod tags;

pub use self::services::Services;
