//! Buckets and objects, without a wire.

mod kept;
mod lifecycle;
mod multipart;
mod notifications;
mod objects;
mod oracle;
mod restarts;
mod support;
mod versions;
