//! JSON, written piece by piece.

use std::borrow::Cow;

use serde::Serialize;

use super::text;

/// JSON on its way. Most of an event is the same every time; to write that as it stands is quicker than to serialize a document.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Writes a piece of JSON as it is.
    pub(super) fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// Writes a text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.raw("\"").inner(text).raw("\"")
    }

    /// Writes what stands between the quotation marks of a text.
    pub(super) fn inner(&mut self, text: &str) -> &mut Self {
        text::write(&mut self.0, text);
        self
    }

    /// Writes the same of a text of ASCII in which nothing has to be escaped, such as a name or an identifier.
    pub(super) fn plain(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        let text = text.as_ref();
        debug_assert!(text.is_ascii() && str::from_utf8(text).is_ok_and(text::is_plain), "{text:?}");
        self.0.extend_from_slice(text);
        self
    }

    /// Writes anything else.
    pub(super) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> &mut Self {
        serde_json::to_writer(&mut self.0, value).expect("numbers and texts can be written as JSON");
        self
    }

    /// Writes an object whose members are texts.
    pub(super) fn texts<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        members: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        self.object(members, |json, name| json.inner(name.as_ref()))
    }

    /// Writes headers, in whose names nothing has to be escaped.
    pub(super) fn headers<'a>(
        &mut self,
        headers: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    ) -> &mut Self {
        self.object(headers, Self::plain)
    }

    fn object<K, V: AsRef<str>>(
        &mut self,
        members: impl IntoIterator<Item = (K, V)>,
        write_name: impl Fn(&mut Self, K) -> &mut Self,
    ) -> &mut Self {
        let mut start = "{\"";
        for (name, value) in members {
            self.raw(start);
            write_name(self, name).raw("\":\"").inner(value.as_ref());
            start = "\",\"";
        }
        self.raw(if start == "{\"" { "{}" } else { "\"}" })
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_written_as_a_serializer_does(
            members in prop::collection::btree_map("(?s).{0,4}", "[\u{0}-\u{7f}\u{e4}]{0,80}", 0..4),
        ) {
            let mut writer = Writer::with_capacity(0);
            writer.texts(&members);
            prop_assert_eq!(writer.into_bytes(), serde_json::to_vec(&members).expect("JSON"));
        }

        #[test]
        fn headers_are_written_as_texts_are(headers in prop::collection::btree_map("[!#-\\[\\]-~]{0,4}", any::<String>(), 0..4)) {
            let mut writer = Writer::with_capacity(0);
            writer.headers(headers.iter().map(|(name, value)| (&**name, value.into())));
            prop_assert_eq!(writer.into_bytes(), serde_json::to_vec(&headers).expect("JSON"));
        }
    }
}
