//! The program as its users have it: commands in, text and exit codes out.

mod buckets;
mod help;
mod invoke;
mod logs;
mod manifest;
mod new;
mod queues;
mod send;
mod support;
mod up;
mod watch;
