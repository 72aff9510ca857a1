//! Operations on log events.

use hearth_services::logs::{Event, EventsRequest, FilterRequest, NewEvent, PutRequest, Rejected};
use serde::{Deserialize, Serialize};

use super::{Group, Paging};
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PutDocument {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
}

#[derive(Deserialize)]
struct InputEvent {
    timestamp: i64,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PutAnswer {
    next_sequence_token: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_log_events_info: Option<RejectedInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RejectedInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    too_new_log_event_start_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_old_log_event_end_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_log_event_end_index: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GetDocument {
    #[serde(flatten)]
    group: Group,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    start_from_head: bool,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetAnswer {
    events: Vec<OutputEvent>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputEvent {
    timestamp: i64,
    message: String,
    ingestion_time: i64,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FilterDocument {
    #[serde(flatten)]
    group: Group,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    start_from_head: Option<bool>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterAnswer {
    events: Vec<FilteredEvent>,
    /// AWS tells no more since 2020.
    searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilteredEvent {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

/// Nobody has needed tokens for writing since 2023; AWS goes on giving them.
const SEQUENCE_TOKEN: &str = "49000000000000000000000000000000000000000000000000000000";

pub(super) fn put(call: &Call<'_>) -> Answer {
    let request: PutDocument = call.document()?;
    let event = |event: InputEvent| NewEvent { at: event.timestamp, message: event.message };
    let request = PutRequest {
        group: request.log_group_name,
        stream: request.log_stream_name,
        events: request.log_events.into_iter().map(event).collect(),
    };
    let rejected = call.gateway.logs().put(&call.partition, &request)?;
    let rejected = rejected.map(|Rejected { too_old_end, expired_end, too_new_start }| RejectedInfo {
        too_new_log_event_start_index: too_new_start,
        too_old_log_event_end_index: too_old_end,
        expired_log_event_end_index: expired_end,
    });
    call.answer(&PutAnswer { next_sequence_token: SEQUENCE_TOKEN, rejected_log_events_info: rejected })
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let request: GetDocument = call.document()?;
    let request = EventsRequest {
        group: request.group.into(),
        stream: request.log_stream_name,
        start: request.start_time,
        end: request.end_time,
        from_head: request.start_from_head,
        page: request.page.into(),
    };
    let page = call.gateway.logs().events(&call.partition, &request)?;
    let event = |event: Event| OutputEvent {
        timestamp: event.at.as_unix_millis(),
        message: event.message,
        ingestion_time: event.ingested_at.as_unix_millis(),
    };
    call.answer(&GetAnswer {
        events: page.events.into_iter().map(event).collect(),
        next_forward_token: page.forward,
        next_backward_token: page.backward,
    })
}

pub(super) fn filter(call: &Call<'_>) -> Answer {
    let request: FilterDocument = call.document()?;
    let request = FilterRequest {
        group: request.group.into(),
        streams: request.log_stream_names,
        stream_prefix: request.log_stream_name_prefix,
        start: request.start_time,
        end: request.end_time,
        pattern: request.filter_pattern,
        newest_first: request.start_from_head == Some(false),
        page: request.page.into(),
    };
    let page = call.gateway.logs().filter(&call.partition, &request)?;
    let event = |event: Event| FilteredEvent {
        log_stream_name: event.stream,
        timestamp: event.at.as_unix_millis(),
        message: event.message,
        ingestion_time: event.ingested_at.as_unix_millis(),
        event_id: event.id,
    };
    call.answer(&FilterAnswer {
        events: page.events.into_iter().map(event).collect(),
        searched_log_streams: [],
        next_token: page.next_token,
    })
}
