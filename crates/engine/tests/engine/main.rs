//! The engine from outside: a fake sandbox, a frozen clock.

mod asynchronous;
mod capacity;
mod concurrency;
mod expiry;
mod failures;
mod faults;
mod init;
mod json_logs;
mod kept_logs;
mod log_groups;
mod logs;
mod metrics;
mod provisioned;
mod replay;
mod requests;
mod restarts;
mod reuse;
mod settle;
mod shutdown;
mod stress;
mod support;
mod timeline;
mod turns;
mod update;
mod versions;
