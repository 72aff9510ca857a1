//! The platform's lines as JSON documents.
//!
//! Source: Lambda developer guide, "Configuring JSON and plain text log formats"; the records are those of "Lambda Telemetry
//! API Event schema reference".

use std::{fmt, time::Duration};

use hearth_model::{identity::RequestId, time::Timestamp};
use serde::Serialize;

use super::platform::{InvocationStatus, PlatformLine, ReportLine};

#[derive(Serialize)]
struct Event<'a> {
    time: String,
    #[serde(rename = "type")]
    kind: &'static str,
    record: Record<'a>,
}

/// What the records of all kinds have, in the order in which AWS writes it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initialization_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'a str>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    produced_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed_duration_ms: Option<u64>,
    #[serde(rename = "memorySizeMB", skip_serializing_if = "Option::is_none")]
    memory_size_mib: Option<u32>,
    #[serde(rename = "maxMemoryUsedMB", skip_serializing_if = "Option::is_none")]
    max_memory_used_mib: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init_duration_ms: Option<f64>,
    /// Hearth's own, see [`ReportLine::real_duration`].
    #[serde(skip_serializing_if = "Option::is_none")]
    real_duration_ms: Option<f64>,
}

impl PlatformLine {
    /// Writes the line that was written at this time, of an invocation if it is one of those; what there is only in text is
    /// left out.
    pub(super) fn fmt_json(
        &self,
        at: Timestamp,
        request_id: Option<RequestId>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let (kind, record) = match self {
            Self::InitStart { initialization, phase, function, version } => {
                let record = Record {
                    initialization_type: Some(initialization.as_str()),
                    phase: Some(phase.as_str()),
                    function_name: Some(function),
                    function_version: Some(version.to_string()),
                    ..Record::default()
                };
                ("platform.initStart", record)
            }
            Self::InitRuntimeDone { initialization, phase, status } => {
                let record = Record {
                    initialization_type: Some(initialization.as_str()),
                    phase: Some(phase.as_str()),
                    ..Record::ended(status)
                };
                ("platform.initRuntimeDone", record)
            }
            Self::InitReport { initialization, duration, phase, status } => {
                let record = Record {
                    initialization_type: Some(initialization.as_str()),
                    phase: Some(phase.as_str()),
                    metrics: Some(Metrics::taking(*duration)),
                    ..Record::ended(status)
                };
                ("platform.initReport", record)
            }
            Self::Start { version } => {
                let record = Record { request_id, version: Some(version.to_string()), ..Record::default() };
                ("platform.start", record)
            }
            Self::RuntimeDone { duration, produced_bytes, status } => {
                let produced_bytes = Some(*produced_bytes);
                let metrics = Metrics { produced_bytes, ..Metrics::taking(*duration) };
                let record = Record { request_id, metrics: Some(metrics), ..Record::ended(status) };
                ("platform.runtimeDone", record)
            }
            Self::Report(report) => ("platform.report", Record { request_id, ..Record::report(report) }),
            Self::Text(text) => return f.write_str(text),
            Self::End => return Ok(()),
        };
        let event = Event { time: iso_8601(at), kind, record };
        let document = serde_json::to_string(&event).expect("texts and numbers always serialise");
        f.write_str(&document)
    }
}

impl<'a> Record<'a> {
    fn ended(status: &'a InvocationStatus) -> Self {
        let (status, error_type) = match status {
            InvocationStatus::Success => ("success", None),
            InvocationStatus::Timeout => ("timeout", None),
            InvocationStatus::Error { error_type } => ("error", Some(&**error_type)),
        };
        Self { status: Some(status), error_type, ..Self::default() }
    }

    fn report(report: &'a ReportLine) -> Self {
        let metrics = Metrics {
            billed_duration_ms: u64::try_from(report.billed().as_millis()).ok(),
            memory_size_mib: Some(report.memory_size_mib),
            max_memory_used_mib: Some(report.max_memory_used_mib),
            init_duration_ms: report.init_duration.map(milliseconds),
            real_duration_ms: report.real_duration.map(milliseconds),
            ..Metrics::taking(report.duration)
        };
        Self { metrics: Some(metrics), ..Self::ended(&report.status) }
    }
}

impl Metrics {
    fn taking(duration: Duration) -> Self {
        Self { duration_ms: milliseconds(duration), ..Self::default() }
    }
}

/// Milliseconds with three places.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// `2025-11-24T23:13:29.123Z`, as it stands in logs.
pub(crate) fn iso_8601(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_unix_millis()).map(|at| format!("{at:.3}")).unwrap_or_default()
}
