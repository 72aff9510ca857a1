//! EventBridge Scheduler on the wire: REST-JSON. Requests are known by the service that they are signed for, as their paths
//! might be anybody's.
//!
//! Source: the API's published model (2021-06-30); recorded answers.

mod groups;
mod schedules;
mod tags;

use std::borrow::Cow;

use hearth_services::scheduler::{PageRequest, Refusal};
use http::{HeaderValue, Method, Response, StatusCode, request::Parts};
use serde::Serialize;

use crate::{
    body::{AnswerBody, RequestBody},
    credential,
    gateway::Gateway,
    percent, rest_json,
    rpc::{self, Answer, Call, RpcError, Wire},
};

/// Whether a request is for this service.
pub(crate) fn is_meant(headers: &http::HeaderMap) -> bool {
    credential::service(headers) == Some("scheduler")
}

/// Answers a request.
pub(crate) async fn answer(gateway: &Gateway, head: &Parts, body: RequestBody) -> Response<AnswerBody> {
    // Whatever is wrong with the rest: a client that is still sending does not listen.
    let (id, answer) = match rpc::read_body(head, body).await {
        Ok(body) => {
            let call = Call::new(gateway, head, Wire::Json { body });
            (call.id, dispatch(&call, &head.method))
        }
        Err(error) => (rest_json::fresh_request_id(), Err(error)),
    };
    let mut response = answer.map_or_else(|error| render(&error), rest_json::json);
    rest_json::set_request_id(&mut response, id);
    response
}

fn dispatch(call: &Call<'_>, method: &Method) -> Answer {
    let path = call.path();
    let segments: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
    match (method, &*segments) {
        (&Method::GET, ["schedules"]) => schedules::list(call),
        (&Method::POST, ["schedules", name]) => schedules::create(call, &segment(name)?),
        (&Method::GET, ["schedules", name]) => schedules::schedule(call, &segment(name)?),
        (&Method::PUT, ["schedules", name]) => schedules::update(call, &segment(name)?),
        (&Method::DELETE, ["schedules", name]) => schedules::delete(call, &segment(name)?),
        (&Method::GET, ["schedule-groups"]) => groups::list(call),
        (&Method::POST, ["schedule-groups", name]) => groups::create(call, &segment(name)?),
        (&Method::GET, ["schedule-groups", name]) => groups::group(call, &segment(name)?),
        (&Method::DELETE, ["schedule-groups", name]) => groups::delete(call, &segment(name)?),
        // SDKs encode the slash in the ARN; others may not.
        (&Method::GET, ["tags", arn @ ..]) => tags::list(call, &segment(&arn.join("/"))?),
        (&Method::POST, ["tags", arn @ ..]) => tags::tag(call, &segment(&arn.join("/"))?),
        (&Method::DELETE, ["tags", arn @ ..]) => tags::untag(call, &segment(&arn.join("/"))?),
        _ => Err(RpcError {
            status: StatusCode::NOT_FOUND,
            ..RpcError::unknown_operation(&format!("{method} {path}"))
        }),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDocument<'a> {
    message: &'a str,
}

fn render(error: &RpcError) -> Response<AnswerBody> {
    let mut response = rest_json::document(&ErrorDocument { message: &error.message });
    *response.status_mut() = error.status;
    response.headers_mut().insert(rest_json::ERROR_TYPE, HeaderValue::from_static(error.code));
    response
}

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        let (code, status, message) = match refusal {
            Refusal::Validation(message) => ("ValidationException", StatusCode::BAD_REQUEST, message),
            Refusal::NotFound(message) => ("ResourceNotFoundException", StatusCode::NOT_FOUND, message),
            Refusal::Conflict(message) => ("ConflictException", StatusCode::CONFLICT, message),
            Refusal::QuotaExceeded(message) => {
                ("ServiceQuotaExceededException", StatusCode::PAYMENT_REQUIRED, message)
            }
        };
        Self { status, ..Self::new(code, message) }
    }
}

/// An answer that says no more than that it was done.
fn done() -> Answer {
    Ok(bytes::Bytes::from_static(b"{}"))
}

/// A parameter of the query.
fn parameter<'a>(call: &'a Call<'_>, name: &str) -> Result<Option<Cow<'a, str>>, RpcError> {
    percent::parameter(call.query(), name).ok_or_else(|| not_text(name))
}

/// `NextToken` and `MaxResults`.
fn page(call: &Call<'_>) -> Result<PageRequest, RpcError> {
    let most = parameter(call, "MaxResults")?.map(|text| {
        let not_number = || invalid(format!("`MaxResults` must be a number, not `{text}`"));
        text.parse().map_err(|_| not_number())
    });
    Ok(PageRequest {
        next_token: parameter(call, "NextToken")?.map(Cow::into_owned),
        most: most.transpose()?,
    })
}

/// Something in the path, decoded.
fn segment(text: &str) -> Result<String, RpcError> {
    percent::decode(text).map(Cow::into_owned).ok_or_else(|| not_text(text))
}

fn not_text(what: &str) -> RpcError {
    invalid(format!("`{what}` is not percent-encoded UTF-8"))
}

fn invalid(message: String) -> RpcError {
    Refusal::Validation(message.into()).into()
}
