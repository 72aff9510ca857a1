//! Calls of APIs.
//!
//! A call is let in by whatever stands before its method (an authorizer, an API key, throttles), then a function or a mock answers
//! it. Whoever is turned away, or whose function fails, gets what the API's gateway responses say.

mod authorize;
mod exchange;
mod failure;
mod function;
mod meter;
mod stage;

use bytes::Bytes;
use hearth_engine::Via;
use hearth_model::{
    http_event::{EventBody, HttpAnswer, ProxyFront},
    identity::RequestId,
    wildcard,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub use self::meter::UsageByKey;
use self::{exchange::Exchange, failure::Failure, function::Invocation};
pub(super) use self::{
    meter::Meters,
    stage::{Served, StageRuntime},
};
use super::{
    RestApis,
    names::method_arn,
    snapshot::{MockAnswer, Serving, Target},
};

/// A call of an API.
#[derive(Clone, Debug)]
pub struct ApiCall<'a> {
    /// The API's identifier.
    pub api: &'a str,
    /// The stage: the first segment of the path.
    pub stage: &'a str,
    /// The rest of the path, as it was sent.
    pub path: &'a str,
    /// The method.
    pub method: &'a str,
    /// The query without its question mark.
    pub query: &'a str,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body, or what is wrong with the call.
    pub body: Result<Bytes, InvalidCall>,
    /// The address that it came from.
    pub source: &'a str,
    /// The identifier that the answer will have.
    pub request_id: RequestId,
}

/// What is wrong with a call, whatever it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCall {
    /// The body is larger than [`RestApis::BODY_BYTES`].
    BodyTooLarge,
    /// The values of the headers are larger than 10,240 bytes.
    HeadTooLarge,
    /// The path is no percent-encoded text.
    Path,
}

/// What a caller gets.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    /// The answer.
    pub answer: HttpAnswer,
    /// What the header `x-amzn-ErrorType` says, if it is none of a function's.
    pub error_type: Option<&'static str>,
    /// What the header `x-amz-apigw-id` says.
    pub extended_request_id: String,
    /// The X-Ray trace header of the invocation.
    pub trace: Option<String>,
}

impl RestApis {
    /// Largest body of a call.
    pub const BODY_BYTES: usize = 10 * 1024 * 1024;

    /// Answers a call.
    ///
    /// Cancel safe: a function that has begun runs on.
    pub async fn serve(&self, call: ApiCall<'_>) -> ApiAnswer {
        let served = self.served(call.api, call.stage);
        let mut exchange = Exchange::new(call, self.engine.clock().wall());
        let outcome = match served.filter(|served| !served.is_disabled) {
            Some(served) => {
                self.answer(&served, &mut exchange).await.map_err(|failure| exchange.fail(&served, &failure))
            }
            None => Err(Failure::FORBIDDEN.plain()),
        };
        let (answer, error_type) = match outcome {
            Ok(answer) => (answer, None),
            Err((answer, error_type)) => (answer, Some(error_type)),
        };
        let extended_request_id = exchange.extended_request_id;
        ApiAnswer { answer, error_type, extended_request_id, trace: exchange.trace }
    }

    async fn answer(&self, served: &Served, exchange: &mut Exchange<'_>) -> Result<HttpAnswer, Failure> {
        let target = exchange.route(served).ok_or(Failure::MISSING_TOKEN)?;
        let body = exchange.call.body.clone().map_err(Failure::from)?;
        let mut usage_key = None;
        if let Some(rules) = &target.authorizer {
            usage_key = self.authorize(served, rules, exchange).await?;
        }
        if target.needs_key {
            self.meter(served, &target, usage_key, exchange)?;
        }
        if !served.runtime.lets_through(
            self.engine.clock().now(),
            &target.path,
            [exchange.call.method, &target.method],
        ) {
            return Err(Failure::THROTTLED);
        }
        let missing = target.required.iter().filter(|parameter| exchange.value(served, parameter).is_none());
        let missing: Vec<&str> = missing.map(|parameter| parameter.name()).collect();
        if !missing.is_empty() {
            return Err(Failure::missing_parameters(&missing));
        }
        match &target.serving {
            Serving::Function { .. } => self.serve_by_function(served, &target, &body, exchange).await,
            Serving::Mock(Some(answer)) => Ok(mocked(answer)),
            Serving::Mock(None) => Err(Failure::MISCONFIGURED),
        }
    }

    async fn serve_by_function(
        &self,
        served: &Served,
        target: &Target,
        body: &[u8],
        exchange: &mut Exchange<'_>,
    ) -> Result<HttpAnswer, Failure> {
        let Serving::Function { uri, in_role, by_post, timeout } = &target.serving else {
            return Err(Failure::MISCONFIGURED);
        };
        if !by_post {
            return Err(Failure::MISCONFIGURED);
        }
        let content_type = exchange.header("content-type").unwrap_or("application/json");
        let is_binary = is_binary(&served.snapshot.binary_media_types, content_type);
        let event = exchange.event(served, EventBody::by_kind(body, is_binary)).render();
        let path = format!("{}/{}{}", served.stage, exchange.call.method, target.path);
        let invocation = Invocation {
            function: uri.function(&served.variables),
            in_role: *in_role,
            source: method_arn(&served.partition, &served.api, &path),
            event,
            via: Via::RestApi,
            timeout: *timeout,
        };
        let result = self.invoke(served, invocation, exchange).await?;
        let accept = exchange.header("accept").unwrap_or("*/*");
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        let decodes = globs(&served.snapshot.binary_media_types, first);
        HttpAnswer::of_proxy_result(&result, ProxyFront::Rest, decodes).map_err(|error| {
            tracing::warn!(api = served.api, path = target.path, %error, "a REST API answered 502");
            Failure::BAD_GATEWAY
        })
    }
}

/// Whether a body of this type is binary.
fn is_binary(types: &[String], content_type: &str) -> bool {
    globs(types, content_type.split(';').next().unwrap_or_default().trim())
}

/// Whether a media type is one of those, which may have wildcards.
fn globs(types: &[String], media_type: &str) -> bool {
    types.iter().any(|pattern| wildcard::matches(pattern, media_type))
}

fn mocked(answer: &MockAnswer) -> HttpAnswer {
    let headers = header_map(answer.headers.iter().cloned());
    HttpAnswer { status: status_code(answer.status), headers, body: answer.body.clone().into() }
}

/// A status that was checked when it was configured.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("it is one from 200 to 599")
}

/// Headers as their owners say them, but for what cannot be any.
fn header_map(headers: impl IntoIterator<Item = (String, String)>) -> HeaderMap {
    let header = |(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?));
    headers.into_iter().filter_map(header).collect()
}
