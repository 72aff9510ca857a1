//! Invocations that are run again.

use hearth_engine::{InvokeError, ReplayError, timeline::Outcome};
use hearth_model::identity::RequestId;
use http::{Response, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::query::invalid;
use crate::{
    body::{self, AnswerBody, RequestBody, awaits_permission},
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json,
};

/// What came of an invocation that was run again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replayed {
    /// The request that was repeated.
    pub replay_of: RequestId,
    /// Its own id, as in the log and the timeline.
    pub request_id: RequestId,
    /// The function's name.
    pub function: String,
    /// The version that served it.
    pub version: String,
    /// How it ended, as the timeline has it: `success`, `function-error`, `timeout` and so on.
    pub outcome: String,
    /// The answer, or the document that describes the error.
    pub payload: Box<RawValue>,
    /// The last 4 KiB of its log.
    pub log: String,
    /// What the invocation took, in microseconds.
    pub duration_us: u64,
}

/// Runs an invocation again and answers with what came of it.
pub(crate) async fn answer(
    gateway: &Gateway,
    id: &str,
    head: &Parts,
    body: RequestBody,
) -> Result<Response<AnswerBody>, ApiError> {
    if !awaits_permission(&head.headers) {
        body::discard(body).await;
    }
    let id = RequestId::parse(id).ok_or_else(|| invalid(format!("`{id}` is not the id of a request")))?;
    let replay = gateway.functions().replay(id).await.map_err(|error| refused(&error))?;
    let reply = replay.reply;
    let outcome = serde_json::to_value(Outcome::of(&reply.result)).expect(WRITABLE);
    let payload = match &reply.result {
        Ok(answer) => match serde_json::from_slice(answer) {
            Ok(payload) => payload,
            // A handler may answer what is no JSON.
            Err(_) => to_raw_value(&String::from_utf8_lossy(answer)).expect(WRITABLE),
        },
        Err(failure) => to_raw_value(&failure.document(reply.request_id)).expect(WRITABLE),
    };
    let log = reply.log_tail.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    Ok(rest_json::document(&Replayed {
        replay_of: id,
        request_id: reply.request_id,
        function: replay.function.name().to_string(),
        version: reply.version.to_string(),
        outcome: outcome.as_str().unwrap_or_default().to_owned(),
        payload,
        log: log.into_owned(),
        duration_us: u64::try_from(reply.report.duration.as_micros()).unwrap_or(u64::MAX),
    }))
}

fn refused(error: &ReplayError) -> ApiError {
    let code = match error {
        ReplayError::Refused(InvokeError::Throttled(reason)) => return ApiError::throttled(*reason),
        ReplayError::NotRecorded { .. }
        | ReplayError::CodeGone { .. }
        | ReplayError::Refused(InvokeError::NoSuchVersion { .. }) => ErrorCode::ResourceNotFound,
        ReplayError::Refused(InvokeError::Unloaded { .. }) => ErrorCode::ResourceConflict,
        ReplayError::Refused(InvokeError::ShuttingDown) => ErrorCode::Service,
    };
    ApiError::new(code, error.to_string())
}

const WRITABLE: &str = "texts can always be written";
