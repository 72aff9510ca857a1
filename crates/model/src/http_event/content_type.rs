//! Which bodies are text.

/// Types of text that do not look so.
const TEXT_TYPES: [&str; 9] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/toml",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/yaml",
];

/// Whether a content type is that of a text.
pub(super) fn is_text(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || TEXT_TYPES.contains(&&*essence)
}

/// Whether a content type is that of a form. Its body travels in base64, as fronts of AWS have it.
pub(super) fn is_form(content_type: &str) -> bool {
    essence(content_type) == "application/x-www-form-urlencoded"
}

/// The type without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
