//! From a request of the protocol to its answer.

use http::{Method, Response, StatusCode, request::Parts};
use hyper::body::Incoming;

use super::{
    parameters::Parameters,
    service::{QueryService, is_form},
    xml,
};
use crate::{
    body::{self, AnswerBody, BodyError},
    error::{ApiError, ErrorCode},
    percent, rest_json,
};

/// The largest request, enough for the largest that any of the services takes: 1 MiB of text, each byte of it escaped.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// Whether a request is one of this protocol: a form, or a query string that names an action.
pub(crate) fn is_query(head: &Parts) -> bool {
    match head.method {
        Method::POST => is_form(&head.headers),
        Method::GET => percent::parameter(head.uri.query(), "Action").is_some_and(|action| action.is_some()),
        _ => false,
    }
}

/// Answers a request.
pub(crate) async fn answer(head: &Parts, body: Incoming) -> Response<AnswerBody> {
    let body = match body::read(body, REQUEST_BYTES, body::awaits_permission(&head.headers)).await {
        Ok(body) => body,
        Err(BodyError::TooLarge { .. }) => {
            let message = format!("Request must be smaller than {REQUEST_BYTES} bytes");
            return rest_json::error(&ApiError::new(ErrorCode::RequestEntityTooLarge, message));
        }
        Err(error @ BodyError::Broken { .. }) => {
            return rest_json::error(&ApiError::new(ErrorCode::MalformedRequest, error.to_string()));
        }
    };
    let form = str::from_utf8(&body).unwrap_or("%");
    let parameters = match Parameters::parse([head.uri.query().unwrap_or_default(), form]) {
        Ok(parameters) => parameters,
        Err(error) => {
            return rest_json::error(&ApiError::new(ErrorCode::MalformedRequest, error.to_string()));
        }
    };
    let Some(service) = QueryService::of(&head.headers, &parameters) else {
        let message = "the request is for no service of Hearth's that speaks the Query protocol: those are CloudWatch \
                       (Version 2010-08-01) and SQS (Version 2012-11-05), told apart by the signature's scope or by \
                       `Version`";
        return rest_json::error(&ApiError::new(ErrorCode::UnknownOperation, message));
    };
    let Some(action) = parameters.text("Action") else {
        return xml::error(
            service,
            "MissingAction",
            StatusCode::BAD_REQUEST,
            "The request must contain the parameter Action.",
        );
    };
    match service {
        QueryService::CloudWatch | QueryService::Sqs => {
            let message = format!("Hearth does not have {action} in the Query protocol yet");
            xml::error(service, "NotImplemented", StatusCode::NOT_IMPLEMENTED, &message)
        }
    }
}
