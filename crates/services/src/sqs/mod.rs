//! Amazon SQS: queues, and what senders, receivers and owners do with them.
//!
//! The rules are those of [`hearth_model::sqs`]; here are the API's operations with AWS's checks and words, the waiting for
//! messages, and the clock. Queues are named by [`QueueAddress`](hearth_model::sqs::QueueAddress); URLs are the gateway's.

mod attributes;
mod consumer;
mod content;
mod handle;
mod kept;
mod operations;
mod queues;
mod receive;
mod redrive;
mod refusal;
mod region;
mod selection;
mod send;

use self::selection::Selection;
pub use self::{
    attributes::AttributeMap,
    content::{AttributeValue, Content, Md5, MessageAttribute},
    operations::{
        BatchEntry, BatchReply, DeleteRequest, MoveTaskView, Page, PageRequest, StartMove, VisibilityRequest,
    },
    queues::Queues,
    receive::{ReceiveRequest, ReceivedMessage},
    refusal::{Refusal, RefusalKind},
    send::{GivenAttribute, SendReply, SendRequest},
};
pub(crate) use self::{consumer::Listener, handle::write_receipt};
