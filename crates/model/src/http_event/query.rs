//! Queries, taken apart.

/// The parameters of a query in their order, decoded. One without a value has an empty one.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Decodes `%XX` and `+`; what is no escape stays as it is, and what is no UTF-8 is replaced.
fn decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match (byte, behind) {
            (b'%', [high, low, behind @ ..]) if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
                decoded.push(high << 4 | low);
                rest = behind;
            }
            (b'+', _) => decoded.push(b' '),
            (byte, _) => decoded.push(*byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
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
        check("a+b%20c", "a b c");
        check("%2F%2f%C3%A4", "//ä");
        check("100%", "100%");
        check("%4", "%4");
        check("%zz%+", "%zz% ");
        check("%FF", "\u{fffd}");
    }

    #[test]
    fn parameters_come_in_their_order() {
        let read: Vec<_> = pairs("b=1&a=2&&b=%26&c&=d").collect();
        let expected = [("b", "1"), ("a", "2"), ("b", "&"), ("c", ""), ("", "d")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
