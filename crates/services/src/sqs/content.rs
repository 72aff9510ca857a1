//! What a message says.

use std::fmt;

use bytes::Bytes;
use hearth_model::identity::AccountId;
use md5::{Digest, Md5 as Hasher};

/// What a message says, beside what the queue knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The text.
    pub body: Box<str>,
    /// Its digest.
    pub body_md5: Md5,
    /// The attributes that the sender gave it, in the order of their names.
    pub attributes: Box<[MessageAttribute]>,
    /// The X-Ray trace header that the sender gave it.
    pub trace_header: Option<Box<str>>,
    /// Who sent it.
    pub sender: AccountId,
}

/// An attribute that a sender gives to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageAttribute {
    /// Its name.
    pub name: Box<str>,
    /// Its type: `String`, `Number` or `Binary`, perhaps with a dot and a label of the sender's.
    pub data_type: Box<str>,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// A text, or a number as text.
    Text(Box<str>),
    /// Anything.
    Binary(Bytes),
}

/// An MD5 digest, shown in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Md5([u8; 16]);

impl MessageAttribute {
    /// How many bytes of a message's size it takes.
    pub(super) fn bytes(&self) -> usize {
        self.name.len() + self.data_type.len() + self.value.as_bytes().len()
    }
}

impl AttributeValue {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl Md5 {
    pub(super) const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The digest of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Hasher::digest(text.as_bytes()).into())
    }

    /// The digest of attributes that come in the order of their names; `None` if there are none.
    ///
    /// Source: SQS developer guide, "Calculating the MD5 message digest for message attributes".
    #[must_use]
    pub fn of_attributes<'a>(attributes: impl IntoIterator<Item = &'a MessageAttribute>) -> Option<Self> {
        let mut attributes = attributes.into_iter().peekable();
        attributes.peek()?;
        let mut hasher = Hasher::new();
        for MessageAttribute { name, data_type, value } in attributes {
            add(&mut hasher, name.as_bytes());
            add(&mut hasher, data_type.as_bytes());
            hasher.update(match value {
                AttributeValue::Text(_) => [1],
                AttributeValue::Binary(_) => [2],
            });
            add(&mut hasher, value.as_bytes());
        }
        Some(Self(hasher.finalize().into()))
    }
}

impl fmt::Display for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Adds the length of a part and the part.
fn add(hasher: &mut Hasher, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("a message has no more than a mebibyte");
    hasher.update(length.to_be_bytes());
    hasher.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, data_type: &str, value: &str) -> MessageAttribute {
        MessageAttribute {
            name: name.into(),
            data_type: data_type.into(),
            value: AttributeValue::Text(value.into()),
        }
    }

    fn md5_of(attributes: &[MessageAttribute]) -> String {
        Md5::of_attributes(attributes).map(|md5| md5.to_string()).unwrap_or_default()
    }

    #[test]
    fn digests_are_those_of_aws() {
        assert_eq!(Md5::of("message").to_string(), "78e731027d8fd50ed642340b7c9a63b3");
        assert_eq!(md5_of(&[]), "");
        let three = [
            text("General", "String", "Kenobi"),
            text("Hello", "String", "There"),
            text("Help.Me", "String", "Me"),
        ];
        assert_eq!(md5_of(&three), "4c360f3fdafd970e05fae2f149d997f5");
        assert_eq!(
            md5_of(&[text("timestamp", "Number", "1493147359900")]),
            "235c5c510d26fb653d073faed50ae77c"
        );
        let value = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let binary = MessageAttribute {
            name: "attr1".into(),
            data_type: "Binary".into(),
            value: AttributeValue::Binary(Bytes::from_static(value)),
        };
        assert_eq!(md5_of(&[binary]), "8cbe4db156db8a94db8b801b7addb984");
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        assert_eq!(md5_of(&[text("AWSTraceHeader", "String", header)]), "5ae4d5d7636402d80f4eb6d213245a88");
    }
}
