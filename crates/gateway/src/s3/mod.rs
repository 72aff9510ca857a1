//! Amazon S3 on the wire.
//!
//! The `s3s` crate knows which operation a request is for, and how its parameters, headers and documents look. What it
//! would do by the machine's clock or with a secret that Hearth does not have, Hearth does before it comes to that:
//! signatures are taken off, presigned URLs and forms expire by Hearth's clock, signed chunks become plain bytes.
//!
//! | module | what |
//! | --- | --- |
//! | `service` | from a request to its answer |
//! | `host` | the bucket in a host's name |
//! | `signature` | what a signature says about time, caller and content |
//! | `subresource`, `unsupported` | what is refused before `s3s` sees it |
//! | `chunked`, `content` | bodies |
//! | `form` | uploads by browsers |
//! | `cors` | what scripts of other origins may do |
//! | `api`, `operations` | operations, from and to the types of `s3s` |
//! | `failure` | error documents |

mod api;
mod call;
mod chunked;
mod content;
mod cors;
mod failure;
mod form;
mod host;
mod operations;
mod service;
mod signature;
mod subresource;
mod unsupported;

pub(crate) use self::{failure::error_code, service::S3};
