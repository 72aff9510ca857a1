//! Times, as events have them.

use crate::time::Timestamp;

/// `04/Mar/2020:19:03:58 +0000`.
pub(crate) fn request_time(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis())
        .expect("the years 1678 to 2262 are within those of jiff");
    at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}
