//! How much there is of what people have made.

use crate::services::Services;

/// How much there is of what people have made, in all accounts and regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Functions of Lambda.
    pub functions: usize,
    /// Queues.
    pub queues: usize,
    /// The messages in all of them, received or not.
    pub messages: usize,
    /// Buckets.
    pub buckets: usize,
}

impl Services {
    /// Counts what there is.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let (queues, messages) = self.queues().totals();
        Inventory { functions: self.functions().total(), queues, messages, buckets: self.buckets().total() }
    }
}
