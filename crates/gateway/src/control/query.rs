//! What requests to the control API ask for.

use std::borrow::Cow;

use hearth_model::time::Timestamp;

use super::text::{read_duration, read_moment};
use crate::{
    error::{ApiError, ErrorCode},
    percent,
};

/// The value of a parameter, if there is one.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, ApiError> {
    let value = percent::parameter(query, name)
        .ok_or_else(|| invalid(format!("`{name}` is not percent-encoded text")))?;
    Ok(value.map(|value| value.into_owned()))
}

/// Whether something is wanted that is off unless asked for.
pub(super) fn is_set(query: Option<&str>, name: &str) -> Result<bool, ApiError> {
    Ok(matches!(parameter(query, name)?.as_deref(), Some("1" | "true")))
}

/// From when on something is wanted.
pub(super) fn since(query: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    parameter(query, "since")?.map(|text| moment(&text, now)).transpose()
}

/// A time, or how long ago it was.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, ApiError> {
    read_moment(text).or_else(|| read_duration(text).map(|ago| now - ago)).ok_or_else(|| {
        invalid(format!(
            "`since` must be a time such as `2026-01-31T12:00:00Z` or how long ago it was, such as `10m`, not `{text}`"
        ))
    })
}

/// A parameter is not what it should be.
pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(ErrorCode::InvalidParameterValue, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_some_time_ago() {
        let now = Timestamp::from_unix_millis(1_709_572_958_000);
        let check = |text: &str, expect: i64| {
            assert_eq!(moment(text, now).expect(text), Timestamp::from_unix_millis(expect), "{text}");
        };
        check("2024-03-04T17:22:38Z", 1_709_572_958_000);
        check("2024-03-04T18:22:38.5+01:00", 1_709_572_958_500);
        check("10m", 1_709_572_358_000);
        check("1h 30m", 1_709_567_558_000);
        check("2d", 1_709_400_158_000);
        check("0s", 1_709_572_958_000);
        for text in ["", "yesterday", "-10m", "10", "1mo"] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }
}
