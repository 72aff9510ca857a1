//! The timeline, drawn for people.

mod entry;
mod line;
mod tree;

pub(crate) use self::{entry::Entry, line::lines, tree::trees};
