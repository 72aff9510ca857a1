//! The faults that a manifest wants.

use hearth_model::faults::{FaultId, Rule};
use hearth_services::Services;
use parking_lot::Mutex;

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
    /// Makes the rules those of a manifest. As long as it says the same, they go on counting.
    pub(super) fn set(&self, services: &Services, manifest: &Manifest) {
        let faults = services.engine().faults();
        let mut declared = self.0.lock();
        if declared.rules == manifest.faults {
            return;
        }
        for id in declared.ids.drain(..) {
            faults.remove(id);
        }
        declared.ids = manifest.faults.iter().map(|rule| faults.add(rule.clone())).collect();
        declared.rules.clone_from(&manifest.faults);
    }
}
