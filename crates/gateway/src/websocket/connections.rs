//! The management API of connections: those who post to them, look at them and close them.
//!
//! Source: the API's published model (apigatewaymanagementapi, 2018-11-29).

use hearth_model::time::Timestamp;
use hearth_services::apigateway::v2::{
    Closing, Connection, ConnectionView, NoConnection, SocketPlace, Undelivered,
};
use http::{HeaderValue, Method, Response, StatusCode, request::Parts};
use serde::Serialize;

use crate::{
    body::{self, AnswerBody, BodyError, RequestBody},
    credential,
    gateway::Gateway,
    rest_json::{self, ERROR_TYPE},
};

/// Why a request is refused: the status, the class of the error, and the message if AWS has one.
struct Refusal(StatusCode, &'static str, Option<String>);

/// Answers a request about a connection.
pub(super) async fn answer(
    gateway: &Gateway,
    place: Option<&SocketPlace>,
    id: &str,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    handle(gateway, place, id, head, body).await.unwrap_or_else(|refusal| refusal.render())
}

async fn handle(
    gateway: &Gateway,
    place: Option<&SocketPlace>,
    id: &str,
    head: &Parts,
    body: RequestBody,
) -> Result<Response<AnswerBody>, Refusal> {
    let body = body::read(body, Connection::MESSAGE_BYTES, body::awaits_permission(&head.headers)).await;
    let signer = credential::signer(&head.headers, head.uri.query()).ok_or_else(Refusal::unsigned)?;
    let account = credential::account(&signer, gateway.default_partition());
    let connection = gateway.apis().connection(place, id, account).map_err(|error| Refusal::of(error, id))?;
    match head.method {
        Method::POST => {
            let message = body.map_err(|error| match error {
                BodyError::TooLarge { .. } => Refusal::too_large(),
                BodyError::Broken { .. } => Refusal::bad_request(error.to_string()),
            })?;
            connection.post(message).map_err(|error| match error {
                Undelivered::Gone => Refusal::gone(),
                Undelivered::Full => Refusal(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", None),
            })?;
            Ok(rest_json::empty(StatusCode::OK))
        }
        Method::GET => {
            let mut response = rest_json::document(&ConnectionDocument::of(connection.view()));
            rest_json::set_fresh_request_id(&mut response);
            Ok(response)
        }
        Method::DELETE => {
            connection.close(Closing::NORMAL);
            Ok(rest_json::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Refusal::unsigned()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionDocument {
    connected_at: String,
    identity: IdentityDocument,
    last_active_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IdentityDocument {
    source_ip: String,
    user_agent: String,
}

impl ConnectionDocument {
    fn of(view: ConnectionView) -> Self {
        Self {
            connected_at: date(view.connected),
            identity: IdentityDocument {
                source_ip: view.source,
                user_agent: view.user_agent.unwrap_or_default(),
            },
            last_active_at: date(view.last_active),
        }
    }
}

impl Refusal {
    fn of(error: NoConnection, id: &str) -> Self {
        match error {
            NoConnection::Invalid => Self::bad_request(format!("Invalid connectionId: {id}")),
            NoConnection::Gone => Self::gone(),
            NoConnection::Forbidden => {
                Self(StatusCode::FORBIDDEN, "ForbiddenException", Some("Forbidden".to_owned()))
            }
        }
    }

    /// As API Gateway says it whenever there is no such method, or nobody signed.
    fn unsigned() -> Self {
        let message = "Missing Authentication Token".to_owned();
        Self(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", Some(message))
    }

    const fn gone() -> Self {
        Self(StatusCode::GONE, "GoneException", None)
    }

    fn too_large() -> Self {
        let message = format!("A message has at most {} bytes", Connection::MESSAGE_BYTES);
        Self(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", Some(message))
    }

    const fn bad_request(message: String) -> Self {
        Self(StatusCode::BAD_REQUEST, "BadRequestException", Some(message))
    }

    fn render(self) -> Response<AnswerBody> {
        #[derive(Serialize)]
        struct Document {
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<String>,
        }
        let Self(status, class, message) = self;
        let mut response = rest_json::document(&Document { message });
        *response.status_mut() = status;
        response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(class));
        rest_json::set_fresh_request_id(&mut response);
        response
    }
}

/// `2026-11-21T04:14:18.123Z`
fn date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default()
}
