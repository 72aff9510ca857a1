//! Documents as CBOR.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use ciborium::Value;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value as Json};

use crate::rpc::RpcError;

/// Reads a document; no body at all is an empty one.
///
/// What is read is what JSON would have had, so that documents need no second form: numbers may be written as any kind of
/// number, moments are numbers, and bytes are base64.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    let document = if body.is_empty() { Ok(Value::Map(Vec::new())) } else { ciborium::from_reader(body) };
    let document = document.map_err(|error| RpcError::serialization(format!("no CBOR: {error}")))?;
    serde_json::from_value(json(document)?).map_err(|error| RpcError::serialization(error.to_string()))
}

/// Writes a document.
pub(crate) fn write(document: &impl Serialize) -> Bytes {
    let mut bytes = Vec::new();
    ciborium::into_writer(document, &mut bytes).expect("memory takes everything");
    bytes.into()
}

fn json(value: Value) -> Result<Json, RpcError> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Text(text) => Json::String(text),
        Value::Bytes(bytes) => Json::String(BASE64_STANDARD.encode(bytes)),
        Value::Integer(integer) => match i128::from(integer) {
            integer if let Ok(integer) = i64::try_from(integer) => integer.into(),
            integer => u64::try_from(integer).map_err(|_| unfit("an integer"))?.into(),
        },
        // What is no number is a text in JSON.
        Value::Float(float) if float.is_nan() => Json::String("NaN".to_owned()),
        Value::Float(float) if float.is_infinite() => {
            Json::String(if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned())
        }
        Value::Float(float) => Number::from_f64(float).map_or(Json::Null, Json::Number),
        Value::Tag(_, value) => json(*value)?,
        Value::Array(items) => Json::Array(items.into_iter().map(json).collect::<Result<_, _>>()?),
        Value::Map(members) => {
            let member = |(name, value): (Value, Value)| {
                let name = name.into_text().map_err(|_| unfit("the name of a member"))?;
                Ok::<_, RpcError>((name, json(value)?))
            };
            Json::Object(members.into_iter().map(member).collect::<Result<Map<_, _>, _>>()?)
        }
        _ => return Err(unfit("a value")),
    })
}

fn unfit(what: &str) -> RpcError {
    RpcError::serialization(format!("{what} in the document is none that the protocol has"))
}

#[cfg(test)]
mod tests {
    use std::f64;

    use hearth_model::time::Timestamp;
    use serde::Deserialize;

    use super::*;
    use crate::rpc::{WireDouble, WireTimestamp};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Document {
        #[serde(default)]
        at: Option<WireTimestamp>,
        #[serde(default)]
        value: Option<WireDouble>,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        items: Vec<i64>,
    }

    fn document(bytes: &[u8]) -> Result<Document, String> {
        read(bytes).map_err(|error| error.message.into_owned())
    }

    #[test]
    fn moments_are_tagged_numbers() {
        let at = WireTimestamp(Timestamp::from_unix_millis(1_500));
        // Tag 1, and 1.5 in the shortest form that holds it.
        assert_eq!(write(&at)[..], [0xc1, 0xf9, 0x3e, 0]);
        let read = |number: &[u8]| document(&[b"\xa1\x62at\xc1", number].concat()).expect("a document").at;
        assert_eq!(read(b"\xfb\x3f\xf8\0\0\0\0\0\0"), Some(at), "a double");
        assert_eq!(read(b"\xf9\x3e\x00"), Some(at), "a half");
        assert_eq!(read(b"\x02"), Some(WireTimestamp(Timestamp::from_unix_millis(2_000))), "an integer");
        assert_eq!(
            read(b"\x20"),
            Some(WireTimestamp(Timestamp::from_unix_millis(-1_000))),
            "a negative integer"
        );
    }

    #[test]
    fn numbers_may_be_any_kind_of_number_or_none() {
        let read = |number: &[u8]| {
            document(&[b"\xa1\x65value", number].concat()).expect("a document").value.expect("a value").0
        };
        assert_eq!(read(b"\x05"), 5.0);
        assert_eq!(read(b"\x38\x63"), -100.0);
        assert_eq!(read(b"\xfa\x3f\xc0\0\0"), 1.5);
        assert_eq!(read(b"\xf9\x7c\x00"), f64::INFINITY);
        assert!(read(b"\xf9\x7e\x00").is_nan());
    }

    #[test]
    fn lengths_may_be_told_at_the_end() {
        let read =
            document(b"\xbf\x64name\x7f\x61a\x61b\xff\x65items\x9f\x01\x02\xff\xff").expect("a document");
        assert_eq!((read.name.as_deref(), &read.items[..]), (Some("ab"), &[1, 2][..]));
        assert_eq!(document(b"").expect("an empty document").name, None);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bytes in
            [&b"\xa1"[..], b"\x64name", b"\xa1\x01\x01", b"\xa1\x64name\x01", b"\xff", &[0x81; 100_000]]
        {
            assert!(document(bytes).is_err(), "{bytes:?}");
        }
        let length = document(b"\xa1\x65items\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01");
        assert!(length.is_err(), "a list that says it is huge");
    }
}
