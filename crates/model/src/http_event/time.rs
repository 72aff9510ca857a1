//! Times, as events have them.

use crate::time::Timestamp;

/// `04/Mar/2020:19:03:58 +0000`.
pub(crate) fn request_time(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis())
        .expect("the years 1678 to 2262 are within those of jiff");
    let at = jiff::tz::Offset::UTC.to_datetime(at);
    let two = |number: i8| {
        let digit = |value: i8| char::from(b'0'.wrapping_add_signed(value));
        [digit(number / 10), digit(number % 10)]
    };
    let month = MONTHS[usize::from(at.month().unsigned_abs() - 1)];
    let year = at.year().unsigned_abs();
    // Quicker than a format that is read at each request.
    let mut text = String::with_capacity(TIME_BYTES);
    text.extend(two(at.day()));
    text.push('/');
    text.push_str(month);
    text.push('/');
    for divisor in [1000, 100, 10, 1] {
        text.push(char::from(b'0' + u8::try_from(year / divisor % 10).expect("it is a digit")));
    }
    for number in [at.hour(), at.minute(), at.second()] {
        text.push(':');
        text.extend(two(number));
    }
    text.push_str(" +0000");
    text
}

const TIME_BYTES: usize = "04/Mar/2020:19:03:58 +0000".len();

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_logs_of_servers_have_them() {
        let check = |millis: i64, expected: &str| {
            assert_eq!(request_time(Timestamp::from_unix_millis(millis)), expected);
        };
        check(0, "01/Jan/1970:00:00:00 +0000");
        check(1_583_348_638_390, "04/Mar/2020:19:03:58 +0000");
        check(1_735_689_599_999, "31/Dec/2024:23:59:59 +0000");
        check(-1, "31/Dec/1969:23:59:59 +0000");
    }
}
