//! Where clients and owners of WebSocket APIs go.

use std::sync::Arc;

use hearth_model::{
    http_route::decode_path,
    identity::{AccountId, Region},
};

use super::{Connection, NoConnection};
use crate::apigateway::v2::{Api, Apis, Stage, live::LiveStage};

/// A stage of a WebSocket API.
#[derive(Debug)]
pub struct SocketPlace {
    pub(super) api: Arc<Api>,
    pub(super) stage: Arc<LiveStage>,
    connection: Option<String>,
}

impl SocketPlace {
    /// What is between a stage and the identifier of a connection, in the paths for those who post to connections.
    pub const CONNECTIONS: &str = "/@connections/";

    /// The identifier of the connection that the path names; without one, a client wants to connect.
    #[must_use]
    pub fn connection(&self) -> Option<&str> {
        self.connection.as_deref()
    }

    /// Where the API is.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.api.partition().region
    }
}

impl Apis {
    /// Where a path of a WebSocket API leads: to the stage that it names first, otherwise to the one whose name is in no path, or
    /// to a connection there.
    #[must_use]
    pub fn locate_socket(&self, id: &str, path: &str) -> Option<SocketPlace> {
        let api = self.find(id).filter(|api| api.is_websocket())?;
        let live = Some(api.live()).filter(|live| !live.is_disabled)?;
        let path = decode_path(path);
        let named = path.strip_prefix('/').unwrap_or(&path);
        let (name, rest) = named.split_at(named.find('/').unwrap_or(named.len()));
        let (stage, rest) = match live.stage(name) {
            Some(stage) => (stage, rest),
            None => (live.stage(Stage::DEFAULT)?, &*path),
        };
        let connection = match rest {
            "" | "/" => None,
            _ => Some(rest.strip_prefix(SocketPlace::CONNECTIONS)?.to_owned()),
        };
        Some(SocketPlace { stage: Arc::clone(stage), api, connection })
    }

    /// The connection of an identifier, for an account; at a place, or wherever it is.
    ///
    /// # Errors
    /// If there is none, or it is another account's.
    pub fn connection(
        &self,
        place: Option<&SocketPlace>,
        id: &str,
        caller: AccountId,
    ) -> Result<Arc<Connection>, NoConnection> {
        if place.is_some_and(|place| place.api.partition().account != caller) {
            return Err(NoConnection::Forbidden);
        }
        if !is_identifier(id) {
            return Err(NoConnection::Invalid);
        }
        let connection = self.connections().find(id).ok_or(NoConnection::Gone)?;
        if connection.api.partition().account != caller {
            return Err(NoConnection::Forbidden);
        }
        let is_there = |place: &SocketPlace| connection.is_of(place.api.id(), &place.stage.name);
        if place.is_none_or(is_there) { Ok(connection) } else { Err(NoConnection::Gone) }
    }
}

/// Whether it could be one of a connection.
fn is_identifier(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    id.strip_suffix('=').is_some_and(|id| id.len() == 15 && id.bytes().all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apigateway::v2::apis::request_id;

    #[test]
    fn connections_have_identifiers_of_their_kind() {
        assert!(is_identifier(&request_id()));
        assert!(is_identifier("Gto47d9-DoECGqg="));
        for id in ["", "a", "Gto47d9-DoECGqg", "Gto47d9/DoECGqg=", "Gto47d9-DoECGqg=a", "Gto47d9-DoECGqgg="] {
            assert!(!is_identifier(id), "{id}");
        }
    }
}
