//! Cross-origin resource sharing, as an API is configured.
//!
//! Source: API Gateway developer guide, "Configure CORS for HTTP APIs in API Gateway": preflights are answered without any
//! route, unless there is one for `OPTIONS` of its own; what functions say of origins is replaced.

use hearth_services::apigateway::v2::{CorsConfiguration, Place};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
    request::Parts,
};

use crate::body::AnswerBody;

/// Answers a browser that asks whether it may send a request; `None` if the request is no such question.
pub(super) fn preflight(
    cors: &CorsConfiguration,
    place: &Place,
    head: &Parts,
) -> Option<Response<AnswerBody>> {
    let asks = head.method == Method::OPTIONS
        && head.headers.contains_key(ORIGIN)
        && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || place.has_route_for_options() {
        return None;
    }
    let mut response = Response::new(AnswerBody::EMPTY);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if allow_origin(cors, head, headers) {
        insert(headers, ACCESS_CONTROL_ALLOW_METHODS, list(&cors.allow_methods));
        insert(headers, ACCESS_CONTROL_ALLOW_HEADERS, list(&cors.allow_headers));
        insert(headers, ACCESS_CONTROL_MAX_AGE, cors.max_age_s.map(HeaderValue::from));
    }
    Some(response)
}

/// Says who may read an answer.
pub(super) fn share(cors: &CorsConfiguration, head: &Parts, response: &mut Response<AnswerBody>) {
    let headers = response.headers_mut();
    for name in [
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE,
    ] {
        headers.remove(name);
    }
    if allow_origin(cors, head, headers) {
        insert(headers, ACCESS_CONTROL_EXPOSE_HEADERS, list(&cors.expose_headers));
    }
}

/// Names the origin of a request, if it is one of those that are allowed.
fn allow_origin(cors: &CorsConfiguration, head: &Parts, headers: &mut HeaderMap) -> bool {
    let Some(origin) = head.headers.get(ORIGIN) else { return false };
    if !origin.to_str().is_ok_and(|origin| cors.allows(origin)) {
        return false;
    }
    let any = cors.allow_origins.iter().any(|allowed| allowed == "*");
    if any {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    let credentials = cors.allow_credentials == Some(true);
    insert(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials.then(|| HeaderValue::from_static("true")));
    true
}

fn list(names: &[String]) -> Option<HeaderValue> {
    Some(names)
        .filter(|names| !names.is_empty())
        .and_then(|names| HeaderValue::try_from(names.join(",")).ok())
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}
