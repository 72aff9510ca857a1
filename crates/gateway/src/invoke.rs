//! Lambda's `Invoke` on the wire.
//!
//! Source: `Invoke` in the Lambda API reference; recorded answers.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_engine::{InvokeReply, InvokeRequest};
use hearth_model::{identity::Version, limits, outcome::Failure, reference::InvalidReference};
use hearth_services::lambda::{InvalidEvent, InvocationError};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request::Parts};
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::{
    body::{self, AnswerBody, BodyError},
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
const LOG_TYPE: HeaderName = HeaderName::from_static("x-amz-log-type");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("x-amz-client-context");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");

/// How a caller wants a function invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InvocationType {
    /// It waits for the answer.
    RequestResponse,
    /// It does not wait.
    Event,
    /// It only wants to know whether it could.
    DryRun,
}

/// Runs a function. `function` is its name or ARN as it stands in the path.
pub(crate) async fn answer(
    gateway: &Gateway,
    function: &str,
    head: &Parts,
    body: Incoming,
) -> Result<Response<AnswerBody>, ApiError> {
    let headers = &head.headers;
    // Whatever is wrong with the rest: a client that is still sending does not listen.
    let event = body::read(body, limits::SYNCHRONOUS_REQUEST_BYTES, body::awaits_permission(headers)).await?;
    let partition = credential::partition(headers, gateway.default_partition());
    let not_text =
        |what: &str| ApiError::new(ErrorCode::Validation, format!("{what} is not percent-encoded UTF-8"));
    let name = percent::decode(function).ok_or_else(|| not_text("the function's name"))?;
    let qualifier =
        percent::parameter(head.uri.query(), "Qualifier").ok_or_else(|| not_text("`Qualifier`"))?;
    let (functions, qualifier) = (gateway.functions(), qualifier.as_deref());
    match invocation_type(headers)? {
        InvocationType::RequestResponse => {
            let request = request(headers, event)?;
            Ok(render(functions.invoke(&partition, &name, qualifier, request).await?))
        }
        InvocationType::DryRun => {
            functions.resolve(&partition, &name, qualifier)?;
            Ok(rest_json::empty(StatusCode::NO_CONTENT))
        }
        InvocationType::Event => {
            let request = request(headers, event)?;
            let id = functions.accept(&partition, &name, qualifier, request)?;
            let mut response = rest_json::empty(StatusCode::ACCEPTED);
            rest_json::set_request_id(&mut response, id);
            Ok(response)
        }
    }
}

fn request(headers: &HeaderMap, event: Bytes) -> Result<InvokeRequest, ApiError> {
    Ok(InvokeRequest {
        event,
        trace_header: text(headers, &TRACE_ID).map(str::to_owned),
        client_context: client_context(headers)?,
        log_tail: headers.get(LOG_TYPE).is_some_and(|log_type| log_type == "Tail"),
        ..InvokeRequest::default()
    })
}

fn invocation_type(headers: &HeaderMap) -> Result<InvocationType, ApiError> {
    let Some(value) = headers.get(INVOCATION_TYPE) else { return Ok(InvocationType::RequestResponse) };
    match value.as_bytes() {
        b"RequestResponse" => Ok(InvocationType::RequestResponse),
        b"Event" => Ok(InvocationType::Event),
        b"DryRun" => Ok(InvocationType::DryRun),
        other => Err(ApiError::new(
            ErrorCode::Validation,
            format!(
                "1 validation error detected: Value '{}' at 'invocationType' failed to satisfy constraint: Member must \
                 satisfy enum value set: [Event, RequestResponse, DryRun]",
                other.escape_ascii()
            ),
        )),
    }
}

fn client_context(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(encoded) = headers.get(CLIENT_CONTEXT) else { return Ok(None) };
    let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.filter(|text| serde_json::from_str::<Map<String, Value>>(text).is_ok()) {
        Some(object) => Ok(Some(object)),
        None => Err(ApiError::new(
            ErrorCode::InvalidRequestContent,
            "Client context must be a valid Base64-encoded JSON object.",
        )),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A function's error is a good answer of Lambda's; a fault of Hearth's own is not.
fn render(reply: InvokeReply) -> Response<AnswerBody> {
    let mut response = match reply.result {
        Ok(payload) => rest_json::json(payload),
        Err(Failure::Platform(fault)) => {
            rest_json::error(&ApiError::new(ErrorCode::Service, fault.to_string()))
        }
        Err(failure) => {
            let mut response = rest_json::document(&failure.document(reply.request_id));
            response.headers_mut().insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
            response
        }
    };
    rest_json::set_request_id(&mut response, reply.request_id);
    response.headers_mut().insert(EXECUTED_VERSION, executed_version(reply.version));
    if let Some(tail) = reply.log_tail {
        let encoded =
            HeaderValue::try_from(BASE64_STANDARD.encode(tail)).expect("base64 is a header's value");
        response.headers_mut().insert(LOG_RESULT, encoded);
    }
    response
}

fn executed_version(version: Version) -> HeaderValue {
    match version {
        Version::Latest => HeaderValue::from_static("$LATEST"),
        Version::Published(number) => HeaderValue::from(number),
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { bytes } => {
                let most = limits::SYNCHRONOUS_REQUEST_BYTES;
                Self::from(InvocationError::Event(InvalidEvent::TooLarge { bytes, most }))
            }
            BodyError::Broken { .. } => Self::new(ErrorCode::MalformedRequest, error.to_string()),
        }
    }
}

impl From<InvocationError> for ApiError {
    fn from(error: InvocationError) -> Self {
        let code = match &error {
            InvocationError::Reference(InvalidReference::TwoQualifiers) => ErrorCode::InvalidParameterValue,
            InvocationError::Reference(InvalidReference::Validation(_)) => ErrorCode::Validation,
            InvocationError::NotFound { .. } | InvocationError::OtherRegion { .. } => {
                ErrorCode::ResourceNotFound
            }
            InvocationError::Event(InvalidEvent::TooLarge { .. }) => ErrorCode::RequestTooLarge,
            InvocationError::Event(InvalidEvent::NotJson { .. }) => ErrorCode::InvalidRequestContent,
            InvocationError::Throttled(reason) => return Self::throttled(*reason),
            InvocationError::QueueFull { .. } => ErrorCode::TooManyRequests,
            InvocationError::ShuttingDown => ErrorCode::ServiceUnavailable,
        };
        Self::new(code, error.to_string())
    }
}
