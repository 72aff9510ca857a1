//! Who makes the load, and knows what must be there afterwards.

use std::net::SocketAddr;

use crate::http::Unknown;

/// A client of some service: the only one who changes what it looks after, so that it knows what must be there.
///
/// What was answered with success is done; what got no answer is done or not, and found to be so at the next check.
pub(crate) trait Client: Send {
    /// Makes what it needs, on a Hearth in which nothing is yet.
    fn begin(&mut self, server: SocketAddr);

    /// Does something, which counts as acknowledged unless the process dies before it answers.
    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown>;

    /// Compares what is there with what was acknowledged, after each start but the first; nobody kills anything meanwhile.
    fn check(&mut self, server: SocketAddr);
}
