//! Operations on log streams.

use hearth_model::validation::Violation;
use hearth_services::logs::{Refusal, StreamOrder, StreamView, StreamsRequest, stream_arn};
use serde::{Deserialize, Serialize};

use super::{Group, Paging};
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StreamRequest {
    log_group_name: String,
    log_stream_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeRequest {
    #[serde(flatten)]
    group: Group,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: bool,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamList {
    log_streams: Vec<StreamDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamDocument {
    log_stream_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<i64>,
    arn: String,
    stored_bytes: u64,
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let request: StreamRequest = call.document()?;
    let logs = call.gateway.logs();
    logs.create_stream(&call.partition, &request.log_group_name, &request.log_stream_name)?;
    call.done()
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let request: StreamRequest = call.document()?;
    let logs = call.gateway.logs();
    logs.delete_stream(&call.partition, &request.log_group_name, &request.log_stream_name)?;
    call.done()
}

pub(super) fn describe(call: &Call<'_>) -> Answer {
    let request: DescribeRequest = call.document()?;
    let request = StreamsRequest {
        group: request.group.into(),
        prefix: request.log_stream_name_prefix,
        order: order(request.order_by.as_deref())?,
        descending: request.descending,
        page: request.page.into(),
    };
    let page = call.gateway.logs().describe_streams(&call.partition, &request)?;
    let document = |view: StreamView| StreamDocument {
        arn: stream_arn(&call.partition, &view.group, &view.name),
        log_stream_name: view.name,
        creation_time: view.created_at.as_unix_millis(),
        first_event_timestamp: view.events.map(|events| events.first.as_unix_millis()),
        last_event_timestamp: view.events.map(|events| events.last.as_unix_millis()),
        last_ingestion_time: view.events.map(|events| events.last_ingested_at.as_unix_millis()),
        // AWS counts bytes for groups alone.
        stored_bytes: 0,
    };
    let log_streams = page.items.into_iter().map(document).collect();
    call.answer(&StreamList { log_streams, next_token: page.next_token })
}

fn order(given: Option<&str>) -> Result<StreamOrder, Refusal> {
    match given {
        None | Some("LogStreamName") => Ok(StreamOrder::Name),
        Some("LastEventTime") => Ok(StreamOrder::LastEvent),
        Some(other) => {
            const CONSTRAINT: &str = "Member must satisfy enum value set: [LogStreamName, LastEventTime]";
            Err(Violation::new("orderBy", other, CONSTRAINT).into())
        }
    }
}
