//! The rules of a serverless world as pure state machines.
//!
//! Nothing here does I/O, reads a clock, draws randomness or spawns work. Inputs are `handle_*(now, …)`, outputs are
//! drained with `poll_*`, and `poll_timeout()` tells the next deadline, so that whole days of a pool or a queue run in
//! a unit test within milliseconds.

pub mod api_authorizer;
pub mod asynchronous;
pub mod bucket_notification;
pub mod bus_event;
pub mod cold_start;
pub mod cost;
pub mod destination;
pub mod digits;
pub mod event_input;
pub mod event_pattern;
pub mod event_source;
pub mod faults;
pub mod filter_pattern;
pub mod function;
pub mod http_event;
pub mod http_route;
pub mod identity;
pub mod limits;
pub mod logging;
pub mod network;
pub mod outcome;
mod percent;
pub mod pool;
pub mod random;
pub mod recursion;
pub mod reference;
pub mod routing;
pub mod schedule;
pub mod sqs;
pub mod time;
pub mod token_bucket;
mod trace_header;
pub mod usage;
pub mod validation;
pub mod websocket;
pub mod wildcard;
pub mod work_id;
