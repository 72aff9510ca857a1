//! Buckets and objects, without a wire.

mod lifecycle;
mod multipart;
mod notifications;
mod objects;
mod support;
mod versions;
