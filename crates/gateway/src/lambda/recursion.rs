//! `GetFunctionRecursionConfig` and `PutFunctionRecursionConfig`.

use hearth_services::lambda::RecursiveLoop;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::rest_json::{Answer, answer};

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct RecursionDocument {
    recursive_loop: String,
}

pub(super) fn recursive_loop(call: &Call<'_>, name: &str) -> Answer {
    document(call.functions().recursive_loop(&call.partition, &Call::segment(name)?)?)
}

pub(super) fn set(call: &Call<'_>, name: &str) -> Answer {
    let recursive_loop = RecursiveLoop::parse(&call.document::<RecursionDocument>()?.recursive_loop)?;
    call.functions().set_recursive_loop(&call.partition, &Call::segment(name)?, recursive_loop)?;
    document(recursive_loop)
}

fn document(recursive_loop: RecursiveLoop) -> Answer {
    let recursive_loop = recursive_loop.as_str().to_owned();
    answer(StatusCode::OK, &RecursionDocument { recursive_loop })
}
