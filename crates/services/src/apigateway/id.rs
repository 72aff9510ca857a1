//! Identifiers: lower-case letters and digits.

use std::{borrow::Borrow, fmt};

use hearth_engine::random::random_number;

/// What tells an API from all others, of every account and region: the first part of its host name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiId(Box<str>);

impl ApiId {
    /// The text of the one that a manifest's API has, so that people know where to call it.
    pub const MANIFEST: &str = "hearth";
    /// The text of the one that a manifest's WebSocket API has.
    pub const MANIFEST_WEBSOCKET: &str = "hearth-websocket";

    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(random_id(10).into())
    }

    /// The one of the API that a manifest declares.
    #[must_use]
    pub fn manifest() -> Self {
        Self(Self::MANIFEST.into())
    }

    /// The one of the WebSocket API that a manifest declares.
    #[must_use]
    pub fn manifest_websocket() -> Self {
        Self(Self::MANIFEST_WEBSOCKET.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ApiId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Borrow<str> for ApiId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An identifier of something within an API, of this length.
pub(in crate::apigateway) fn random_id(length: usize) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut bits = random_number();
    let next = |_| {
        let digit = bits % 36;
        bits /= 36;
        char::from(ALPHABET[usize::try_from(digit).expect("it is less than 36")])
    };
    (0..length).map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_can_be_parts_of_host_names() {
        let id = ApiId::random();
        assert_eq!(id.as_str().len(), 10);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
        assert_ne!(ApiId::random(), id);
    }
}
