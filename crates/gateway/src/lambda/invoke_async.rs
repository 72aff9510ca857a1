//! `InvokeAsync`, which `Invoke` has replaced.

use hearth_engine::InvokeRequest;
use http::{Response, StatusCode};

use super::call::{Call, segment};
use crate::{body::AnswerBody, error::ApiError, rest_json};

pub(super) fn accept(call: Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    let (name, functions, partition) = (segment(name)?, call.functions(), call.partition.clone());
    let request = InvokeRequest { event: call.into_body(), ..InvokeRequest::default() };
    let id = functions.accept(&partition, &name, None, request)?;
    let mut response = rest_json::empty(StatusCode::ACCEPTED);
    rest_json::set_request_id(&mut response, id);
    Ok(response)
}
