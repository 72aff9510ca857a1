//! REST-JSON, the wire protocol of Lambda and of API Gateway: what requests have in common, and how answers and errors look.
//!
//! Source: recorded answers; the error shapes of the Lambda API model, some of which spell `Message` and some `message`.

mod call;
mod wire;

pub(crate) use self::{
    call::{Call, Dialect},
    wire::{
        Answer, ERROR_TYPE, answer, document, empty, error, fresh_request_id, host, json,
        set_fresh_request_id, set_request_id, to_bytes,
    },
};
