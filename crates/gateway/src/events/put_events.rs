//! `PutEvents` and `TestEventPattern`.

use hearth_services::events::{EntryRefusal, NewEvent};
use serde::{Deserialize, Serialize};

use crate::rpc::{Answer, Call, RpcError, WireTimestamp};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PutRequest {
    entries: Vec<Entry>,
    endpoint_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Entry {
    time: Option<WireTimestamp>,
    source: Option<String>,
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    trace_header: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutAnswer {
    failed_entry_count: usize,
    entries: Vec<EntryAnswer>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TestRequest {
    event_pattern: String,
    event: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TestAnswer {
    result: bool,
}

pub(super) fn put(call: &Call<'_>) -> Answer {
    let PutRequest { entries, endpoint_id } = call.document()?;
    if endpoint_id.is_some() {
        return Err(RpcError::not_implemented("Hearth has no global endpoints: leave out EndpointId"));
    }
    let events = entries.into_iter().map(|entry| NewEvent {
        time: entry.time.map(|WireTimestamp(time)| time),
        source: entry.source,
        resources: entry.resources,
        detail_type: entry.detail_type,
        detail: entry.detail,
        bus: entry.event_bus_name,
        trace_header: entry.trace_header.or_else(|| call.trace_header().map(str::to_owned)),
    });
    let taken = call.gateway.rules().put_events(&call.partition, events.collect())?;
    let failed_entry_count = taken.iter().filter(|taken| taken.is_err()).count();
    let entries = taken.into_iter().map(|taken| match taken {
        Ok(id) => EntryAnswer { event_id: Some(id.to_string()), ..EntryAnswer::default() },
        Err(refusal) => EntryAnswer::refused(&refusal),
    });
    call.answer(&PutAnswer { failed_entry_count, entries: entries.collect() })
}

pub(super) fn test_pattern(call: &Call<'_>) -> Answer {
    let TestRequest { event_pattern, event } = call.document()?;
    call.answer(&TestAnswer { result: call.gateway.rules().test_event_pattern(&event_pattern, &event)? })
}

impl EntryAnswer {
    fn refused(refusal: &EntryRefusal) -> Self {
        let (error_code, error_message) = (Some(refusal.code()), Some(refusal.to_string()));
        Self { error_code, error_message, ..Self::default() }
    }
}
