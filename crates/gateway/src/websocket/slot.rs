//! Where a socket waits until its HTTP connection is over.

use hearth_services::apigateway::v2::Session;
use hyper::upgrade::OnUpgrade;
use parking_lot::Mutex;

use crate::control::StreamEnd;

/// Holds what an HTTP connection becomes when its last request was answered, if anything.
#[derive(Default)]
pub(crate) struct SocketSlot(Mutex<Option<Upgrade>>);

/// A socket to be.
pub(super) struct Upgrade {
    /// The connection's bytes.
    pub(super) stream: OnUpgrade,
    /// What goes on there.
    pub(super) session: Session,
    /// When it is over, whatever the client does.
    pub(super) end: StreamEnd,
}

impl SocketSlot {
    pub(super) fn put(&self, upgrade: Upgrade) {
        *self.0.lock() = Some(upgrade);
    }

    pub(super) fn take(&self) -> Option<Upgrade> {
        self.0.lock().take()
    }
}
