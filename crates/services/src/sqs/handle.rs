//! Receipt handles and task handles as users have them: opaque texts.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_model::sqs::{MoveTaskId, QueueAddress, ReceiptHandle};
use serde::{Deserialize, Serialize};

use super::{Refusal, RefusalKind};

/// Writes a receipt handle.
pub(crate) fn write_receipt(handle: ReceiptHandle) -> String {
    BASE64_STANDARD.encode(handle.to_bytes())
}

/// Reads a receipt handle.
pub(super) fn read_receipt(text: &str) -> Result<ReceiptHandle, Refusal> {
    let bytes = BASE64_STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(|bytes| ReceiptHandle::from_bytes(&bytes)).ok_or_else(|| Refusal::no_handle(text))
}

/// What a task handle says; in AWS's form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskHandle {
    task_id: String,
    source_arn: String,
}

/// Writes the handle of a task that moves messages.
pub(super) fn write_task(id: MoveTaskId, source: &QueueAddress) -> String {
    let handle = TaskHandle { task_id: id.to_string(), source_arn: source.to_string() };
    BASE64_STANDARD.encode(serde_json::to_vec(&handle).expect("texts can always be written"))
}

/// Reads the handle of a task that moves messages.
pub(super) fn read_task(text: &str) -> Result<(MoveTaskId, QueueAddress), Refusal> {
    let invalid =
        || Refusal::new(RefusalKind::InvalidParameterValue, "Value for parameter TaskHandle is invalid.");
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| invalid())?;
    let handle: TaskHandle = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    let id = MoveTaskId::parse(&handle.task_id).ok_or_else(invalid)?;
    Ok((id, QueueAddress::parse_arn(&handle.source_arn).ok_or_else(invalid)?))
}
