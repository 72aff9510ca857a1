//! WebSocket APIs: clients that connect, and owners that post to connections.
//!
//! A connection's frames go over the task of the HTTP connection that it began as, so that it is one of those that the port
//! counts and ends.
//!
//! Sources: RFC 6455; API Gateway developer guide, "API Gateway WebSocket APIs".

mod connections;
mod handshake;
mod slot;
mod socket;

use http::{Response, request::Parts};

pub(crate) use self::slot::SocketSlot;
use crate::{
    body::{self, AnswerBody, RequestBody},
    execute_api::ApiPath,
    gateway::Gateway,
    peer::Peer,
    percent,
};

/// Answers a request to a WebSocket API.
pub(crate) async fn answer(
    gateway: &Gateway,
    api: ApiPath<'_>,
    peer: &Peer,
    head: &Parts,
    body: RequestBody,
    slot: &SocketSlot,
) -> Response<AnswerBody> {
    let Some(place) = gateway.apis().locate_socket(api.id, api.path) else {
        if !body::awaits_permission(&head.headers) {
            body::discard(body).await;
        }
        return handshake::forbidden();
    };
    match place.connection() {
        Some(id) => connections::answer(gateway, Some(&place), id, head, body).await,
        None => handshake::answer(gateway, &place, api, peer, head, slot).await,
    }
}

/// Answers a request about a connection that names no API: identifiers of connections are those of one alone.
pub(crate) async fn answer_to_owner(
    gateway: &Gateway,
    id: &str,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    let id = percent::decode(id).unwrap_or_default();
    connections::answer(gateway, None, &id, head, body).await
}
