//! Times, as events have them.

use crate::time::Timestamp;

/// `04/Mar/2020:19:03:58 +0000`.
pub(crate) fn request_time(at: Timestamp) -> String {
    clock_face(at).map(char::from).iter().collect()
}

/// The same, in ASCII.
pub(super) fn clock_face(at: Timestamp) -> [u8; 26] {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis())
        .expect("the years 1678 to 2262 are within those of jiff");
    let at = jiff::tz::Offset::UTC.to_datetime(at);
    let mut text = *b"00/Mmm/0000:00:00:00 +0000";
    let month = MONTHS[usize::from(at.month().unsigned_abs() - 1)];
    text[3..6].copy_from_slice(month.as_bytes());
    // Quicker than a format that is read at each request.
    let mut put_two = |place: usize, number: u8| {
        text[place] += number / 10;
        text[place + 1] += number % 10;
    };
    let two = |number: i8| number.unsigned_abs();
    let year = |divisor: i16| u8::try_from(at.year() / divisor % 100).expect("it has two digits");
    put_two(0, two(at.day()));
    put_two(7, year(100));
    put_two(9, year(1));
    put_two(12, two(at.hour()));
    put_two(15, two(at.minute()));
    put_two(18, two(at.second()));
    text
}

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
