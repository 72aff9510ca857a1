//! The gateway over real sockets, in front of the engine with a fake sandbox.

mod aws_json;
mod client;
mod cloudwatch;
mod control;
mod events;
mod fronts;
mod function_url;
mod http;
mod http_api;
mod invoke;
mod kept;
mod lambda;
mod logs;
mod prometheus;
mod query;
mod response_stream;
mod rest_api;
mod s3;
mod scheduler;
mod server;
mod shutdown;
mod slow;
mod sqs;
mod time;
mod websocket;
mod world;
