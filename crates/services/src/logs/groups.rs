//! The log groups that exist.

use std::collections::{BTreeSet, HashMap};

use hearth_model::identity::Partition;
use parking_lot::Mutex;

use super::{GroupName, Refusal};

/// The log groups of all accounts and regions.
#[derive(Debug, Default)]
pub struct Logs {
    groups: Mutex<HashMap<Partition, BTreeSet<GroupName>>>,
}

impl Logs {
    /// `CreateLogGroup`.
    ///
    /// # Errors
    /// If the name is none, or there is such a group.
    pub fn create_group(&self, partition: &Partition, name: &str) -> Result<(), Refusal> {
        let name = GroupName::parse(name)?;
        if self.groups.lock().entry(partition.clone()).or_default().insert(name) {
            Ok(())
        } else {
            Err(Refusal::AlreadyExists("The specified log group already exists".into()))
        }
    }

    /// All groups, in the order of their names.
    #[must_use]
    pub fn groups(&self, partition: &Partition) -> Vec<GroupName> {
        let groups = self.groups.lock();
        groups.get(partition).into_iter().flatten().cloned().collect()
    }

    /// `DeleteLogGroup`.
    ///
    /// # Errors
    /// If the name is none, or there is no such group.
    pub fn delete_group(&self, partition: &Partition, name: &str) -> Result<(), Refusal> {
        let name = GroupName::parse(name)?;
        let mut groups = self.groups.lock();
        let existed = groups.get_mut(partition).is_some_and(|groups| groups.remove(&name));
        if existed { Ok(()) } else { Err(Refusal::group_not_found()) }
    }
}
