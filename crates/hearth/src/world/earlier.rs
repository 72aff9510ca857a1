//! What manifests declared when they were applied last: what one of them no longer declares at the next start is known by that.

use std::path::Path;

use hearth_engine::{
    journal::{Journal, NotLoaded, Stream},
    kept,
};
use serde::{Deserialize, Serialize};

use crate::{manifest::Manifest, terminal};

/// An entry for each manifest, by the name of its file: those of one folder share its state, and do not take each other's things
/// away.
const MANIFESTS: Stream = Stream("hearth.manifests");

#[derive(Serialize, Deserialize)]
enum ManifestDocument {
    V1 { text: String },
}

/// Notes what a manifest declares now.
pub(super) fn record(journal: &Journal, manifest: &Manifest) {
    if let Some(key) = key(manifest) {
        let document = ManifestDocument::V1 { text: manifest.text().to_owned() };
        journal.record(|change| change.put(MANIFESTS, key, kept::write(&document)));
    }
}

/// What the manifest of this name declared when it was applied last.
pub(super) fn load(journal: &Journal, manifest: &Manifest) -> Result<Option<Manifest>, NotLoaded> {
    let (wanted, mut found) = (key(manifest), None);
    journal.load(MANIFESTS, |key, value| {
        let ManifestDocument::V1 { text } = kept::read(value)?;
        if wanted.as_deref() == Some(key) {
            found = Some(text);
        }
        Ok(())
    })?;
    let earlier = found.and_then(|text| match Manifest::parse(Path::new("the manifest of before"), text) {
        Ok(earlier) => Some(earlier),
        Err(_) => {
            terminal::warn(
                "an earlier Hearth understood the manifest as it was then, and this one does not: what it no longer declares stays",
            );
            None
        }
    });
    Ok(earlier)
}

fn key(manifest: &Manifest) -> Option<Vec<u8>> {
    Some(manifest.path().file_name()?.to_string_lossy().into_owned().into_bytes())
}
