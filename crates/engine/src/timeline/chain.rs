//! What led to what.

use std::collections::{HashMap, HashSet};

use hearth_model::work_id::WorkId;

use super::Event;

/// A piece of work with everything that led to it and everything that it led to, but not with what else its causes led to.
#[derive(Clone, Debug)]
pub struct Chain {
    causes: HashSet<WorkId>,
    /// The work itself, and what it led to.
    effects: HashSet<WorkId>,
}

impl Chain {
    /// The chain of a piece of work, as far as these events tell; they are in the order in which they happened.
    #[must_use]
    pub fn of(work: WorkId, events: &[Event]) -> Self {
        let mut chain = Self { causes: causes_of(work, events), effects: HashSet::from([work]) };
        for event in events {
            chain.has(event);
        }
        chain
    }

    /// Whether an event belongs to the chain. What the chain led to is known from the event on that tells of it.
    pub fn has(&mut self, event: &Event) -> bool {
        let Some(work) = event.subject.work else { return false };
        let work = work.id();
        if event.causes().any(|cause| self.effects.contains(&cause)) {
            self.effects.insert(work);
        }
        self.effects.contains(&work) || self.causes.contains(&work)
    }
}

/// All work that led to this.
fn causes_of(work: WorkId, events: &[Event]) -> HashSet<WorkId> {
    let mut direct: HashMap<WorkId, Vec<WorkId>> = HashMap::new();
    for event in events {
        if let Some(effect) = event.subject.work {
            direct.entry(effect.id()).or_default().extend(event.causes());
        }
    }
    let (mut causes, mut effects) = (HashSet::new(), vec![work]);
    while let Some(effect) = effects.pop() {
        let found = direct.get(&effect).into_iter().flatten().copied();
        effects.extend(found.filter(|cause| causes.insert(*cause)));
    }
    causes
}
