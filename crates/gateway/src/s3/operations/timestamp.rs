//! Moments.

use std::time::{Duration, SystemTime};

use hearth_model::time::Timestamp;
use s3s::dto;

/// A moment, as answers have it.
pub(in crate::s3) fn to_dto(moment: Timestamp) -> dto::Timestamp {
    // Objects are not older than the clock.
    let nanos = u64::try_from(moment.as_unix_nanos()).unwrap_or(0);
    (SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)).into()
}

/// A moment, as requests have it: in whole seconds.
pub(super) fn of_dto(moment: &dto::Timestamp) -> Timestamp {
    let seconds = time::OffsetDateTime::from(moment.clone()).unix_timestamp();
    Timestamp::from_unix_millis(seconds.saturating_mul(1_000))
}
