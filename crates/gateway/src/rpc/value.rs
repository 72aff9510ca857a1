//! Members whose form depends on the protocol.

use std::fmt;

use ciborium::tag::Required;
use hearth_model::time::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// A moment: seconds since the epoch in JSON, the same with the tag 1 in CBOR, and text after ISO 8601 in the Query
/// protocol, whose XML makes it out of CBOR's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireTimestamp(pub(crate) Timestamp);

/// A number that may be none: JSON writes those as text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WireDouble(pub(crate) f64);

/// What tells moments from numbers in CBOR (RFC 8949, section 3.4.2).
pub(crate) const EPOCH_TAG: u64 = 1;

impl Serialize for WireTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "microseconds stay exact for centuries")]
        let seconds = self.0.as_unix_millis() as f64 / 1_000.0;
        if serializer.is_human_readable() {
            serializer.serialize_f64(seconds)
        } else {
            Required::<_, EPOCH_TAG>(seconds).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for WireTimestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;

        impl Visitor<'_> for Moment {
            type Value = WireTimestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a timestamp")
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<WireTimestamp, E> {
                #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
                let millis = (seconds * 1_000.0).round() as i64;
                Ok(WireTimestamp(Timestamp::from_unix_millis(millis)))
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<WireTimestamp, E> {
                Ok(WireTimestamp(Timestamp::from_unix_millis(seconds.saturating_mul(1_000))))
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<WireTimestamp, E> {
                self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<WireTimestamp, E> {
                let at: jiff::Timestamp =
                    text.parse().map_err(|_| E::custom(format_args!("`{text}` is not a timestamp")))?;
                Ok(WireTimestamp(Timestamp::from_unix_millis(at.as_millisecond())))
            }
        }

        deserializer.deserialize_any(Moment)
    }
}

impl<'de> Deserialize<'de> for WireDouble {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Double;

        impl Visitor<'_> for Double {
            type Value = WireDouble;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<WireDouble, E> {
                Ok(WireDouble(value))
            }

            #[expect(clippy::cast_precision_loss, reason = "that is what a double does")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<WireDouble, E> {
                Ok(WireDouble(value as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "that is what a double does")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<WireDouble, E> {
                Ok(WireDouble(value as f64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<WireDouble, E> {
                text.parse().map(WireDouble).map_err(|_| E::custom(format_args!("`{text}` is not a number")))
            }
        }

        deserializer.deserialize_any(Double)
    }
}
