//! What happens to recursive loops.
//!
//! Source: Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops"; the API reference.

use std::sync::Arc;

use hearth_model::{
    identity::Partition,
    reference::{FunctionReference, NameShape},
    validation::one_of,
};

use crate::lambda::{Functions, Refusal, entry::Entry};

/// What happens when a function is invoked in a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecursiveLoop {
    /// Nothing: it goes on.
    Allow,
    /// The function is not invoked any more.
    #[default]
    Terminate,
}

impl RecursiveLoop {
    /// Reads the name.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        Ok(one_of("recursiveLoop", name, &[Self::Allow, Self::Terminate], Self::as_str)?)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Terminate => "Terminate",
        }
    }
}

impl Functions {
    /// `GetFunctionRecursionConfig`.
    ///
    /// # Errors
    /// If there is no such function, or a version or alias is named.
    pub fn recursive_loop(&self, partition: &Partition, name: &str) -> Result<RecursiveLoop, Refusal> {
        Ok(self.whole_function(partition, name)?.state().recursive_loop)
    }

    /// `PutFunctionRecursionConfig`. Holds from the next invocation on.
    ///
    /// # Errors
    /// As [`recursive_loop`](Self::recursive_loop).
    pub fn set_recursive_loop(
        &self,
        partition: &Partition,
        name: &str,
        recursive_loop: RecursiveLoop,
    ) -> Result<(), Refusal> {
        self.whole_function(partition, name)?.state().recursive_loop = recursive_loop;
        Ok(())
    }

    fn whole_function(&self, partition: &Partition, name: &str) -> Result<Arc<Entry>, Refusal> {
        FunctionReference::parse(NameShape::Unqualified, name, None)?;
        Ok(self.entry_to_change(partition, name)?.1)
    }
}
