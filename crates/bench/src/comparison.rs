//! The servers side by side: driven in turn, round by round, and compared within each round.

use std::{io, net::SocketAddr, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    floor::Floor,
    load::{self, Client, Load, Sample},
    process,
    server::{Ground, Server},
};

/// Connections of the throughput measurement.
const MANY_CONNECTIONS: usize = 64;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Subject {
    /// hyper, answering a constant.
    Hyper,
    /// hyper with a warm core module inline.
    FloorCore,
    /// hyper with a warm component inline: the floor of the warm path.
    FloorComponent,
    /// hyper with a new instance of the component for every request.
    FloorFresh,
    /// Hearth, its environments warm.
    HearthWarm,
    /// The same, showing the functions' logs too.
    HearthLogs,
    /// Hearth, with a new environment for every request.
    HearthFresh,
}

/// All subjects, in the order in which a round measures them.
pub(crate) const SUBJECTS: [Subject; 7] = [
    Subject::Hyper,
    Subject::FloorCore,
    Subject::FloorComponent,
    Subject::HearthWarm,
    Subject::HearthLogs,
    Subject::FloorFresh,
    Subject::HearthFresh,
];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, each of which measures every subject once.
    pub(crate) rounds: usize,
    /// How long one subject is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long one subject is measured, for each number of connections.
    pub(crate) measured: Duration,
}

/// One subject in one round.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Measurement {
    /// What was measured.
    pub(crate) subject: Subject,
    /// With 64 connections.
    pub(crate) many: Sample,
    /// The server's processor time for one answer with 64 connections, in microseconds.
    pub(crate) processor_us: f64,
    /// With one connection.
    pub(crate) one: Sample,
}

/// One round: every subject, in the order of [`SUBJECTS`].
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Round(pub(crate) Vec<Measurement>);

impl Subject {
    /// What people call it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Hyper => "hyper, constant answer",
            Self::FloorCore => "hyper + warm core module inline",
            Self::FloorComponent => "hyper + warm component inline (the floor)",
            Self::FloorFresh => "hyper + new component instance per request",
            Self::HearthWarm => "Hearth, warm",
            Self::HearthLogs => "Hearth, warm, logs shown",
            Self::HearthFresh => "Hearth, new environment per request",
        }
    }

    async fn start(self, ground: Ground<'_>) -> io::Result<Server> {
        match self {
            Self::Hyper => Server::floor(Floor::Constant).await,
            Self::FloorCore => Server::floor(Floor::WarmCore).await,
            Self::FloorComponent => Server::floor(Floor::WarmComponent).await,
            Self::FloorFresh => Server::floor(Floor::FreshComponent).await,
            Self::HearthWarm => Server::hearth(ground, false).await,
            Self::HearthLogs => Server::hearth(ground, true).await,
            Self::HearthFresh => Server::hearth_fresh(ground).await,
        }
    }

    /// Which share of the invocations should have been cold starts; none for servers that have no environments.
    fn expected_cold_share(self) -> Option<RangeInclusive<f64>> {
        match self {
            Self::Hyper | Self::FloorCore | Self::FloorComponent | Self::FloorFresh => None,
            // Some environments have to be created for those that follow.
            Self::HearthWarm | Self::HearthLogs => Some(0.0..=0.05),
            Self::HearthFresh => Some(1.0..=1.0),
        }
    }
}

impl Round {
    /// A subject's measurement.
    pub(crate) fn of(&self, subject: Subject) -> &Measurement {
        self.0
            .iter()
            .find(|measurement| measurement.subject == subject)
            .expect("a round measures every subject")
    }
}

/// Starts all servers, measures them round by round, and ends them.
///
/// # Errors
/// If a server does not start, answers with anything but a success, or does not do what it is measured for.
pub(crate) async fn compare(
    ground: Ground<'_>,
    effort: Effort,
    mut progress: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<Vec<Round>> {
    let mut servers = Vec::with_capacity(SUBJECTS.len());
    for subject in SUBJECTS {
        servers.push((subject, subject.start(ground).await?));
    }
    let mut rounds = Vec::with_capacity(effort.rounds);
    for round in 1..=effort.rounds {
        let mut measurements = Vec::with_capacity(servers.len());
        for (subject, server) in &servers {
            progress(&format!("round {round} of {}: {}", effort.rounds, subject.title()))?;
            measurements.push(measure(*subject, server, effort).await?);
        }
        rounds.push(Round(measurements));
    }
    for (subject, server) in servers {
        check(subject, server.address).await?;
        server.end().await?;
    }
    Ok(rounds)
}

async fn measure(subject: Subject, server: &Server, effort: Effort) -> io::Result<Measurement> {
    let before = process::processor_time(server.process)?;
    let many = drive(server.address, MANY_CONNECTIONS, effort).await?;
    let processor = process::processor_time(server.process)?.saturating_sub(before);
    let one = drive(server.address, 1, effort).await?;
    // The server works through the warm-up at the same pace.
    let answers = many.per_second * (effort.warm_up + effort.measured).as_secs_f64();
    Ok(Measurement { subject, many, processor_us: processor.as_secs_f64() * 1e6 / answers, one })
}

async fn drive(address: SocketAddr, connections: usize, effort: Effort) -> io::Result<Sample> {
    let load = Load { connections, warm_up: effort.warm_up, measured: effort.measured };
    load::drive(address, &load::invoke_request("echo"), load).await
}

/// Makes sure that what was measured is what it is called: by Hearth's own counters.
async fn check(subject: Subject, address: SocketAddr) -> io::Result<()> {
    let Some(expected) = subject.expected_cold_share() else { return Ok(()) };
    let mut client = Client::connect(address).await?;
    let answer = client.call(b"GET /_hearth/metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let metrics: Metrics = serde_json::from_slice(answer)?;
    let echo = metrics.functions.iter().find(|function| function.function == "echo");
    let share = echo.map_or(f64::NAN, |echo| echo.cold_starts / echo.invocations);
    if !expected.contains(&share) || echo.is_none_or(|echo| echo.errors > 0.0) {
        return Err(io::Error::other(format!("{}: not what it should be: {metrics:?}", subject.title())));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Metrics {
    functions: Vec<FunctionMetrics>,
}

#[derive(Debug, Deserialize)]
struct FunctionMetrics {
    function: String,
    invocations: f64,
    errors: f64,
    cold_starts: f64,
}
