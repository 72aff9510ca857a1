//! Headers of requests, as functions behind REST APIs and WebSocket APIs get them.

const KNOWN: [&str; 29] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "cookie",
    "date",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pragma",
    "range",
    "referer",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "user-agent",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// The name of a header; one that everybody knows is spelled as it is known.
pub(super) fn spelled(name: String) -> String {
    if !KNOWN.contains(&name.to_ascii_lowercase().as_str()) {
        return name;
    }
    let part = |part: &str| {
        if part.eq_ignore_ascii_case("websocket") {
            return "WebSocket".to_owned();
        }
        let (first, rest) = part.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_headers_are_spelled_as_known() {
        let check = |name: &str, expected: &str| assert_eq!(spelled(name.to_owned()), expected);
        check("content-type", "Content-Type");
        check("USER-AGENT", "User-Agent");
        check("x-amzn-trace-id", "X-Amzn-Trace-Id");
        check("sec-websocket-key", "Sec-WebSocket-Key");
        check("x-api-key", "x-api-key");
        check("tEsT-HEADeR", "tEsT-HEADeR");
    }
}
