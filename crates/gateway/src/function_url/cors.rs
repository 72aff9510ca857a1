//! Cross-origin resource sharing, as a URL is configured.
//!
//! Source: the Fetch standard, "HTTP extensions" for CORS; `Cors` in the Lambda API reference. What a URL's configuration says
//! takes the place of what the handler says.

use hearth_services::lambda::Cors;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
    request::Parts,
};

use crate::{body::AnswerBody, rest_json};

const ANY: &str = "*";

/// Answers a browser that asks whether it may send a request; `None` if the request is no such question.
pub(super) fn preflight(cors: &Cors, head: &Parts) -> Option<Response<AnswerBody>> {
    let method = head.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    if head.method != Method::OPTIONS || !head.headers.contains_key(ORIGIN) {
        return None;
    }
    let mut response = Response::new(AnswerBody::EMPTY);
    rest_json::set_fresh_request_id(&mut response);
    let headers = response.headers_mut();
    if allow_origin(cors, head, headers) {
        let requested = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS);
        let methods = allowed(cors, cors.allow_methods.as_deref(), Some(method));
        insert(headers, ACCESS_CONTROL_ALLOW_METHODS, methods);
        let names = allowed(cors, cors.allow_headers.as_deref(), requested);
        insert(headers, ACCESS_CONTROL_ALLOW_HEADERS, names);
        insert(headers, ACCESS_CONTROL_MAX_AGE, cors.max_age_s.map(HeaderValue::from));
    }
    Some(response)
}

/// Says who may read an answer.
pub(super) fn share(cors: &Cors, head: &Parts, response: &mut Response<AnswerBody>) {
    let headers = response.headers_mut();
    for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_EXPOSE_HEADERS]
    {
        headers.remove(name);
    }
    if allow_origin(cors, head, headers) {
        let exposed = cors.expose_headers.as_deref().filter(|names| !names.is_empty());
        let exposed = exposed.and_then(|names| HeaderValue::try_from(names.join(",")).ok());
        insert(headers, ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// Names the origin of a request, if it is one of those that are allowed.
fn allow_origin(cors: &Cors, head: &Parts, headers: &mut HeaderMap) -> bool {
    let Some(origin) = head.headers.get(ORIGIN) else { return false };
    let origins = cors.allow_origins.as_deref().unwrap_or_default();
    let any = origins.iter().any(|allowed| allowed == ANY);
    if !any && !origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return false;
    }
    let credentials = cors.allow_credentials == Some(true);
    if any && !credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(ANY));
    } else {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    insert(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials.then(|| HeaderValue::from_static("true")));
    true
}

/// What is allowed of methods or headers: the list; or, where all are, what is asked for, since a request with credentials does
/// not take `*` for all.
fn allowed(cors: &Cors, list: Option<&[String]>, asked: Option<&HeaderValue>) -> Option<HeaderValue> {
    let list = list.filter(|list| !list.is_empty())?;
    let any = list.iter().any(|allowed| allowed == ANY);
    if any && cors.allow_credentials == Some(true) {
        return asked.cloned();
    }
    HeaderValue::try_from(list.join(",")).ok()
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}
