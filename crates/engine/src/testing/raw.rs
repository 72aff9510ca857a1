//! Entries that nobody has written.

use std::{
    path::Path,
    sync::atomic::{AtomicU8, Ordering},
};

use crate::{
    journal::{Change, NotKept, NotLoaded, Storage, Stream, Unreadable, Visitor},
    port::BoxFuture,
};

/// A storage in which anything may be, and which keeps nothing: what loads from it may refuse it, but not panic.
#[derive(Debug, Default)]
pub struct RawEntries {
    /// By the number of the stream to which each belongs, in the order in which they are asked for.
    entries: Vec<(u8, Vec<u8>, Vec<u8>)>,
    asked: AtomicU8,
}

/// How the keys of most streams begin.
const PREFIX: &[u8] = b"000000000000/us-east-1/";

impl RawEntries {
    /// Reads entries from bytes, any of which make some: twice the number of the stream, and one more if the key begins as most do;
    /// the length of what follows in the key; the length of the value, in two bytes; both.
    #[must_use]
    pub fn parse(mut bytes: &[u8]) -> Self {
        let mut entries = Vec::new();
        while let [stream, key_length, low, high, rest @ ..] = bytes {
            let (key, rest) = rest.split_at(rest.len().min((*key_length).into()));
            let value_length = u16::from_le_bytes([*low, *high]);
            let (value, rest) = rest.split_at(rest.len().min(value_length.into()));
            let prefix = if stream % 2 == 1 { PREFIX } else { &[] };
            entries.push((stream / 2, [prefix, key].concat(), value.to_vec()));
            bytes = rest;
        }
        Self { entries, asked: AtomicU8::new(0) }
    }
}

impl Storage for RawEntries {
    fn append(&self, _: Change) {}

    fn is_failing(&self) -> bool {
        false
    }

    fn kept(&self) -> BoxFuture<'_, Result<(), NotKept>> {
        Box::pin(async { Ok(()) })
    }

    fn folder(&self) -> Option<&Path> {
        None
    }

    fn load(&self, stream: Stream, visit: &mut Visitor<'_>) -> Result<(), NotLoaded> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        for (_, key, value) in self.entries.iter().filter(|(of, ..)| *of == number) {
            visit(key, value)
                .map_err(|Unreadable { reason }| NotLoaded { reason: format!("`{}`: {reason}", stream.0) })?;
        }
        Ok(())
    }
}
