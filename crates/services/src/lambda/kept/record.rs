//! What has changed of a function, as entries.

use hearth_engine::{
    Function,
    journal::{Change, Journal},
};

use super::{
    FUNCTIONS, VERSIONS,
    content::{VersionDocument, VersionV1},
    function::{FunctionDocument, FunctionV1},
};
use crate::{
    kept::{prefix, write},
    lambda::entry::State,
};

/// Tells the journal what a function is now.
pub(in crate::lambda) fn record_function(journal: &Journal, function: &Function, state: &mut State) {
    let unrecorded = state.published.take_unrecorded();
    journal.record(|change| {
        let document = FunctionDocument::V1(FunctionV1::of(function.id(), state));
        change.put(FUNCTIONS, key(function), write(&document));
        for number in unrecorded {
            record_version(function, state, number, change);
        }
    });
}

/// Tells the journal that there is no such function any more.
pub(in crate::lambda) fn forget_function(journal: &Journal, function: &Function) {
    journal.record(|change| {
        change.remove(FUNCTIONS, key(function));
        change.remove_all(VERSIONS, versions_key(function));
    });
}

fn record_version(function: &Function, state: &State, number: u64, change: &mut Change) {
    let mut key = versions_key(function);
    key.extend(number.to_be_bytes());
    match state.published.get(&number) {
        Some(version) => change.put(VERSIONS, key, write(&VersionDocument::V1(VersionV1::of(version)))),
        None => change.remove(VERSIONS, key),
    }
}

fn key(function: &Function) -> Vec<u8> {
    let mut key = prefix(function.partition());
    key.extend(function.name().as_bytes());
    key
}

fn versions_key(function: &Function) -> Vec<u8> {
    let mut key = key(function);
    key.push(b'/');
    key
}
