//! How events of rules and schedules get to their targets: at once, again if that fails for a reason that may pass, and to a
//! dead-letter queue in the end.

mod address;
mod deliveries;
mod failure;
mod kept;
mod parcel;
mod retries;

pub use self::retries::Retries;
pub(crate) use self::{
    address::{Elsewhere, TargetAddress},
    deliveries::Deliveries,
    failure::{Failure, FailureKind},
    parcel::{Parcel, Sender},
    retries::dead_letter_queue,
};
