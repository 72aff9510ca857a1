//! Percent-encoding in paths and queries (RFC 3986, section 2.1).

use std::borrow::Cow;

/// Decodes `%XX`; a text without any is not copied.
///
/// `None` if an escape is incomplete, or if the bytes are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'%' {
            let (&[high, low], behind) = rest.split_first_chunk()?;
            decoded.push(hexadecimal(high)? << 4 | hexadecimal(low)?);
            rest = behind;
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Decodes a name or a value of a form or a query, where a `+` is a space. As [`decode`] otherwise.
pub(crate) fn decode_form(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('+') {
        return decode(text);
    }
    let spaced = text.replace('+', " ");
    decode(&spaced).map(|text| Cow::Owned(text.into_owned()))
}

/// The value of a query's first parameter of this name, decoded.
///
/// `None` inside if the parameter is missing, `None` outside if its value can't be decoded.
pub(crate) fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<Option<Cow<'a, str>>> {
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    let mut pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let Some((_, value)) = pairs.find(|(given, _)| *given == name) else { return Some(None) };
    decode_form(value).map(Some)
}

/// The values of all of a query's parameters of this name; `None` if one can't be decoded.
pub(crate) fn parameters(query: Option<&str>, name: &str) -> Option<Vec<String>> {
    let pairs = query.unwrap_or_default().split('&');
    let wanted = pairs.filter(|pair| pair.split_once('=').unwrap_or((*pair, "")).0 == name);
    wanted.map(|pair| parameter(Some(pair), name)?.map(Cow::into_owned)).collect()
}

/// Encodes whatever does not stand for itself (RFC 3986, section 2.3).
pub(crate) fn encode(text: &str) -> String {
    encode_but(text, b"")
}

/// The same for a path, whose slashes stay.
pub(crate) fn encode_path(path: &str) -> String {
    encode_but(path, b"/")
}

fn encode_but(text: &str, others: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || others.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(decode(text).as_deref(), expect, "{text}");
        check("hello", Some("hello"));
        check("arn%3Aaws%3alambda", Some("arn:aws:lambda"));
        check("%C3%A4%2F%00", Some("\u{e4}/\0"));
        check("100%", None);
        check("%4", None);
        check("%zz", None);
        check("%FF", None);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(encode("a b/ä~"), "a%20b%2F%C3%A4~");
        assert_eq!(encode_path("a b/ä+"), "a%20b/%C3%A4%2B");
        assert_eq!(decode(&encode("\0\u{1f600}&=")).as_deref(), Some("\0\u{1f600}&="));
    }

    #[test]
    fn a_parameter_may_be_there_several_times() {
        let check = |query: Option<&str>, expect: Option<&[&str]>| {
            let expect = expect.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
            assert_eq!(parameters(query, "tagKeys"), expect, "{query:?}");
        };
        check(None, Some(&[]));
        check(Some("tagKeys=a&other=b&tagKeys=c+d&tagKeys"), Some(&["a", "c d", ""]));
        check(Some("tagKeys=a&tagKeys=%"), None);
    }

    #[test]
    fn parameters_are_found_by_name() {
        let check = |query: Option<&str>, expect: Option<Option<&str>>| {
            assert_eq!(parameter(query, "Qualifier").as_ref().map(Option::as_deref), expect, "{query:?}");
        };
        check(None, Some(None));
        check(Some("Other=1&qualifier=2"), Some(None));
        check(Some("Other=1&Qualifier=live&Qualifier=2"), Some(Some("live")));
        check(Some("Qualifier"), Some(Some("")));
        check(Some("Qualifier=%24LATEST"), Some(Some("$LATEST")));
        check(Some("Qualifier=a+b%2B"), Some(Some("a b+")));
        check(Some("Qualifier=%"), None);
    }
}
