//! Measures Hearth as a whole over HTTP, beside what its parts reach alone.
//!
//! Absolute figures of a shared machine drift by a quarter; so the servers are driven in turn, several rounds, and the
//! ratio within each round is what counts. Every server is a process of its own that this program starts and ends.

mod assembly;
mod comparison;
mod deployment;
mod figures;
mod floor;
mod fronts;
mod guest;
mod idle;
mod lifecycle;
mod load;
mod objects;
mod population;
mod process;
mod python;
mod queues;
mod report;
mod server;
mod steering;
mod stopwatch;
mod transfer;
mod world;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Parser, Subcommand};

use crate::{
    assembly::Assembly,
    floor::Floor,
    population::Population,
    report::{Machine, Report},
    server::Ground,
    world::World,
};

/// Measure Hearth over HTTP, beside bare hyper and bare wasmtime. Tables go to stdout, progress to stderr.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only see whether everything works: few and short rounds, few environments
    #[arg(long)]
    quick: bool,
    /// Hearth's binary [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    hearth: Option<PathBuf>,
    /// A file for all figures, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Wasmtime's binary, whose `serve` is measured beside `wasi:http` components [default: the one in the search path, if any]
    #[arg(long, value_name = "FILE", global = true)]
    wasmtime: Option<PathBuf>,
    /// Environments that are alive at once in the measurement of memory
    #[arg(long, value_name = "N")]
    environments: Option<u32>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What this program does instead: a part of its work, or that of its own children.
#[derive(Debug, Subcommand)]
enum Part {
    /// Measure only S3
    Objects,
    /// Measure only queues, in memory and on disk
    Queues,
    /// Measure only Python handlers; `hearth runtime install python3.14` first
    Python,
    /// Measure only HTTP in front of functions, and schedules that wait
    Fronts,
    /// Measure only what tests wait for: starts, time that is steered, resets
    Steering,
    /// Serve one of the floors
    #[command(hide = true)]
    Floor {
        /// Which
        floor: Floor,
    },
    /// Serve Hearth with a new environment for every request
    #[command(hide = true)]
    Fresh {
        /// The folder for compiled code
        #[arg(long)]
        cache_dir: PathBuf,
    },
    /// Create many environments and measure them
    #[command(hide = true)]
    Population {
        /// How many
        environments: u32,
        /// The folder for compiled code
        #[arg(long)]
        cache_dir: PathBuf,
    },
}

/// How much is measured.
struct Effort {
    comparison: comparison::Effort,
    lifecycle: lifecycle::Effort,
    queues: queues::Effort,
    objects: objects::Effort,
    fronts: fronts::Effort,
    idle: idle::Effort,
    steering: steering::Effort,
    python: python::Effort,
    functions: usize,
    environments: u32,
}

const FULL: Effort = Effort {
    comparison: comparison::Effort {
        // Short, so that what disturbs the machine disturbs all servers of a round; many, so that it does not matter.
        rounds: 21,
        warm_up: Duration::from_millis(250),
        measured: Duration::from_millis(750),
    },
    lifecycle: lifecycle::Effort { starts: 21, bursts: 7, burst_size: 1_000 },
    queues: queues::Effort {
        rounds: 9,
        warm_up: Duration::from_millis(250),
        measured: Duration::from_secs(1),
        messages: 50_000,
        depth: 1_000_000,
        objects: 100_000,
        polls: 10_000,
    },
    objects: objects::Effort {
        rounds: 9,
        warm_up: Duration::from_millis(250),
        measured: Duration::from_millis(750),
        files: 5_000,
        large_bytes: 1 << 30,
        keys: 1_000_000,
        lists: 200,
    },
    fronts: fronts::Effort {
        rounds: 21,
        warm_up: Duration::from_millis(250),
        measured: Duration::from_millis(750),
        turns: 8,
    },
    idle: idle::Effort { schedules: 10_000, watched: Duration::from_secs(10) },
    steering: steering::Effort { rounds: 21, days: 30 },
    python: python::Effort {
        functions: 500,
        processes: 11,
        warm_up: Duration::from_millis(250),
        measured: Duration::from_secs(2),
    },
    functions: 1_000,
    environments: 10_000,
};

const QUICK: Effort = Effort {
    comparison: comparison::Effort {
        rounds: 1,
        warm_up: Duration::from_millis(100),
        measured: Duration::from_millis(200),
    },
    lifecycle: lifecycle::Effort { starts: 1, bursts: 1, burst_size: 100 },
    queues: queues::Effort {
        rounds: 1,
        warm_up: Duration::from_millis(100),
        measured: Duration::from_millis(200),
        messages: 500,
        depth: 1_000,
        objects: 1_000,
        polls: 100,
    },
    objects: objects::Effort {
        rounds: 1,
        warm_up: Duration::from_millis(100),
        measured: Duration::from_millis(200),
        files: 100,
        large_bytes: 16 << 20,
        keys: 2_000,
        lists: 10,
    },
    fronts: fronts::Effort {
        rounds: 1,
        warm_up: Duration::from_millis(100),
        measured: Duration::from_millis(200),
        turns: 1,
    },
    idle: idle::Effort { schedules: 1_000, watched: Duration::from_secs(1) },
    steering: steering::Effort { rounds: 3, days: 1 },
    python: python::Effort {
        functions: 10,
        processes: 1,
        warm_up: Duration::from_millis(100),
        measured: Duration::from_millis(200),
    },
    functions: 50,
    environments: 200,
};

/// Environments that may be alive at once when none is reused.
const FRESH_ENVIRONMENTS: u32 = 2_048;

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.part {
        Some(Part::Floor { floor }) => floor::serve(*floor, announce).await,
        Some(Part::Fresh { cache_dir }) => {
            let sandbox = assembly::sandbox(FRESH_ENVIRONMENTS, cache_dir.clone())?;
            Assembly::new(std::sync::Arc::new(sandbox), assembly::nothing_is_reused(), FRESH_ENVIRONMENTS)
                .await?
                .serve(announce)
                .await
        }
        Some(Part::Population { environments, cache_dir }) => {
            let population = population::measure(*environments, cache_dir.clone()).await?;
            serde_json::to_writer(io::stdout(), &population)?;
            Ok(())
        }
        Some(Part::Objects) => measure_objects(arguments).await,
        Some(Part::Queues) => measure_queues(arguments).await,
        Some(Part::Fronts) => measure_fronts(arguments).await,
        Some(Part::Steering) => measure_steering(arguments).await,
        Some(Part::Python) => measure_python(arguments).await,
        None => measure(arguments).await,
    }
}

async fn measure(arguments: Arguments) -> io::Result<()> {
    let effort = arguments.effort();
    let hearth = server::hearth_binary(arguments.hearth)?;
    let world = World::create()?;
    let ground = Ground { hearth: &hearth, world: &world };
    let lifecycle = lifecycle::measure(ground, effort.lifecycle, progress).await?;
    progress(&format!("{} functions", effort.functions))?;
    let deployment = deployment::measure(ground, effort.functions).await?;
    let environments = arguments.environments.unwrap_or(effort.environments);
    progress(&format!("{environments} live environments"))?;
    let population = population(environments, &world.cache()).await?;
    let queues = queues::measure(ground, effort.queues, progress).await?;
    let objects = objects::measure(ground, effort.objects, progress).await?;
    let wasmtime = fronts::wasmtime_binary(arguments.wasmtime);
    let fronts = fronts::measure(ground, effort.fronts, wasmtime.as_deref(), progress).await?;
    progress(&format!("{} schedules that wait", effort.idle.schedules))?;
    let idle = idle::measure(ground, effort.idle).await?;
    progress("time that is steered")?;
    let steering = steering::measure(&world, effort.steering).await?;
    progress("Python")?;
    let python = python::measure(ground, effort.python).await?;
    let rounds = comparison::compare(ground, effort.comparison, progress).await?;
    let machine = Machine::this();
    let report = Report {
        machine,
        rounds,
        lifecycle,
        deployment,
        population,
        queues,
        objects,
        fronts,
        idle,
        steering,
        python,
    };
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&report)?)?;
    }
    io::stdout().write_all(report.markdown().as_bytes())
}

async fn measure_objects(arguments: Arguments) -> io::Result<()> {
    let effort = arguments.effort();
    let hearth = server::hearth_binary(arguments.hearth)?;
    let world = World::create()?;
    let ground = Ground { hearth: &hearth, world: &world };
    let objects = objects::measure(ground, effort.objects, progress).await?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&objects)?)?;
    }
    io::stdout().write_all(report::table(objects.targets()).as_bytes())
}

async fn measure_queues(arguments: Arguments) -> io::Result<()> {
    let effort = arguments.effort();
    let hearth = server::hearth_binary(arguments.hearth)?;
    let world = World::create()?;
    let ground = Ground { hearth: &hearth, world: &world };
    let queues = queues::measure(ground, effort.queues, progress).await?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&queues)?)?;
    }
    io::stdout().write_all(report::table(queues.targets()).as_bytes())
}

async fn measure_fronts(arguments: Arguments) -> io::Result<()> {
    let effort = arguments.effort();
    let hearth = server::hearth_binary(arguments.hearth)?;
    let wasmtime = fronts::wasmtime_binary(arguments.wasmtime);
    let world = World::create()?;
    let ground = Ground { hearth: &hearth, world: &world };
    let fronts = fronts::measure(ground, effort.fronts, wasmtime.as_deref(), progress).await?;
    progress(&format!("{} schedules that wait", effort.idle.schedules))?;
    let idle = idle::measure(ground, effort.idle).await?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&(&fronts, &idle))?)?;
    }
    let targets = fronts.targets().into_iter().chain(idle.targets());
    io::stdout().write_all(report::table(targets).as_bytes())
}

async fn measure_steering(arguments: Arguments) -> io::Result<()> {
    let steering = steering::measure(&World::create()?, arguments.effort().steering).await?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&steering)?)?;
    }
    io::stdout().write_all(report::table(steering.targets()).as_bytes())
}

async fn measure_python(arguments: Arguments) -> io::Result<()> {
    let effort = arguments.effort();
    let hearth = server::hearth_binary(arguments.hearth)?;
    let world = World::create()?;
    let python = python::measure(Ground { hearth: &hearth, world: &world }, effort.python).await?;
    let python = python.ok_or_else(|| io::Error::other("run `hearth runtime install python3.14` first"))?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&python)?)?;
    }
    io::stdout().write_all(report::table(python.targets()).as_bytes())
}

impl Arguments {
    fn effort(&self) -> Effort {
        if self.quick { QUICK } else { FULL }
    }
}

/// In a process of its own, whose memory is nothing else's.
async fn population(environments: u32, cache: &Path) -> io::Result<Population> {
    let output = tokio::process::Command::new(std::env::current_exe()?)
        .args(["population", &environments.to_string(), "--cache-dir"])
        .arg(cache)
        .kill_on_drop(true)
        .output()
        .await?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Tells whoever started this server where it listens.
fn announce(port: u16) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://127.0.0.1:{port}")?;
    stdout.flush()
}

fn progress(line: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{line}")
}
