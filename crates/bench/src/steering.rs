//! Time that is steered, in this process, as tests have it: a start, a month of minutes, a year of nothing, a reset.

use std::{fmt::Write, io, time::Duration};

use hearth_testkit::Hearth;
use serde::Serialize;

use crate::{
    figures::{Target, median},
    stopwatch::Stopwatch,
    world::World,
};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Starts, and resets.
    pub(crate) rounds: usize,
    /// Days of a schedule that fires each minute.
    pub(crate) days: u32,
}

/// What was measured; one entry for each time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Steering {
    /// From nothing to a Hearth that answers, with three functions whose code is compiled, in milliseconds.
    pub(crate) start_ms: Vec<f64>,
    /// Invocations by a schedule, and how many seconds they took altogether.
    pub(crate) firings: usize,
    pub(crate) firings_s: f64,
    /// A year in which nothing is due, in milliseconds.
    pub(crate) year_ms: Vec<f64>,
    /// A reset with ten functions, each with an environment, and ten queues, in milliseconds.
    pub(crate) reset_ms: Vec<f64>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
/// Functions and queues of what is reset.
const EACH: usize = 10;

/// Measures one after the other.
///
/// # Errors
/// If a Hearth does not start, or does not do what is measured.
pub(crate) async fn measure(world: &World, effort: Effort) -> io::Result<Steering> {
    let (firings, firings_s) = minutes(world, effort.days).await?;
    let mut measured =
        Steering { start_ms: Vec::new(), firings, firings_s, year_ms: Vec::new(), reset_ms: Vec::new() };
    // The first start compiles, and makes the sandbox that those after it share.
    drop(start(builder().manifest(world.manifest())).await?);
    for _ in 0..effort.rounds {
        let began = Stopwatch::start();
        let hearth = start(builder().manifest(world.manifest())).await?;
        measured.start_ms.push(milliseconds(began));
        let began = Stopwatch::start();
        hearth.advance(365 * DAY).await;
        measured.year_ms.push(milliseconds(began));
    }
    let hearth = start(builder().manifest_text(world.path(), functions_and_queues())).await?;
    for _ in 0..effort.rounds {
        hearth.advance(MINUTE).await;
        let warm = hearth.timeline().len();
        let began = Stopwatch::start();
        hearth.reset().await;
        measured.reset_ms.push(milliseconds(began));
        if hearth.timeline().len() >= warm {
            return Err(io::Error::other("what was reset had done nothing"));
        }
    }
    Ok(measured)
}

/// A schedule that fires each minute, for so many days: how often it did, and how many seconds that took.
async fn minutes(world: &World, days: u32) -> io::Result<(usize, f64)> {
    let manifest = "[functions.echo]\ncode = \"echo.wasm\"\n\n[[functions.echo.events]]\nschedule = \"rate(1 minute)\"\n";
    let hearth = start(builder().manifest_text(world.path(), manifest)).await?;
    let began = Stopwatch::start();
    let ran = hearth.advance(days * DAY).await;
    let took = began.elapsed().as_secs_f64();
    let firings = ran.get("invocations").copied().unwrap_or_default();
    Ok((usize::try_from(firings).unwrap_or(usize::MAX), took))
}

fn functions_and_queues() -> String {
    let mut manifest = String::new();
    for number in 0..EACH {
        let name = if number.is_multiple_of(3) { "echo".to_owned() } else { format!("echo-{}", number % 3) };
        write!(
            manifest,
            "[functions.f{number}]\ncode = \"{name}.wasm\"\n[[functions.f{number}.events]]\nschedule = \"rate(1 minute)\"\n[queues.q{number}]\n"
        )
        .expect("a string takes everything");
    }
    manifest
}

fn builder() -> hearth_testkit::Builder {
    Hearth::builder().frozen_at("2026-01-01T00:00:00Z")
}

async fn start(builder: hearth_testkit::Builder) -> io::Result<Hearth> {
    builder.start().await.map_err(io::Error::other)
}

fn milliseconds(since: Stopwatch) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

impl Steering {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 4] {
        let median = |figures: &[f64]| median(figures.iter().copied());
        [
            Target::new(
                "a Hearth within a test, started with compiled code",
                format!("{:.1} ms", median(&self.start_ms)),
                "at most 20 ms",
            ),
            Target::new(
                "a schedule each minute for 30 days, in real sandboxes",
                format!("{} firings in {:.2} s", self.firings, self.firings_s),
                "43200 in at most 10 s",
            ),
            Target::new(
                "a year in which nothing is due",
                format!("{:.3} ms", median(&self.year_ms)),
                "at most 1 ms",
            ),
            Target::new(
                "a reset of ten functions that are warm, and ten queues",
                format!("{:.1} ms", median(&self.reset_ms)),
                "at most 10 ms",
            ),
        ]
    }
}
