//! Which bodies are text.

/// Types of text that do not look so.
const TEXT_TYPES: [&str; 9] = [
    "application/json",
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/toml",
    "application/x-ndjson",
    FORM,
    "application/xml",
    "application/yaml",
];

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a content type is that of a text.
pub(super) fn is_text(content_type: &str) -> bool {
    let essence = essence(content_type);
    let is = |known: &&str| essence.eq_ignore_ascii_case(known);
    let begins = essence.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("text/"));
    let ends = |end: &&str| {
        let place = essence.len().checked_sub(end.len());
        place.and_then(|place| essence.get(place..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    TEXT_TYPES.iter().any(is) || begins || ["+json", "+xml"].iter().any(ends)
}

/// Whether a content type is that of a form. Its body travels in base64, as fronts of AWS have it.
pub(super) fn is_form(content_type: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case(FORM)
}

/// The type without its parameters.
fn essence(content_type: &str) -> &str {
    // They are short: to look at each byte is quicker than to search.
    let end = content_type.bytes().position(|byte| byte == b';');
    end.map_or(content_type, |end| &content_type[..end]).trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_text_are_known_however_they_are_spelled() {
        for text in
            ["text/plain", "Text/HTML; charset=utf-8", "application/JSON", "a/b+Json", "image/svg+xml ;x"]
        {
            assert!(is_text(text), "{text}");
        }
        for other in ["", "text", "image/png", "application/octet-stream", "xml", "\u{e4}\u{e4}\u{e4}n"] {
            assert!(!is_text(other), "{other}");
        }
        assert!(is_form("application/X-www-form-urlencoded; charset=utf-8") && !is_form("application/json"));
    }
}
