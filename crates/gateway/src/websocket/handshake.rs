//! From a request to a socket.

use hearth_services::apigateway::v2::{Handshake, SocketPlace};
use http::{
    HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use super::{SocketSlot, slot::Upgrade};
use crate::{
    body::AnswerBody,
    execute_api::ApiPath,
    front::{self, Added},
    gateway::Gateway,
    http_api,
    peer::Peer,
    rest_json,
};

/// Answers a client that wants to connect.
pub(super) async fn answer(
    gateway: &Gateway,
    place: &SocketPlace,
    api: ApiPath<'_>,
    peer: &Peer,
    head: &Parts,
    slot: &SocketSlot,
) -> Response<AnswerBody> {
    let (Some(switching), Some(stream)) = (switching(head), head.extensions.get::<OnUpgrade>()) else {
        return upgrade_required();
    };
    let added = Added::new(gateway, &head.headers, peer);
    let request = http_api::request(gateway, place.region(), api, head, bytes::Bytes::new(), &added);
    match gateway.apis().connect(place, &request).await {
        Handshake::Refused(answer) => front::response(answer),
        Handshake::Accepted { session, subprotocol } => {
            let end = gateway.stream_end().clone();
            slot.put(Upgrade { stream: stream.clone(), session, end });
            let mut response = switching;
            if let Some(name) = subprotocol {
                response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
            }
            response
        }
    }
}

/// There is no such API, no such stage, or nothing at the path.
pub(super) fn forbidden() -> Response<AnswerBody> {
    message(StatusCode::FORBIDDEN, "Forbidden")
}

/// The answer that makes a socket of the connection, if that is what the request asks for.
fn switching(head: &Parts) -> Option<Response<AnswerBody>> {
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.version_mut() = head.version;
    let asked: [HeaderName; 4] =
        [CONNECTION, UPGRADE, SEC_WEBSOCKET_VERSION, http::header::SEC_WEBSOCKET_KEY];
    for name in asked {
        if let Some(value) = head.headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    create_response(&request).ok().map(|response| response.map(|()| AnswerBody::EMPTY))
}

/// The request does not begin a socket.
fn upgrade_required() -> Response<AnswerBody> {
    let mut response = message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

fn message(status: StatusCode, text: &'static str) -> Response<AnswerBody> {
    let mut response = front::message(status, text);
    rest_json::set_fresh_request_id(&mut response);
    response
}
