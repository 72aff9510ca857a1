//! What of functions survives the process: entries in the journal and files with code, and the functions that they become again.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `lambda.functions` | function, with `$LATEST`, aliases and all else but published versions | its name |
//! | `lambda.versions` | published version | the function's name, `/`, the version's number |
//! | `lambda.layers` | layer that there ever was: the number that was given last | its name |
//! | `lambda.layer_versions` | version of a layer, with its policy | the layer's name, `/`, the version's number |
//! | `lambda.mappings` | event source mapping | its identifier |
//!
//! Code lies in the subfolder `code`: a zip for each, named by its hash, which is there before an entry speaks of it
//! ([`CodeFiles`]). What is compiled is not kept here: the sandbox has a cache, and compiles again what is not in it.
//!
//! Events of asynchronous invocations are the engine's to keep. Messages in the batch of a mapping are their queue's: they are
//! visible again when their time has come.

mod code;
mod content;
mod files;
mod function;
mod inspection;
mod layers;
mod policy;
mod record;
mod restore;

use hearth_engine::journal::Stream;

const FUNCTIONS: Stream = Stream("lambda.functions");
const VERSIONS: Stream = Stream("lambda.versions");
const LAYERS: Stream = Stream("lambda.layers");
const LAYER_VERSIONS: Stream = Stream("lambda.layer_versions");

pub use self::inspection::inspect_code;
pub(super) use self::{
    files::{CodeFiles, Pin},
    layers::record_layer,
    record::{forget_function, record_function},
};

/// Reads what follows the prefix of a version's key: a name and its number.
fn read_number(rest: &[u8]) -> Option<(&[u8], u64)> {
    let (name, number) = rest.split_last_chunk()?;
    Some((name.strip_suffix(b"/")?, u64::from_be_bytes(*number)))
}
