//! The files of code that functions and layers refer to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hearth_engine::work::WorkKind;
use hearth_model::faults::Disk;

use super::files::{Hash, Pin};
use crate::lambda::{Code, CodeNotKept, Functions};

impl Functions {
    /// Sees to it that there are files of code that something is about to refer to, if state survives.
    pub(in crate::lambda) async fn keep_code(&self, codes: Vec<Arc<Code>>) -> Result<Pin, CodeNotKept> {
        if !self.code_files().is_durable() {
            return Ok(Pin::default());
        }
        let room = self.engine().faults().check_disk(Disk::Code);
        room.map_err(|error| CodeNotKept { reason: error.to_string() })?;
        let _busy = self.engine().work().busy(WorkKind::Journal);
        let files = self.code_files().clone();
        let kept = tokio::task::spawn_blocking(move || files.keep(&codes));
        // A task that was not aborted can only fail by a panic, which is passed on.
        let kept = kept.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        kept.map_err(|error| CodeNotKept { reason: error.to_string() })
    }

    /// Removes the files of code to which nothing refers any more, as soon as it is kept that nothing does.
    pub(in crate::lambda) fn sweep_code(&self) {
        let Some(sweep) = self.code_files().sweep(|| self.used_code()) else { return };
        let engine = Arc::clone(self.engine());
        self.engine().work().spawn(WorkKind::Removal, async move {
            let _busy = engine.work().busy(WorkKind::Removal);
            // What is not removed now is when the next process starts.
            if engine.journal().kept().await.is_ok() {
                sweep.remove();
            }
        });
    }

    /// The hashes of all code that something refers to.
    fn used_code(&self) -> BTreeSet<Hash> {
        let entries: Vec<_> =
            self.directory().0.read().values().flat_map(BTreeMap::values).cloned().collect();
        let of_functions = entries.iter().flat_map(|entry| {
            entry.state().versions().flat_map(|version| version.content.codes()).collect::<Vec<_>>()
        });
        let layers = self.layers().read();
        let of_layers = layers.codes().cloned();
        of_functions.chain(of_layers).map(|code| code.digest().sha256).collect()
    }
}
