//! CloudWatch Logs, as far as users of Lambda need it: log groups.

mod groups;
mod name;
mod refusal;

pub use self::{groups::Logs, name::GroupName, refusal::Refusal};
