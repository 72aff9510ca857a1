//! Layers, as they are written and read.

use hearth_engine::journal::{Journal, Unreadable};
use hearth_model::{identity::Partition, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    LAYER_VERSIONS, LAYERS,
    content::Codes,
    files::Hash,
    policy::{PolicyV1, read_policy, write_policy},
    read_number,
};
use crate::{
    kept::{prefix, read, read_prefix, unreadable, write},
    lambda::{
        LayerName, LayerNotes, LayerVersion, RevisionId,
        operations::{Layer, LayerPolicy, Layers},
    },
};

/// The number that was given last.
#[derive(Serialize, Deserialize)]
enum LayerDocument {
    V1(u64),
}

#[derive(Serialize, Deserialize)]
pub(super) enum LayerVersionDocument {
    V1(LayerVersionV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct LayerVersionV1 {
    pub(super) code: Hash,
    description: Option<String>,
    license: Option<String>,
    runtimes: Vec<String>,
    architectures: Vec<String>,
    created: i64,
    policy: Option<(PolicyV1, [u8; 16])>,
}

/// Tells the journal what a layer's version is now, or that there is none any more.
pub(in crate::lambda) fn record_layer(
    journal: &Journal,
    partition: &Partition,
    name: &LayerName,
    layer: &Layer,
    number: u64,
) {
    journal.record(|change| {
        let mut key = prefix(partition);
        key.extend(name.to_string().into_bytes());
        change.put(LAYERS, key.clone(), write(&LayerDocument::V1(layer.last)));
        key.push(b'/');
        key.extend(number.to_be_bytes());
        match layer.versions.get(&number) {
            Some(version) => {
                let document = LayerVersionV1::of(version, layer.policies.get(&number));
                change.put(LAYER_VERSIONS, key, write(&LayerVersionDocument::V1(document)));
            }
            None => change.remove(LAYER_VERSIONS, key),
        }
    });
}

/// Reads an entry about a layer.
pub(super) fn read_layer(layers: &mut Layers, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
    let (partition, name) = read_prefix(key)?;
    let name = layer_name(name)?;
    let LayerDocument::V1(last) = read(value)?;
    layers.layer_or_new(&partition, &name).last = last;
    Ok(())
}

/// Reads an entry about a layer's version.
pub(super) fn read_layer_version(
    layers: &mut Layers,
    codes: &mut Codes<'_>,
    key: &[u8],
    value: &[u8],
) -> Result<(), Unreadable> {
    let (partition, rest) = read_prefix(key)?;
    let (name, number) =
        read_number(rest).ok_or_else(|| unreadable("its key names no version of a layer"))?;
    let name = layer_name(name)?;
    let LayerVersionDocument::V1(document) = read(value)?;
    let LayerVersionV1 { code, description, license, runtimes, architectures, created, policy } = document;
    let layer = layers.layer_or_new(&partition, &name);
    let version = LayerVersion {
        partition,
        name,
        number,
        code: codes.find(code),
        notes: LayerNotes { description, license, runtimes, architectures },
        created: Timestamp::from_unix_nanos(created),
    };
    layer.versions.insert(number, version);
    if let Some((policy, revision)) = policy {
        let policy = LayerPolicy { policy: read_policy(policy), revision: RevisionId::from_bytes(revision) };
        layer.policies.insert(number, policy);
    }
    Ok(())
}

impl LayerVersionV1 {
    fn of(version: &LayerVersion, policy: Option<&LayerPolicy>) -> Self {
        let LayerNotes { description, license, runtimes, architectures } = version.notes.clone();
        Self {
            code: version.code.digest().sha256,
            description,
            license,
            runtimes,
            architectures,
            created: version.created.as_unix_nanos(),
            policy: policy
                .map(|LayerPolicy { policy, revision }| (write_policy(policy), revision.to_bytes())),
        }
    }
}

fn layer_name(text: &[u8]) -> Result<LayerName, Unreadable> {
    let name = str::from_utf8(text).ok().and_then(LayerName::parse);
    name.ok_or_else(|| unreadable("its key names no layer"))
}
