//! JSON, written piece by piece.

use serde::Serialize;

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
        // Without a branch for each byte, so that many are looked at together.
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if text.bytes().fold(false, |any, byte| any | is_special(byte)) {
            return self.value(text);
        }
        self.0.reserve(text.len() + 2);
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
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
        let mut separator = "{";
        for (name, value) in members {
            self.raw(separator).text(name.as_ref()).raw(":").text(value.as_ref());
            separator = ",";
        }
        self.raw(if separator == "{" { "{}" } else { "}" })
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_written_as_a_serializer_does(members: BTreeMap<String, String>) {
            let mut writer = Writer::with_capacity(0);
            writer.texts(&members);
            prop_assert_eq!(writer.into_bytes(), serde_json::to_vec(&members).expect("JSON"));
        }
    }
}
