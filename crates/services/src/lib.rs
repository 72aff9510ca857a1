//! Emulated services: what a function, a log group, a queue, a bucket, a rule or a schedule does.
//!
//! Services decide what happens and which invocations follow; they know no wire format. Bytes that come from outside
//! are parsed here or in the gateway, and nothing behind them validates again.

pub mod apigateway;
mod checks;
pub mod cloudwatch;
mod delivery;
mod destinations;
pub mod events;
pub mod firings;
mod inventory;
mod kept;
pub mod lambda;
pub mod logs;
mod page;
pub mod s3;
pub mod scheduler;
mod services;
pub mod sqs;
mod tags;
mod violations;

pub use self::{inventory::Inventory, services::Services};
