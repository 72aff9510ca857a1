//! The control plane: what the operations of the Lambda API do, a file for each family of them.

mod aliases;
mod functions;
mod versions;

pub use self::{
    aliases::{Alias, AliasChange, AliasView},
    functions::{CodeChange, FunctionDescription, FunctionView, NewFunction},
    versions::Publication,
};
