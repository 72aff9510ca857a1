//! How services write what is kept of them, and read it: as the engine does.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use hearth_engine::journal::{Journal, Stream, Unreadable};
pub(crate) use hearth_engine::kept::{prefix, read, read_prefix, unreadable, write};
use hearth_model::identity::Partition;

/// What the journal has of something whose entries are few: of a change of any of them, only what differs is recorded.
#[derive(Debug, Default)]
pub(crate) struct Ledger(HashMap<(Stream, Vec<u8>), u64>);

impl Ledger {
    /// These are all entries, and the journal has them.
    pub(crate) fn know(&mut self, entries: Vec<(Stream, Vec<u8>, Vec<u8>)>) {
        self.0 = entries.into_iter().map(|(stream, key, value)| ((stream, key), digest(&value))).collect();
    }

    /// These are all entries now.
    pub(crate) fn record(&mut self, journal: &Journal, entries: Vec<(Stream, Vec<u8>, Vec<u8>)>) {
        let mut before = std::mem::take(&mut self.0);
        journal.record(|change| {
            for (stream, key, value) in entries {
                let (place, digest) = ((stream, key), digest(&value));
                if before.remove(&place) != Some(digest) {
                    change.put(stream, place.1.clone(), value);
                }
                self.0.insert(place, digest);
            }
            for (stream, key) in before.into_keys() {
                change.remove(stream, key);
            }
        });
    }
}

fn digest(value: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The key of what has a name in a partition.
pub(crate) fn named_key(partition: &Partition, name: &str) -> Vec<u8> {
    [&*prefix(partition), name.as_bytes()].concat()
}

/// Reads the key of what has a name.
pub(crate) fn read_named_key(key: &[u8]) -> Result<(Partition, &str), Unreadable> {
    let (partition, name) = read_prefix(key)?;
    let name = str::from_utf8(name).map_err(|_| unreadable("its key has a name that is no text"))?;
    Ok((partition, name))
}

/// How times are kept: in nanoseconds since 1970.
pub(crate) mod unix_nanos {
    use hearth_model::time::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.as_unix_nanos())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_unix_nanos)
    }
}
