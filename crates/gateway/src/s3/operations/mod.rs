//! Operations: from the types of `s3s` to Hearth's, and back.

pub(super) mod access;
mod attributes;
pub(super) mod buckets;
mod checksum;
pub(super) mod configuration;
pub(super) mod copy;
pub(super) mod defaults;
pub(super) mod delete;
pub(super) mod lifecycle;
pub(super) mod listing;
pub(super) mod multipart;
pub(super) mod notification;
pub(super) mod objects;
pub(super) mod tagging;
pub(super) mod timestamp;

use super::{call::Call, failure::Failure};

/// What an operation comes to.
type Answer<T> = Result<T, Failure>;
