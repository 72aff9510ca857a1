//! Texts of JSON, read and written: quicker than by a serializer, where every request pays for it.

use std::{borrow::Cow, io::Write};

/// Writes what stands between the quotation marks of a text.
pub(super) fn write(json: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(place) = special_place(rest) {
        json.extend_from_slice(&rest[..place]);
        write_escape(json, rest[place]);
        rest = &rest[place + 1..];
    }
    json.extend_from_slice(rest);
}

fn write_escape(json: &mut Vec<u8>, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\x08' => b'b',
        b'\x0c' => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => return write!(json, "\\u{byte:04x}").expect("there is memory"),
    };
    json.extend_from_slice(&[b'\\', letter]);
}

/// Reads a text whose first quotation mark is read already: the text, and what is behind it. `None` if it has code points by
/// number, or if it is none.
pub(super) fn read(json: &str) -> Option<(Cow<'_, str>, &str)> {
    let (plain, mut rest) = split_at_special(json)?;
    if let Some(behind) = rest.strip_prefix('"') {
        return Some((Cow::Borrowed(plain), behind));
    }
    let mut text = String::with_capacity(json.len().min(MOST_AT_ONCE));
    text.push_str(plain);
    loop {
        if let Some(behind) = rest.strip_prefix('"') {
            if text.capacity() > 2 * text.len() {
                text.shrink_to_fit();
            }
            return Some((Cow::Owned(text), behind));
        }
        let (letter, behind) = rest.strip_prefix('\\')?.split_at_checked(1)?;
        text.push_str(match letter {
            "\"" | "\\" | "/" => letter,
            "b" => "\x08",
            "f" => "\x0c",
            "n" => "\n",
            "r" => "\r",
            "t" => "\t",
            _ => return None,
        });
        let (plain, next) = split_at_special(behind)?;
        text.push_str(plain);
        rest = next;
    }
}

/// For how many bytes memory is asked for before a text is known to be as long.
const MOST_AT_ONCE: usize = 4_096;

fn split_at_special(json: &str) -> Option<(&str, &str)> {
    special_place(json.as_bytes()).map(|place| json.split_at(place))
}

/// Whether JSON has a text as it is.
pub(super) fn is_plain(text: &str) -> bool {
    special_place(text.as_bytes()).is_none()
}

/// Where the first byte is that JSON does not have as it is in a text.
fn special_place(text: &[u8]) -> Option<usize> {
    let (eights, rest) = text.as_chunks();
    for (number, eight) in eights.iter().enumerate() {
        let special = special_of_eight(u64::from_le_bytes(*eight));
        if special != 0 {
            return Some(8 * number + special.trailing_zeros() as usize / 8);
        }
    }
    let is_special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    rest.iter().position(is_special).map(|place| 8 * eights.len() + place)
}

/// The highest bits of those of eight bytes that are special, found all at once. A byte that is special may borrow from the one
/// above it, and set its bit too: only the lowest is sure.
fn special_of_eight(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let each = |byte: u8| u64::from(byte) * EACH;
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(each(limit)) & !bytes;
    // With its second bit turned, a quotation mark is what follows the control characters, which stay among themselves.
    let control_or_quote = below(bytes ^ each(0b10), b' ' + 1);
    let backslash = below(bytes ^ each(b'\\'), 1);
    (control_or_quote | backslash) & each(0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_written_as_a_serializer_does(text in "[\u{0}-\u{7f}\u{e4}]{0,80}") {
            let mut json = Vec::new();
            write(&mut json, &text);
            let expected = serde_json::to_string(&text).expect("JSON");
            prop_assert_eq!(str::from_utf8(&json), Ok(&expected[1..expected.len() - 1]));
            prop_assert_eq!(is_plain(&text), json.len() == text.len());
        }

        #[test]
        fn texts_are_read_as_a_deserializer_does(
            parts in prop::collection::vec(r#"\\["\\/bfnrtx]|\\u00e4|["\n]|[/bfnrtu\u{e4}]{1,9}"#, 0..8),
        ) {
            let inside = parts.concat() + "\"";
            if let Some((text, behind)) = read(&inside) {
                let json = format!("\"{}", &inside[..inside.len() - behind.len()]);
                prop_assert_eq!(text, serde_json::from_str::<String>(&json).expect("JSON"));
            } else {
                let plain: String = parts.into_iter().filter(|part| *part != "\"").collect();
                let json = format!("\"{plain}\"");
                prop_assert!(plain.contains("\\u") || serde_json::from_str::<String>(&json).is_err());
            }
        }
    }

    #[test]
    fn many_short_texts_take_little() {
        let many = r#"\n","#.repeat(1_000);
        let (text, _) = read(&many).expect("a text");
        assert_eq!(text, "\n");
        assert!(text.into_owned().capacity() < 16);
    }
}
