//! Percent-encoding as fronts of AWS read it: what is no escape stays as it is, and what is no UTF-8 is replaced.

use std::borrow::Cow;

/// Decodes `%XX`; a text without any is not copied.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match (byte, behind) {
            (b'%', [high, low, behind @ ..]) if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
                decoded.push(high << 4 | low);
                rest = behind;
            }
            (byte, _) => decoded.push(*byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned().into()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_escapes_stay_as_they_are() {
        let check = |text: &str, expected: &str| assert_eq!(decode(text), expected, "{text}");
        check("a+b%20c", "a+b c");
        check("%2F%2f%C3%A4", "//ä");
        check("100%", "100%");
        check("%4", "%4");
        check("%zz%+", "%zz%+");
        check("%FF", "\u{fffd}");
    }
}
