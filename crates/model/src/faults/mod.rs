//! Things that go wrong because somebody wants them to: which, where, and when.
//!
//! What happens follows from the rules, their seeds and the order of the calls alone, so that a run can be repeated.

mod machine;
mod rule;

pub use self::{
    machine::{FaultId, FaultView, Faults, Injected, Point},
    rule::{Disk, Fault, FaultKind, FaultTarget, GivenFault, InvalidFault, Occurrence, Rule},
};
