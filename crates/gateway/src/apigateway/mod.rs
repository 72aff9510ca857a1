//! API Gateway's management APIs on the wire.

pub(crate) mod v1;
pub(crate) mod v2;
