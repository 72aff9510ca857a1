//! The AWS Query protocol: requests are forms, answers are XML. CloudWatch and SQS speak it, besides younger protocols.
//!
//! A request's parameters are read into the same documents as those of the JSON protocols, and the documents of answers
//! are written as XML, so that an operation is written once for all protocols of its service.
//!
//! Source: the protocol's specification (Smithy, "AWS query protocol"); recorded answers of SQS.

mod document;
mod parameters;
mod request;
mod service;
mod xml;

pub(crate) use self::request::{answer, is_query};
