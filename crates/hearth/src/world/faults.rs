//! The faults that a manifest wants.

use hearth_model::faults::{FaultId, Rule};
use hearth_services::Services;
use parking_lot::Mutex;

use super::{Change, change::failed};
use crate::manifest::Manifest;

/// The rules of the manifest; those that others add are not among them.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Declared>);

#[derive(Debug, Default)]
struct Declared {
    rules: Vec<Rule>,
    ids: Vec<FaultId>,
}

impl Faults {
    /// Makes the rules those of a manifest. As long as it says the same, they go on counting. Returns which of them cannot be.
    pub(super) fn set(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let faults = services.engine().faults();
        let (mut wanted, mut changes) = (Vec::with_capacity(manifest.faults.len()), Vec::new());
        for fault in &manifest.faults {
            match faults.check(&fault.rule) {
                Ok(()) => wanted.push(fault.rule.clone()),
                Err(error) => {
                    let kind = fault.rule.fault.kind();
                    changes.push(failed(manifest, &kind, &fault.place, error.to_string()));
                }
            }
        }
        let mut declared = self.0.lock();
        if declared.rules != wanted {
            for id in declared.ids.drain(..) {
                faults.remove(id);
            }
            declared.ids = wanted.iter().map(|rule| faults.add(rule.clone())).collect();
            declared.rules = wanted;
        }
        changes
    }
}
