//! Where the end of an asynchronous invocation is told, and in which words.
//!
//! Two things may be configured for a failure, and each gets its own if both are: the *on-failure destination* a record of the
//! invocation with request and response, and the *dead-letter queue* the event as it came, with attributes that say why. A
//! success can only have a destination.
//!
//! Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"; recorded answers.

mod dead_letter;
mod record;
mod response;
mod target;

pub use dead_letter::DeadLetterAttributes;
pub use record::{InvocationRecord, RequestContext, ResponseContext};
pub use response::LastResponse;
pub use target::{Destination, DestinationService, InvalidDestination};
