//! Hearth through the AWS SDK for Rust, as the SDK's users find it: a world in this process, with a port.
//!
//! A module per service; [`hearth`] is what they share.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

mod event_sources;
mod hearth;
mod lambda;
mod s3;
mod sqs;
