//! The program as its users have it: commands in, text and exit codes out.

mod buckets;
mod clock;
#[cfg(target_os = "linux")]
mod connections;
mod data_folder;
mod durability;
mod event;
mod faults;
#[cfg(unix)]
mod formats;
mod help;
mod http;
mod invoke;
mod logs;
mod manifest;
mod new;
#[path = "../../../testkit/tests/town/numbered.rs"]
mod numbered;
mod order;
mod queues;
mod replay;
mod reset;
mod samples;
mod schedules;
mod send;
mod support;
mod timeline;
mod up;
mod watch;
mod websocket;
