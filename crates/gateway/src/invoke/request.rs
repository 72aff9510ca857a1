//! What a request to invoke a function says, whichever operation it is.

use std::{borrow::Cow, mem};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_engine::{InvokeRequest, Running};
use hearth_model::{
    identity::{Partition, RequestId, Version},
    limits,
    reference::InvalidReference,
    validation::{ValidationError, one_of},
};
use hearth_services::lambda::{Functions, InvalidEvent, InvocationError};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request::Parts};
use serde_json::{Map, Value};

use crate::{
    body::{self, AnswerBody, BodyError, RequestBody},
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");

/// A request to invoke a function, whose body has been read.
pub(super) struct Invocation<'a> {
    functions: &'a Functions,
    partition: Cow<'a, Partition>,
    /// The function's name or ARN.
    name: Cow<'a, str>,
    qualifier: Option<Cow<'a, str>>,
    headers: Headers<'a>,
    event: Bytes,
}

/// The headers that say how a function is to be invoked. Most requests have none of them, so that one walk over those that
/// there are is quicker than to look for each.
#[derive(Clone, Copy, Default)]
struct Headers<'a> {
    invocation_type: Option<&'a HeaderValue>,
    log_type: Option<&'a HeaderValue>,
    client_context: Option<&'a HeaderValue>,
    trace: Option<&'a HeaderValue>,
    /// What no function of Hearth is, if it is asked to be that.
    unsupported: Option<(&'a HeaderName, &'static str)>,
}

impl<'a> Headers<'a> {
    fn read(all: &'a HeaderMap) -> Self {
        let mut headers = Self::default();
        for (name, value) in all {
            match name.as_str() {
                "x-amz-invocation-type" => headers.invocation_type = Some(value),
                "x-amz-log-type" => headers.log_type = Some(value),
                "x-amz-client-context" => headers.client_context = Some(value),
                "x-amzn-trace-id" => headers.trace = Some(value),
                "x-amz-tenant-id" => headers.unsupported = Some((name, "isolates tenants")),
                "x-amz-durable-execution-name" => headers.unsupported = Some((name, "is durable")),
                _ => {}
            }
        }
        headers
    }
}

impl<'a> Invocation<'a> {
    /// Reads a request. `function` is what stands in its path.
    pub(super) async fn read(
        gateway: &'a Gateway,
        function: &'a str,
        head: &'a Parts,
        body: RequestBody,
    ) -> Result<Self, ApiError> {
        // Whatever is wrong with the rest: a client that is still sending does not listen.
        let most = limits::SYNCHRONOUS_REQUEST_BYTES;
        let event = body::read(body, most, body::awaits_permission(&head.headers)).await?;
        let not_text =
            |what: &str| ApiError::new(ErrorCode::Validation, format!("{what} is not percent-encoded UTF-8"));
        let name = percent::decode(function).ok_or_else(|| not_text("the function's name"))?;
        let qualifier =
            percent::parameter(head.uri.query(), "Qualifier").ok_or_else(|| not_text("`Qualifier`"))?;
        let partition = credential::partition(&head.headers, gateway.default_partition());
        let headers = Headers::read(&head.headers);
        if let Some((header, functions)) = headers.unsupported {
            let message = format!("no function of Hearth {functions}: leave out the header `{header}`");
            return Err(ApiError::new(ErrorCode::InvalidParameterValue, message));
        }
        Ok(Self { functions: gateway.functions(), partition, name, qualifier, headers, event })
    }

    /// How the caller wants the function invoked: one of these kinds, in the order in which AWS lists them.
    pub(super) fn kind<T: Copy + Default>(
        &self,
        known: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, ApiError> {
        Ok(one_of_header(self.headers.invocation_type, "invocationType", known, name)?.unwrap_or_default())
    }

    /// Begins to run the function.
    pub(super) fn invoke(mut self) -> Result<Running, ApiError> {
        let request = self.take_request()?;
        Ok(self.functions.begin(&self.partition, &self.name, self.qualifier.as_deref(), request)?)
    }

    /// Leaves the event to be given to the function later.
    pub(super) fn accept(mut self) -> Result<Response<AnswerBody>, ApiError> {
        let request = self.take_request()?;
        let id = self.functions.accept(&self.partition, &self.name, self.qualifier.as_deref(), request)?;
        let mut response = rest_json::empty(StatusCode::ACCEPTED);
        rest_json::set_request_id(&mut response, id);
        Ok(response)
    }

    /// Says whether the function could be invoked.
    pub(super) fn dry_run(self) -> Result<Response<AnswerBody>, ApiError> {
        self.functions.resolve(&self.partition, &self.name, self.qualifier.as_deref())?;
        Ok(rest_json::empty(StatusCode::NO_CONTENT))
    }

    fn take_request(&mut self) -> Result<InvokeRequest, ApiError> {
        let Headers { log_type, client_context, trace, .. } = self.headers;
        Ok(InvokeRequest {
            client_context: client_context.map(decode_client_context).transpose()?,
            event: mem::take(&mut self.event),
            trace_header: trace.and_then(|trace| trace.to_str().ok()).map(str::to_owned),
            log_tail: one_of_header(log_type, "logType", &["None", "Tail"], |name| name)? == Some("Tail"),
            ..InvokeRequest::default()
        })
    }
}

/// One of several names in a header, if that is there.
fn one_of_header<T: Copy>(
    header: Option<&HeaderValue>,
    member: &'static str,
    known: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(value) = header else { return Ok(None) };
    let given = value.as_bytes().escape_ascii().to_string();
    one_of(member, &given, known, name).map(Some).map_err(|violation| {
        ApiError::new(ErrorCode::Validation, ValidationError::from(violation).to_string())
    })
}

fn decode_client_context(encoded: &HeaderValue) -> Result<String, ApiError> {
    let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.filter(|text| serde_json::from_str::<Map<String, Value>>(text).is_ok()).ok_or_else(|| {
        let message = "Client context must be a valid Base64-encoded JSON object.";
        ApiError::new(ErrorCode::InvalidRequestContent, message)
    })
}

/// Says of an answer which invocation it is of: its id, the version that served it, its trace.
pub(super) fn identify(
    response: &mut Response<AnswerBody>,
    id: RequestId,
    version: Version,
    trace_header: Option<String>,
) {
    rest_json::set_request_id(response, id);
    let version = match version {
        Version::Latest => HeaderValue::from_static("$LATEST"),
        Version::Published(number) => HeaderValue::from(number),
    };
    response.headers_mut().insert(EXECUTED_VERSION, version);
    if let Some(trace) = trace_header.and_then(|trace| HeaderValue::try_from(trace).ok()) {
        response.headers_mut().insert(TRACE_ID, trace);
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
            InvocationError::Recursive => ErrorCode::RecursiveInvocation,
            InvocationError::Throttled(reason) => return Self::throttled(*reason),
            InvocationError::Unloaded { .. } => ErrorCode::ResourceConflict,
            InvocationError::QueueFull { .. } => ErrorCode::TooManyRequests,
            InvocationError::ShuttingDown => ErrorCode::ServiceUnavailable,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_full_throttles_without_a_reason() {
        let error = ApiError::from(InvocationError::QueueFull { reason: "too many wait".to_owned() });
        assert_eq!(error, ApiError::new(ErrorCode::TooManyRequests, "too many wait"));
        assert_eq!((error.code.status(), error.reason), (StatusCode::TOO_MANY_REQUESTS, None));
    }
}
