//! `InvokeWithResponseStream`.
//!
//! Handlers of Hearth give their answer as a whole, so that nothing comes before its end; and as on AWS, where a handler
//! that does not stream may be invoked like this, the answer's limit is then that of `Invoke`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::BytesMut;
use hearth_engine::InvokeReply;
use hearth_model::outcome::Failure;
use http::{HeaderValue, Response, header::CONTENT_TYPE, request::Parts};
use serde::Serialize;

use super::{
    event_stream,
    request::{Invocation, identify},
};
use crate::{
    body::{AnswerBody, RequestBody},
    error::{ApiError, ErrorCode},
    gateway::Gateway,
};

/// Most of an answer in one event. Whoever reads may show it piece by piece.
const CHUNK_BYTES: usize = 64 * 1024;

/// How a caller wants a function invoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum InvocationType {
    /// It waits for the answer.
    #[default]
    RequestResponse,
    /// It only wants to know whether it could.
    DryRun,
}

impl InvocationType {
    const ALL: [Self; 2] = [Self::RequestResponse, Self::DryRun];

    const fn as_str(self) -> &'static str {
        match self {
            Self::RequestResponse => "RequestResponse",
            Self::DryRun => "DryRun",
        }
    }
}

/// The event that ends a stream.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct InvokeComplete {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_result: Option<String>,
}

/// Runs a function. `function` is its name or ARN as it stands in the path.
pub(crate) async fn answer(
    gateway: &Gateway,
    function: &str,
    head: &Parts,
    body: RequestBody,
) -> Result<Response<AnswerBody>, ApiError> {
    let invocation = Invocation::read(gateway, function, head, body).await?;
    match invocation.kind(&InvocationType::ALL, InvocationType::as_str)? {
        InvocationType::RequestResponse => render(invocation.invoke()?.await),
        InvocationType::DryRun => invocation.dry_run(),
    }
}

/// A function's error ends the stream; a fault of Hearth's own is no stream at all.
fn render(reply: InvokeReply) -> Result<Response<AnswerBody>, ApiError> {
    let mut stream = BytesMut::new();
    let mut complete = InvokeComplete {
        log_result: reply.log_tail.map(|tail| BASE64_STANDARD.encode(tail)),
        ..InvokeComplete::default()
    };
    match reply.result {
        Ok(payload) => {
            for chunk in payload.chunks(CHUNK_BYTES) {
                event_stream::write_event(&mut stream, "PayloadChunk", "application/octet-stream", chunk);
            }
        }
        Err(Failure::Platform(fault)) => return Err(ApiError::new(ErrorCode::Service, fault.to_string())),
        Err(failure) => {
            let document = serde_json::to_string(&failure.document(reply.request_id));
            complete.error_code = Some("Unhandled");
            complete.error_details = Some(document.expect("texts can always be written"));
        }
    }
    let complete = serde_json::to_vec(&complete).expect("texts can always be written");
    event_stream::write_event(&mut stream, "InvokeComplete", "application/json", &complete);
    let mut response = Response::new(AnswerBody::from(stream.freeze()));
    let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    identify(&mut response, reply.request_id, reply.version, reply.trace_header);
    Ok(response)
}
