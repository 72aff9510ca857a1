//! Asynchronous invocations of one function, as a pure state machine.
//!
//! A [`Queue`] decides when an event that was accepted is given to its function, whether and when it is tried again, and how it
//! ends. The caller keeps events and answers by request id, runs the attempts and delivers the ends; it feeds what happened to
//! `handle_*` and drains [`Queue::poll_output`] after each. [`Queue::poll_timeout`] tells when [`Queue::handle_timeout`] has
//! something to do.
//!
//! | an invocation that is | becomes | by |
//! | --- | --- | --- |
//! | not there | running | [`Queue::handle_accept`], whatever the function's concurrency |
//! | running | over | [`Outcome::Success`]; any other outcome after which it is not tried again |
//! | running | waiting | [`Outcome::FunctionError`]: for 1 minute, then 2 |
//! | running | waiting | [`Outcome::Throttled`], [`Outcome::PlatformFault`]: 1 second, then twice as long each time, up to 5 minutes |
//! | waiting | running | its time has come |
//! | waiting | over | its time has come too late: clocks can jump |
//!
//! Only errors of the function use up attempts. Whoever would wait until the event's maximum age or longer does not wait: the
//! invocation is over at once, as recorded from AWS.
//!
//! Invariants, all of them property tests in `tests/asynchronous`:
//! - Every invocation that was accepted ends exactly once.
//! - An attempt is made neither after the event's maximum age nor above the maximum number of attempts, and none before its time.
//! - Attempts that are due are made in the order in which they became due.
//! - The queue never accepts more invocations than it may hold.
//! - A queue that is made of what was [kept](Queue::kept) goes on as the one before, but that attempts which ran are made again.
//!
//! Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation"; recorded answers
//! for what a maximum age means.

mod configuration;
mod exchange;
mod kept;
mod queue;

pub use configuration::{Configuration, EventAge, RetryAttempts};
pub use exchange::{Condition, Ending, Outcome, Output, QueueFull};
pub use kept::{Change, KeptInvocation, Progress};
pub use queue::Queue;
