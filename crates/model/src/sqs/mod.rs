//! Amazon SQS as a pure state machine: queues of one account in one region, and what goes on between them.
//!
//! [`Queues`] decides who gets which message when, which messages are duplicates, and what becomes of those that are received
//! too often. What a message says is the caller's. Inputs are `handle_*`, and after each [`Queues::poll_output`] is drained;
//! [`Queues::poll_timeout`] tells when [`Queues::handle_timeout`] has something to do. Beside the outputs,
//! [`Queues::poll_change`] tells what a later process needs to know; [`Queues::handle_restore`] takes it.
//!
//! | a message that is | becomes | by |
//! | --- | --- | --- |
//! | not there | visible, or delayed | being sent, or coming from another queue |
//! | delayed | visible | the end of its delay |
//! | visible | in flight | being received |
//! | visible | a message of the dead-letter queue | a receive that would be one too many |
//! | in flight | visible | the end of its visibility timeout, or its receiver's wish |
//! | anything | gone | being deleted, moved or purged, or the end of its retention |
//!
//! Invariants, property tests in `tests/sqs`:
//! - Nothing that was sent is lost, and nothing that was deleted comes back.
//! - Nobody receives a message while it is in flight.
//! - Messages of a group are received in the order in which they were sent.
//! - No message is received more often than the redrive policy allows.
//! - Counts tell what is there.
//!
//! No input costs more because more messages are there, but for what is due at once and for [`Queues::handle_settings`].
//!
//! Where AWS's documentation leaves room:
//! - A message of a standard queue can be deleted, and its visibility changed, by the handle of any of its receipts, for AWS
//!   does so too (recorded), and deletes by old handles are allowed to fail, not required to. In a FIFO queue only the latest
//!   receipt counts, and only while its visibility timeout lasts.
//! - Standard queues give out what became visible first.
//! - A message that is to become a dead letter does so at the next receive, not when it becomes visible.
//! - Dead letters whose queue does not exist, or does not take them, stay where they are and can be received.
//!
//! Source: SQS developer guide and API reference; recorded answers.

mod arena;
mod deduplication;
mod groups;
mod kept;
pub mod limits;
mod message;
mod move_task;
mod moves;
mod name;
mod queue;
mod queues;
mod receive;
mod refusal;
mod settings;
mod store;

pub use self::{
    kept::{Change, KeptMessage, KeptQueue, Place, Remembered, Standing, Subject},
    message::{Delivery, MessageId, NewMessage, ReceiptHandle, Sent, SequenceNumber, State},
    move_task::{MoveFailure, MoveStatus, MoveTask, MoveTaskId, NewMoveTask},
    name::{InvalidQueueName, QueueAddress, QueueName},
    queues::{Counts, Output, QueueOptions, Queues, Remains},
    receive::{Receive, ReceiveId, ReceiveRequest},
    refusal::Refusal,
    settings::{DeduplicationScope, Kind, Redrive, RedriveAllow, Settings},
};
