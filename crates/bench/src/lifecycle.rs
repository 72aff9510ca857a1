//! What happens at the edges of a server's life: its start, its rest, and a burst of cold starts.

use std::{io, time::Duration};

use serde::Serialize;

use crate::{
    figures::{Target, median},
    load::{self, Client},
    process::{self, Memory},
    server::{Ground, Server},
    stopwatch::Stopwatch,
};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Starts of the process.
    pub(crate) starts: usize,
    /// Bursts, each against a fresh process.
    pub(crate) bursts: usize,
    /// Cold starts in one burst.
    pub(crate) burst_size: usize,
}

/// What was measured; one entry for each time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Lifecycle {
    /// From starting the process to having the first answer of a function, in milliseconds; the functions were compiled
    /// by an earlier start.
    pub(crate) first_answer_ms: Vec<f64>,
    /// The process's memory once it listens, before any request.
    pub(crate) idle: Vec<Memory>,
    /// Cold starts in one burst.
    pub(crate) burst_size: usize,
    /// From the first request of a burst to its last answer, in milliseconds.
    pub(crate) burst_ms: Vec<f64>,
}

/// Measures one after the other.
///
/// # Errors
/// If a server does not start, or answers with anything but a success.
pub(crate) async fn measure(
    ground: Ground<'_>,
    effort: Effort,
    mut progress: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<Lifecycle> {
    // The first start compiles; what is measured is the one after it.
    Server::hearth(ground, false).await?.end().await?;
    let request = load::invoke_request("echo");
    let (mut first_answer_ms, mut idle, mut burst_ms) = (Vec::new(), Vec::new(), Vec::new());
    progress("starting with three compiled functions")?;
    for _ in 0..effort.starts {
        let since_start = Stopwatch::start();
        let server = Server::hearth(ground, false).await?;
        Client::connect(server.address).await?.call(&request).await?;
        first_answer_ms.push(milliseconds(since_start.elapsed()));
        server.end().await?;

        let server = Server::hearth(ground, false).await?;
        idle.push(process::memory(server.process)?);
        server.end().await?;
    }
    for number in 1..=effort.bursts {
        progress(&format!("burst {number} of {}: {} cold starts", effort.bursts, effort.burst_size))?;
        let server = Server::hearth_fresh(ground).await?;
        burst_ms.push(milliseconds(load::burst(server.address, &request, effort.burst_size).await?));
        server.end().await?;
    }
    Ok(Lifecycle { first_answer_ms, idle, burst_size: effort.burst_size, burst_ms })
}

impl Lifecycle {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 3] {
        let first_answer = median(self.first_answer_ms.iter().copied());
        let idle = median(self.idle.iter().map(|memory| process::kib_to_mib(memory.resident_kib)));
        let (burst_size, burst) = (self.burst_size, median(self.burst_ms.iter().copied()));
        [
            Target::new(
                "start to first answer, three functions",
                format!("{first_answer:.1} ms"),
                "at most 25 ms",
            ),
            Target::new("idle memory", format!("{idle:.1} MiB"), "at most 30 MiB"),
            Target::new(
                "burst, last answer",
                format!("{burst_size} in {burst:.0} ms"),
                "1000 in at most 100 ms",
            ),
        ]
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
