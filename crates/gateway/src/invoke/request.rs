//! What a request to invoke a function says, whichever operation it is.

use std::{borrow::Cow, mem};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_engine::{InvokeReply, InvokeRequest};
use hearth_model::{
    identity::{Partition, RequestId, Version},
    limits,
    reference::InvalidReference,
    validation::{ValidationError, one_of},
};
use hearth_services::lambda::{Functions, InvalidEvent, InvocationError};
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
const TENANT_ID: HeaderName = HeaderName::from_static("x-amz-tenant-id");
const DURABLE_EXECUTION_NAME: HeaderName = HeaderName::from_static("x-amz-durable-execution-name");
pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");

/// A request to invoke a function, whose body has been read.
pub(super) struct Invocation<'a> {
    functions: &'a Functions,
    partition: Cow<'a, Partition>,
    /// The function's name or ARN.
    name: Cow<'a, str>,
    qualifier: Option<Cow<'a, str>>,
    headers: &'a HeaderMap,
    event: Bytes,
}

impl<'a> Invocation<'a> {
    /// Reads a request. `function` is what stands in its path.
    pub(super) async fn read(
        gateway: &'a Gateway,
        function: &'a str,
        head: &'a Parts,
        body: Incoming,
    ) -> Result<Self, ApiError> {
        let headers = &head.headers;
        // Whatever is wrong with the rest: a client that is still sending does not listen.
        let most = limits::SYNCHRONOUS_REQUEST_BYTES;
        let event = body::read(body, most, body::awaits_permission(headers)).await?;
        let not_text =
            |what: &str| ApiError::new(ErrorCode::Validation, format!("{what} is not percent-encoded UTF-8"));
        let name = percent::decode(function).ok_or_else(|| not_text("the function's name"))?;
        let qualifier =
            percent::parameter(head.uri.query(), "Qualifier").ok_or_else(|| not_text("`Qualifier`"))?;
        let partition = credential::partition(headers, gateway.default_partition());
        for (header, functions) in [(TENANT_ID, "isolates tenants"), (DURABLE_EXECUTION_NAME, "is durable")] {
            if headers.contains_key(&header) {
                let message = format!("no function of Hearth {functions}: leave out the header `{header}`");
                return Err(ApiError::new(ErrorCode::InvalidParameterValue, message));
            }
        }
        Ok(Self { functions: gateway.functions(), partition, name, qualifier, headers, event })
    }

    /// How the caller wants the function invoked: one of these kinds, in the order in which AWS lists them.
    pub(super) fn kind<T: Copy + Default>(
        &self,
        known: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, ApiError> {
        Ok(self.one_of(&INVOCATION_TYPE, "invocationType", known, name)?.unwrap_or_default())
    }

    /// Runs the function and waits for its answer.
    pub(super) async fn invoke(mut self) -> Result<InvokeReply, ApiError> {
        let request = self.take_request()?;
        let qualifier = self.qualifier.as_deref();
        Ok(self.functions.invoke(&self.partition, &self.name, qualifier, request).await?)
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
        Ok(InvokeRequest {
            client_context: self.client_context()?,
            event: mem::take(&mut self.event),
            trace_header: self.text(&TRACE_ID).map(str::to_owned),
            log_tail: self.one_of(&LOG_TYPE, "logType", &["None", "Tail"], |name| name)? == Some("Tail"),
            ..InvokeRequest::default()
        })
    }

    /// One of several names in a header, if that is there.
    fn one_of<T: Copy>(
        &self,
        header: &HeaderName,
        member: &'static str,
        known: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.headers.get(header) else { return Ok(None) };
        let given = value.as_bytes().escape_ascii().to_string();
        one_of(member, &given, known, name).map(Some).map_err(|violation| {
            ApiError::new(ErrorCode::Validation, ValidationError::from(violation).to_string())
        })
    }

    fn client_context(&self) -> Result<Option<String>, ApiError> {
        let Some(encoded) = self.headers.get(CLIENT_CONTEXT) else { return Ok(None) };
        let decoded = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.filter(|text| serde_json::from_str::<Map<String, Value>>(text).is_ok()) {
            Some(object) => Ok(Some(object)),
            None => Err(ApiError::new(
                ErrorCode::InvalidRequestContent,
                "Client context must be a valid Base64-encoded JSON object.",
            )),
        }
    }

    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
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
