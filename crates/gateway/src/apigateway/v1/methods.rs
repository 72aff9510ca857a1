//! The operations on methods, and on what serves them.

use hearth_services::apigateway::v1::MethodPlace;

use super::{
    Answer,
    call::{Call, created, done, found},
};
use crate::error::ApiError;

/// Answers a request about a method; `None` if there is no such operation.
pub(super) fn answer(
    call: &Call<'_>,
    method: &str,
    [api, resource, name]: [&str; 3],
    segments: &[&str],
) -> Option<Answer> {
    let place = MethodPlace { api, resource, method: name };
    match segments {
        ["integration", rest @ ..] => integration(call, method, place, rest),
        _ => own(call, method, place, segments),
    }
    .map(Result::flatten)
}

fn own(
    call: &Call<'_>,
    method: &str,
    place: MethodPlace<'_>,
    segments: &[&str],
) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("PUT", []) => call.document().map(|new| created(apis.put_method(partition, place, new))),
        ("GET", []) => Ok(found(apis.method(partition, place))),
        ("PATCH", []) => call.patch().map(|patch| found(apis.update_method(partition, place, &patch))),
        ("DELETE", []) => Ok(done(apis.delete_method(partition, place))),
        ("PUT", ["responses", status]) => {
            call.document().map(|new| created(apis.put_method_response(partition, place, status, new)))
        }
        ("GET", ["responses", status]) => Ok(found(apis.method_response(partition, place, status))),
        ("PATCH", ["responses", status]) => {
            call.patch().map(|patch| created(apis.update_method_response(partition, place, status, &patch)))
        }
        ("DELETE", ["responses", status]) => Ok(done(apis.delete_method_response(partition, place, status))),
        _ => return None,
    })
}

fn integration(
    call: &Call<'_>,
    method: &str,
    place: MethodPlace<'_>,
    segments: &[&str],
) -> Option<Result<Answer, ApiError>> {
    let (apis, partition) = (call.apis(), &*call.partition);
    Some(match (method, segments) {
        ("PUT", []) => call.document().map(|new| created(apis.put_integration(partition, place, new))),
        ("GET", []) => Ok(found(apis.integration(partition, place))),
        ("PATCH", []) => call.patch().map(|patch| found(apis.update_integration(partition, place, &patch))),
        ("DELETE", []) => Ok(done(apis.delete_integration(partition, place))),
        ("PUT", ["responses", status]) => {
            call.document().map(|new| created(apis.put_integration_response(partition, place, status, new)))
        }
        ("GET", ["responses", status]) => Ok(found(apis.integration_response(partition, place, status))),
        ("PATCH", ["responses", status]) => call
            .patch()
            .map(|patch| found(apis.update_integration_response(partition, place, status, &patch))),
        ("DELETE", ["responses", status]) => {
            Ok(done(apis.delete_integration_response(partition, place, status)))
        }
        _ => return None,
    })
}
