//! What came of an invocation, for people and for programs.

use std::{
    io::{self, Write},
    time::Duration,
};

use bytes::Bytes;
use hearth_engine::{InvokeReply, Report};
use hearth_model::{
    cold_start::ModelledColdStart,
    identity::EnvironmentId,
    pool::{ColdReason, ThrottleReason},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{error::CommandError, print};
use crate::{exit::Exit, terminal};

/// What came of an invocation.
pub(super) struct Outcome {
    function: String,
    request_id: Option<String>,
    version: Option<String>,
    status: Status,
    /// The answer, or the error document that a caller gets.
    payload: Bytes,
    report: Option<ReportDocument>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Ok,
    /// It is kept for later; nobody waits for the answer.
    Accepted,
    FunctionError,
    PlatformError,
    Throttled,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    function: &'a str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a ReportDocument>,
}

/// What it took; times in milliseconds.
#[derive(Serialize)]
struct ReportDocument {
    environment: EnvironmentId,
    /// Why it was cold; `null` if it was warm.
    cold: Option<ColdReason>,
    duration_ms: f64,
    billed_ms: f64,
    init: Option<InitDocument>,
    provision_ms: f64,
    initialise_ms: f64,
    handle_ms: f64,
    memory_size_mib: u32,
    max_memory_used_bytes: u64,
}

#[derive(Serialize)]
struct InitDocument {
    measured_ms: f64,
    modelled_runtime_ms: f64,
    modelled_package_ms: f64,
    modelled_vpc_ms: f64,
}

impl Outcome {
    /// Of an invocation in this process.
    pub(super) fn of_reply(function: String, reply: InvokeReply) -> Self {
        let request_id = reply.request_id;
        let (status, payload) = match reply.result {
            Ok(answer) => (Status::Ok, answer),
            Err(failure) => {
                let status = match failure.platform_fault() {
                    Some(_) => Status::PlatformError,
                    None => Status::FunctionError,
                };
                (status, document(&failure.document(request_id)))
            }
        };
        Self {
            function,
            request_id: Some(request_id.to_string()),
            version: Some(reply.version.to_string()),
            status,
            payload,
            report: Some(ReportDocument::of(&reply.report)),
        }
    }

    /// Of an answer of a running Hearth.
    pub(super) fn of_answer(
        function: String,
        request_id: Option<String>,
        version: Option<String>,
        status: Status,
        payload: Bytes,
    ) -> Self {
        Self { function, request_id, version, status, payload, report: None }
    }

    /// Of an invocation for which there was no concurrency.
    pub(super) fn throttled(function: String, reason: ThrottleReason) -> Self {
        let error = json!({
            "errorType": "TooManyRequestsException",
            "errorMessage": "Rate Exceeded.",
            "reason": reason.as_str(),
        });
        Self::of_answer(function, None, None, Status::Throttled, document(&error))
    }

    pub(super) fn exit(&self) -> Exit {
        match self.status {
            Status::Ok | Status::Accepted => Exit::Success,
            Status::FunctionError => Exit::FunctionError,
            Status::PlatformError | Status::Throttled => Exit::Platform,
        }
    }

    /// Prints it: the payload as it is, the request's id if there is none yet, or a document with everything. Faults that are
    /// not the function's go to stderr.
    pub(super) fn show(&self, json: bool) -> Result<(), CommandError> {
        if json {
            return print(format_args!("{}\n", self.to_json()));
        }
        match self.status {
            Status::Ok | Status::FunctionError => self.print_payload(),
            Status::Accepted => print(format_args!("{}\n", self.request_id.as_deref().unwrap_or_default())),
            Status::PlatformError | Status::Throttled => {
                let error = self.payload_json();
                let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let reason = text("reason");
                let reason = if reason.is_empty() { reason } else { format!(" ({reason})") };
                terminal::error_text(format_args!("{}: {}{reason}", text("errorType"), text("errorMessage")));
                Ok(())
            }
        }
    }

    /// To the byte: no styles are looked for in it.
    fn print_payload(&self) -> Result<(), CommandError> {
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(&self.payload)
            .and_then(|()| if self.payload.ends_with(b"\n") { Ok(()) } else { stdout.write_all(b"\n") })
            .and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::Output(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn to_json(&self) -> String {
        let (result, error) = match self.status {
            Status::Ok => (Some(self.payload_json()), None),
            Status::Accepted => (None, None),
            Status::FunctionError | Status::PlatformError | Status::Throttled => {
                (None, Some(self.payload_json()))
            }
        };
        let document = Document {
            function: &self.function,
            status: self.status,
            request_id: self.request_id.as_deref(),
            version: self.version.as_deref(),
            result,
            error,
            report: self.report.as_ref(),
        };
        serde_json::to_string(&document).expect("its keys are texts and its numbers finite")
    }

    /// The payload as JSON; one that is none becomes a text.
    fn payload_json(&self) -> Value {
        serde_json::from_slice(&self.payload)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.payload).into_owned()))
    }
}

impl ReportDocument {
    fn of(report: &Report) -> Self {
        Self {
            environment: report.environment,
            cold: report.cold,
            duration_ms: milliseconds(report.duration),
            billed_ms: milliseconds(report.billed),
            init: report.init.map(|init| InitDocument::of(init.measured, &init.modelled)),
            provision_ms: milliseconds(report.phases.provision),
            initialise_ms: milliseconds(report.phases.init),
            handle_ms: milliseconds(report.phases.handle),
            memory_size_mib: report.memory_size.get(),
            max_memory_used_bytes: report.peak_memory_bytes,
        }
    }
}

impl InitDocument {
    fn of(measured: Duration, modelled: &ModelledColdStart) -> Self {
        Self {
            measured_ms: milliseconds(measured),
            modelled_runtime_ms: milliseconds(modelled.runtime),
            modelled_package_ms: milliseconds(modelled.package),
            modelled_vpc_ms: milliseconds(modelled.vpc),
        }
    }
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn document(document: &impl Serialize) -> Bytes {
    serde_json::to_vec(document).expect("its keys are texts and its numbers finite").into()
}
