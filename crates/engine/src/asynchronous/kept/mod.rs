//! What of events survives the process: entries in the journal, and the events that they become again.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `lambda.invocations` | event that was accepted, as it came | the function's id, the request's id |
//! | `lambda.attempts` | event of which an attempt is over | the same |
//!
//! What an event says is written once. An event goes when it has ended and everybody who is to be told was; one that was being
//! tried or told when the process died is tried or told again. Moments are written as the wall showed them: when time passed
//! without the process, it passed.

mod document;
mod record;
mod restore;

use hearth_model::identity::{Partition, RequestId};

use crate::{function::FunctionId, journal::Stream, kept};

const INVOCATIONS: Stream = Stream("lambda.invocations");
const ATTEMPTS: Stream = Stream("lambda.attempts");

/// How the keys of a function's events begin.
fn prefix(partition: &Partition, function: FunctionId) -> Vec<u8> {
    let mut key = kept::prefix(partition);
    key.extend(function.to_bytes());
    key
}

fn key(partition: &Partition, function: FunctionId, id: RequestId) -> Vec<u8> {
    let mut key = prefix(partition, function);
    key.extend(id.to_bytes());
    key
}
