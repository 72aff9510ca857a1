//! Python handlers, if their runtime is installed: cold, warm, and many at once.

use std::{fs, io, path::Path, process::Stdio, time::Duration};

use serde::Serialize;
use tokio::process::Command;

use crate::{
    figures::{Target, median},
    load::{self, Client, Load, Sample},
    process::{self, Memory},
    server::{Ground, Server},
    stopwatch::Stopwatch,
};

/// A handler that imports what most of them do.
const HANDLER: &str = r#"
import json
import boto3

def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"#;

/// The same in a process of its own, from start to answer.
const NATIVE: &str = r#"
import app
print(app.lambda_handler({"data": "x" * 117}, None))
"#;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Functions, each of which is called cold once, and stays alive.
    pub(crate) functions: usize,
    /// Processes of native Python.
    pub(crate) processes: usize,
    /// How long the warm handler is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Python {
    /// How many environments were alive.
    pub(crate) environments: usize,
    /// Cold starts, one after the other, from request to answer over HTTP.
    pub(crate) cold: Sample,
    /// The same environment over and over, one connection.
    pub(crate) warm: Sample,
    /// Memory that is an environment's own.
    pub(crate) private_kib_each: f64,
    /// Hearth's memory with all of them.
    pub(crate) memory: Memory,
    /// The median of native processes, in microseconds; none if there is no Python with boto3.
    pub(crate) native_us: Option<f64>,
}

/// Measures Python, if `hearth runtime install` was run before.
///
/// # Errors
/// If the server does not start, or answers with anything but a success.
pub(crate) async fn measure(ground: Ground<'_>, effort: Effort) -> io::Result<Option<Python>> {
    let listed = Command::new(ground.hearth).args(["runtime", "list"]).output().await?;
    if !listed.status.success() || !listed.stdout.starts_with(b"python") {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("app.py"), HANDLER)?;
    let manifest = folder.path().join("hearth.toml");
    fs::write(&manifest, self::manifest(effort.functions))?;
    let server = Server::hearth_of_user(ground, &manifest).await?;
    let mut client = Client::connect(server.address).await?;
    // The first one brings what all have in common.
    client.call(&load::invoke_request("f0")).await?;
    let before = process::memory(server.process)?;
    let mut latencies = Vec::with_capacity(effort.functions);
    for number in 1..=effort.functions {
        let request = load::invoke_request(&format!("f{number}"));
        let since_start = Stopwatch::start();
        client.call(&request).await?;
        latencies.push(since_start.elapsed());
    }
    let memory = process::memory(server.process)?;
    let load = Load { connections: 1, warm_up: effort.warm_up, measured: effort.measured };
    let warm = load::drive(server.address, &load::invoke_request("f0"), load).await?;
    server.end().await?;
    let grown = memory.private_dirty_kib.saturating_sub(before.private_dirty_kib);
    Ok(Some(Python {
        environments: effort.functions,
        cold: Sample::in_sequence(latencies),
        warm,
        private_kib_each: process::each_kib(grown, effort.functions),
        memory,
        native_us: native(folder.path(), effort.processes).await?,
    }))
}

fn manifest(functions: usize) -> String {
    (0..=functions)
        .map(|number| {
            format!("[functions.f{number}]\ncode = \".\"\nruntime = \"python3.14\"\nhandler = \"app.lambda_handler\"\n")
        })
        .collect()
}

async fn native(folder: &Path, processes: usize) -> io::Result<Option<f64>> {
    let mut took = Vec::with_capacity(processes);
    for _ in 0..processes {
        let since_start = Stopwatch::start();
        let mut command = Command::new("python3");
        command.args(["-c", NATIVE]).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status().await {
            Ok(status) if status.success() => took.push(since_start.elapsed().as_secs_f64() * 1e6),
            Ok(_) | Err(_) => return Ok(None),
        }
    }
    Ok(Some(median(took.into_iter())))
}

impl Python {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let Self { environments, cold, warm, .. } = self;
        let private_mib = self.private_kib_each / 1024.0;
        let gib = process::kib_to_mib(self.memory.proportional_kib) / 1024.0;
        let milliseconds = |microseconds: f64| microseconds / 1e3;
        let (median, p99) = (milliseconds(cold.median_us), milliseconds(cold.p99_us));
        let mut targets = vec![
            Target::new("Python, cold, median", format!("{median:.1} ms"), "at most 10 ms"),
            Target::new("Python, cold, p99", format!("{p99:.1} ms"), "at most 25 ms"),
            Target::new(
                "Python, warm, one connection, median",
                format!("{:.0} us", warm.median_us),
                "at most 150 us",
            ),
            Target::new(
                "Python, memory of an idle environment",
                format!("{private_mib:.1} MiB"),
                "at most 6 MiB",
            ),
            Target::new(
                "Python, live environments",
                format!("{environments} in {gib:.2} GiB"),
                "500 in at most 4 GiB",
            ),
        ];
        if let Some(native) = self.native_us {
            let ratio = native / cold.median_us;
            let measured = format!("{ratio:.0} times ({:.0} ms)", milliseconds(native));
            targets.push(Target::new("Python, a native process, of a cold start", measured, "as a ratio"));
        }
        targets
    }
}
