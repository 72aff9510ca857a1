//! What scripts of other origins may do.
//!
//! Source: "Cross-origin resource sharing" in the S3 user guide; the Fetch standard.

use std::sync::Arc;

use hearth_services::s3::{Buckets, Cors, CorsQuestion, CorsRule};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
};

use super::failure::Failure;
use crate::body::AnswerBody;

/// Answers the question that a browser asks before it sends a request.
pub(super) fn preflight(
    buckets: &Buckets,
    bucket: &str,
    headers: &HeaderMap,
) -> Result<Response<AnswerBody>, Failure> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(origin) = text(ORIGIN) else {
        let message = "Insufficient information. Origin request header needed.";
        return Err(Failure::new("BadRequest", StatusCode::BAD_REQUEST, message));
    };
    let Some(method) = text(ACCESS_CONTROL_REQUEST_METHOD) else {
        let message = "Invalid Access-Control-Request-Method: null";
        return Err(Failure::new("BadRequest", StatusCode::BAD_REQUEST, message));
    };
    let asked = text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let refused = |message: &'static str| {
        Err(Failure::new("AccessForbidden", StatusCode::FORBIDDEN, message)
            .with("Method", method)
            .with("ResourceType", "OBJECT"))
    };
    let Some(cors) = rules(buckets, bucket) else {
        return refused("CORSResponse: CORS is not enabled for this bucket.");
    };
    let Some(rule) = cors.rule_for(CorsQuestion { origin, method, headers: asked }) else {
        return refused(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
        );
    };
    let mut response = Response::new(AnswerBody::EMPTY);
    allow(response.headers_mut(), rule, origin);
    if !asked.is_empty() {
        set(response.headers_mut(), ACCESS_CONTROL_ALLOW_HEADERS, &asked.to_ascii_lowercase());
    }
    Ok(response)
}

/// Says in an answer that a script may see it, if it may.
pub(super) fn apply(buckets: &Buckets, bucket: &str, method: &Method, origin: &str, answer: &mut HeaderMap) {
    let question = CorsQuestion { origin, method: method.as_str(), headers: "" };
    if let Some(cors) = rules(buckets, bucket)
        && let Some(rule) = cors.rule_for(question)
    {
        allow(answer, rule, origin);
    }
}

fn rules(buckets: &Buckets, bucket: &str) -> Option<Arc<Cors>> {
    buckets.configuration(bucket).ok()?.cors
}

fn allow(answer: &mut HeaderMap, rule: &CorsRule, origin: &str) {
    if rule.is_for_any_origin() {
        set(answer, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    } else {
        set(answer, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(answer, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    set(answer, ACCESS_CONTROL_ALLOW_METHODS, &rule.methods.join(", "));
    if !rule.exposed_headers.is_empty() {
        set(answer, ACCESS_CONTROL_EXPOSE_HEADERS, &rule.exposed_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age_s {
        set(answer, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    set(answer, VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
