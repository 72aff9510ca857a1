//! All connections.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Closing, Connection};

/// The connections that are open, of all WebSocket APIs.
#[derive(Debug)]
pub(in crate::apigateway::v2) struct Connections {
    open: RwLock<HashMap<String, Arc<Connection>>>,
    room: Arc<Semaphore>,
}

/// Why nobody can do anything with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoConnection {
    /// The identifier is none.
    #[error("no connection has such an identifier")]
    Invalid,
    /// There is none, or no more.
    #[error("there is no such connection, or no more")]
    Gone,
    /// It is another account's.
    #[error("the connection belongs to another account")]
    Forbidden,
}

impl Connections {
    /// The most connections that are open at once. The gateway has a few thousand more than that, so that those who post to
    /// connections get through.
    const MOST: usize = 12_288;

    /// Room for another one; `None` if there are too many.
    pub(super) fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_owned().ok()
    }

    pub(super) fn add(&self, connection: &Arc<Connection>) {
        self.open.write().insert(connection.id().to_owned(), Arc::clone(connection));
    }

    pub(super) fn remove(&self, id: &str) {
        self.open.write().remove(id);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Connection>> {
        self.open.read().get(id).cloned()
    }

    /// Closes those that lead to what is not there any more.
    pub(in crate::apigateway::v2) fn close(&self, is_meant: impl Fn(&Connection) -> bool) {
        for connection in self.open.read().values().filter(|connection| is_meant(connection)) {
            connection.close(Closing::GOING_AWAY);
        }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self { open: RwLock::default(), room: Arc::new(Semaphore::new(Self::MOST)) }
    }
}
