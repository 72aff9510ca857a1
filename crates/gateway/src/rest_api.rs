//! Calls of REST APIs: what is not the API's own answer is its function's.
//!
//! Source: API Gateway developer guide, "API Gateway REST APIs"; recorded answers.

use hearth_services::apigateway::v1::{ApiAnswer, ApiCall, InvalidCall, RestApis};
use http::{HeaderName, HeaderValue, Response, request::Parts};

use crate::{
    body::{self, AnswerBody, BodyError, RequestBody},
    error::{ApiError, ErrorCode},
    execute_api::ApiPath,
    front::{self, Added},
    gateway::Gateway,
    invoke::TRACE_ID,
    peer::Peer,
    percent, rest_json,
};

const EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// Answers a call of an API.
pub(crate) async fn answer(
    gateway: &Gateway,
    api: ApiPath<'_>,
    peer: &Peer,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    let body = match body::read(body, RestApis::BODY_BYTES, body::awaits_permission(&head.headers)).await {
        Ok(_) if front::value_bytes(&head.headers) > front::HEAD_BYTES => Err(InvalidCall::HeadTooLarge),
        Ok(_) if percent::decode(api.path).is_none() => Err(InvalidCall::Path),
        Ok(body) => Ok(body),
        Err(BodyError::TooLarge { .. }) => Err(InvalidCall::BodyTooLarge),
        Err(error @ BodyError::Broken { .. }) => {
            return rest_json::error(&ApiError::new(ErrorCode::BadRequest, error.to_string()));
        }
    };
    let path = api.path.trim_start_matches('/');
    let (stage, path) = path.split_at(path.find('/').unwrap_or(path.len()));
    let request_id = rest_json::fresh_request_id();
    let added = Added::new(gateway, &head.headers, peer);
    let call = ApiCall {
        api: api.id,
        stage,
        path,
        method: head.method.as_str(),
        query: head.uri.query().unwrap_or_default(),
        headers: added.owned(&head.headers),
        body,
        source: added.source(),
        request_id,
    };
    let ApiAnswer { answer, error_type, extended_request_id, trace } = gateway.rest_apis().serve(call).await;
    let mut response = front::response(answer);
    rest_json::set_request_id(&mut response, request_id);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(extended_request_id) {
        headers.insert(EXTENDED_REQUEST_ID, id);
    }
    if let Some(error_type) = error_type {
        headers.insert(rest_json::ERROR_TYPE, HeaderValue::from_static(error_type));
    }
    if let Some(trace) = trace.and_then(|trace| HeaderValue::try_from(trace).ok()) {
        headers.insert(TRACE_ID, trace);
    }
    response
}
