//! Where functions are found, by those who invoke them and by the engine.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use hearth_engine::{Function, port::Aliases};
use hearth_model::{
    identity::{FunctionName, Partition, Version},
    reference::{AliasName, Qualifier},
};
use parking_lot::RwLock;

use super::entry::Entry;

/// The functions of all accounts and regions.
#[derive(Default)]
pub(crate) struct Directory(pub(super) RwLock<HashMap<Partition, BTreeMap<FunctionName, Arc<Entry>>>>);

impl Aliases for Directory {
    fn resolve(&self, function: &Function, alias: &AliasName) -> Option<Version> {
        let name = FunctionName::parse(function.name()).ok()?;
        let by_partition = self.0.read();
        let entry = by_partition.get(function.partition())?.get(&name)?;
        entry.state().choose(&Qualifier::Alias(alias.clone()), || function.draw())
    }
}
