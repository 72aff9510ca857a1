//! Bodies of requests, as events have them.

use std::{borrow::Cow, str};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::content_type::{is_form, is_text};

/// The body of a request in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody<'a> {
    /// There is none.
    None,
    /// It is text, and stays so.
    Text(Cow<'a, str>),
    /// It travels in base64.
    Binary(&'a [u8]),
}

impl<'a> EventBody<'a> {
    /// As function URLs and HTTP APIs have it: a body without content type, or with one of text but forms, is text if its
    /// bytes are, and base64 otherwise.
    #[must_use]
    pub fn by_content_type(body: &'a [u8], content_type: Option<&str>) -> Self {
        if body.is_empty() {
            return Self::None;
        }
        let is_text = |content_type: &str| is_text(content_type) && !is_form(content_type);
        let text = str::from_utf8(body).ok().filter(|_| content_type.is_none_or(is_text));
        text.map_or(Self::Binary(body), |text| Self::Text(Cow::Borrowed(text)))
    }

    /// As REST APIs have it, whose owners say what is binary. All else is taken for text: what is no UTF-8 in it is lost.
    #[must_use]
    pub fn by_kind(body: &'a [u8], is_binary: bool) -> Self {
        match (body, is_binary) {
            ([], _) => Self::None,
            (body, true) => Self::Binary(body),
            (body, false) => Self::Text(String::from_utf8_lossy(body)),
        }
    }

    /// What the event's `body` and `isBase64Encoded` say.
    pub(super) fn into_members(self) -> (Option<Cow<'a, str>>, bool) {
        match self {
            Self::None => (None, false),
            Self::Text(text) => (Some(text), false),
            Self::Binary(bytes) => (Some(BASE64_STANDARD.encode(bytes).into()), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_rest_api_says_what_is_binary() {
        let check = |body: &[u8], is_binary: bool, expected: (Option<&str>, bool)| {
            let (text, encoded) = EventBody::by_kind(body, is_binary).into_members();
            assert_eq!((text.as_deref(), encoded), expected, "{body:?}");
        };
        check(b"", true, (None, false));
        check(b"", false, (None, false));
        check(b"text", false, (Some("text"), false));
        check(b"text", true, (Some("dGV4dA=="), true));
        check(b"\xff!", false, (Some("\u{fffd}!"), false));
        check(b"\xff", true, (Some("/w=="), true));
    }
}
