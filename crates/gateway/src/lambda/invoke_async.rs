//! `InvokeAsync`, which `Invoke` has replaced.

use hearth_engine::InvokeRequest;
use http::StatusCode;

use super::call::Call;
use crate::rest_json::{self, Answer};

pub(super) fn accept(call: Call<'_>, name: &str) -> Answer {
    let (name, functions, partition) = (Call::segment(name)?, call.functions(), call.partition.clone());
    let request = InvokeRequest { event: call.into_body(), ..InvokeRequest::default() };
    let id = functions.accept(&partition, &name, None, request)?;
    let mut response = rest_json::empty(StatusCode::ACCEPTED);
    rest_json::set_request_id(&mut response, id);
    Ok(response)
}
