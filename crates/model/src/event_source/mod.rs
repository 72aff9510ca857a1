//! Event source mappings: how the messages of a queue become invocations of a function.
//!
//! A [`Poller`] is the state machine of one mapping. It decides when messages are received, which of them make a batch, when the
//! batch is given to the function, and what is deleted; the caller does it, feeds what happened to `handle_*`, and drains
//! [`Poller::poll_output`] after each. [`Poller::poll_timeout`] tells when [`Poller::handle_timeout`] has something to do.
//!
//! | a message that is | becomes | by |
//! | --- | --- | --- |
//! | in the queue | gathered | [`Output::Receive`], as soon as one more batch may run |
//! | received | deleted | the filter: nobody wants it |
//! | gathered | in a batch that runs | the batch is full, at its 6 MB, or as old as its window |
//! | in a batch that runs | deleted | [`Outcome::Processed`], unless the function reported it |
//! | in a batch that runs | in the queue | the function failed, or reported it: the queue shows it again after its visibility timeout, and makes a dead letter of it if it was received too often |
//! | in a batch that runs | in a batch that waits | [`Outcome::NotRun`]: for 1 second, then twice as long each time, up to 5; less if another batch ends before |
//! | in a batch that waits | in the queue | its visibility timeout has passed |
//!
//! So a message that was only throttled keeps its receive count until its visibility timeout passes, as on AWS.
//!
//! **Concurrency.** Up to 5 batches run at once; while there are more messages, one more every 200 ms, up to 1,250, the
//! mapping's maximum concurrency or the account's, whichever is least. Without messages it goes back at the same pace. An
//! invocation that fails or is not run takes one away, down to 2; one that succeeds gives it back. Failures do not where the
//! function reports them message by message. The numbers but for the pace down and the steps after failures are AWS's.
//!
//! **FIFO queues.** The queue gives out no message of a group of which others are in flight, so a group that fails blocks only
//! itself. Only where 6 MB cut a receive in two could a group run twice at once: the rest waits for its beginning, and goes back
//! to the queue with it. Which messages a function does not report are deleted whatever their order, as on AWS, which asks
//! functions to report those that follow a failure.
//!
//! Invariants, all of them property tests in `tests/event_source`:
//! - Every message that is received is deleted or becomes visible again; none is in two batches at once.
//! - A message is deleted only after a filter did not want it or the function processed it.
//! - Batches keep their size, in messages and bytes, and their number never exceeds what may run.
//! - Within a message group of a FIFO queue, messages are processed in order, one batch at a time.
//!
//! Sources: Lambda developer guide, "Using Lambda with Amazon SQS", in particular "Configuring scaling behavior", "Handling
//! errors" and "Using event filtering"; recorded answers and events.

mod concurrency;
mod configuration;
mod exchange;
mod filter;
mod item_failures;
mod poller;

pub use configuration::{
    BatchSize, BatchingWindow, Configuration, InvalidConfiguration, MaximumConcurrency, ProvisionedPollers,
    Scaling,
};
pub use exchange::{BatchId, Outcome, Output, Received};
pub use filter::{FilterCriteria, InvalidFilter};
pub use item_failures::failed_items;
pub use poller::Poller;
