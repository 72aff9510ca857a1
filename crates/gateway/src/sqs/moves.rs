//! Tasks that move messages out of dead-letter queues.

use hearth_services::sqs::{MoveTaskView, StartMove};
use serde::{Deserialize, Serialize};

use super::missing;
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MoveDocument {
    source_arn: Option<String>,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
    max_results: Option<i64>,
}

/// A task's handle, given and told.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct HandleDocument {
    task_handle: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MovedDocument {
    approximate_number_of_messages_moved: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TasksDocument {
    results: Vec<TaskDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TaskDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_handle: Option<String>,
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages_per_second: Option<u32>,
    approximate_number_of_messages_moved: u64,
    approximate_number_of_messages_to_move: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    started_timestamp: i64,
}

pub(super) fn start(call: &Call<'_>) -> Answer {
    let document: MoveDocument = call.document()?;
    let request = StartMove {
        source_arn: document.source_arn.ok_or_else(|| missing("SourceArn"))?,
        destination_arn: document.destination_arn,
        messages_per_second: document.max_number_of_messages_per_second,
    };
    let handle = call.gateway.queues().start_move(&call.partition, &request)?;
    call.answer(&HandleDocument { task_handle: Some(handle) })
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let document: MoveDocument = call.document()?;
    let source = document.source_arn.ok_or_else(|| missing("SourceArn"))?;
    let tasks = call.gateway.queues().move_tasks(&call.partition, &source, document.max_results)?;
    call.answer(&TasksDocument { results: tasks.into_iter().map(TaskDocument::of).collect() })
}

pub(super) fn cancel(call: &Call<'_>) -> Answer {
    let HandleDocument { task_handle } = call.document()?;
    let handle = task_handle.ok_or_else(|| missing("TaskHandle"))?;
    let moved = call.gateway.queues().cancel_move(&call.partition, &handle)?;
    call.answer(&MovedDocument { approximate_number_of_messages_moved: moved })
}

impl TaskDocument {
    fn of(task: MoveTaskView) -> Self {
        Self {
            task_handle: task.task_handle,
            status: task.status,
            source_arn: task.source.to_string(),
            destination_arn: task.destination.map(|queue| queue.to_string()),
            max_number_of_messages_per_second: task.messages_per_second,
            approximate_number_of_messages_moved: task.moved,
            approximate_number_of_messages_to_move: task.to_move,
            failure_reason: task.failure_reason,
            started_timestamp: task.started_at.as_unix_millis(),
        }
    }
}
