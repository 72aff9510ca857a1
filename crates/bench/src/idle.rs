//! Many schedules that wait: what they cost while nothing is due.

use std::{io, time::Duration};

use hearth_engine::clock::Clock;
use serde::Serialize;
use serde_json::json;

use crate::{
    figures::Target,
    load::{self, Client},
    process::{self, Activity},
    server::{Ground, Server},
};

/// How long a Hearth is left alone before it is watched: what it does about itself after the last request is done by then.
const SETTLING: Duration = Duration::from_secs(3);

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Schedules that wait.
    pub(crate) schedules: usize,
    /// For how long a Hearth is watched that nobody asks anything.
    pub(crate) watched: Duration,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Idle {
    /// How many schedules wait.
    pub(crate) schedules: usize,
    /// What each occupies.
    pub(crate) kib_each: f64,
    /// What a Hearth without schedules did.
    pub(crate) without: Activity,
    /// What the one did that has them.
    pub(crate) with: Activity,
}

/// Watches a Hearth with many schedules beside one with none, both at once.
///
/// # Errors
/// If a server does not start, or refuses a schedule.
pub(crate) async fn measure(ground: Ground<'_>, effort: Effort) -> io::Result<Idle> {
    let (empty, full) = (Server::hearth(ground, false).await?, Server::hearth(ground, false).await?);
    let mut client = Client::connect(full.address).await?;
    let before = process::memory(full.process)?;
    for number in 0..effort.schedules {
        client.call(&create(number)).await?;
    }
    let after = process::memory(full.process)?;
    // A connection that waits for its next request is work of its own.
    drop(client);
    let clock = Clock::real();
    clock.sleep(SETTLING).await;
    let begin = (process::threads(empty.process)?, process::threads(full.process)?);
    clock.sleep(effort.watched).await;
    let end = (process::threads(empty.process)?, process::threads(full.process)?);
    empty.end().await?;
    full.end().await?;
    let grown = after.resident_kib.saturating_sub(before.resident_kib);
    Ok(Idle {
        schedules: effort.schedules,
        kib_each: process::each_kib(grown, effort.schedules),
        without: end.0.since(&begin.0),
        with: end.1.since(&begin.1),
    })
}

/// A schedule that is not due while this program runs: once in a far year, or every thirty days.
fn create(number: usize) -> std::sync::Arc<[u8]> {
    let expression = if number.is_multiple_of(2) { "at(2199-01-01T00:00:00)" } else { "rate(30 days)" };
    let schedule = json!({
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": {
            "Arn": "arn:aws:lambda:us-east-1:000000000000:function:echo",
            "RoleArn": "arn:aws:iam::000000000000:role/bench",
        },
    });
    load::signed_request("scheduler", &format!("POST /schedules/bench-{number}"), &schedule.to_string())
}

impl Idle {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 1] {
        let Self { schedules, with, without, .. } = self;
        [Target::new(
            "schedules that wait: times woken, processor time",
            format!(
                "{schedules}: {} in {:.1} ms, without {} in {:.1} ms",
                with.wake_ups,
                with.processor_us / 1e3,
                without.wake_ups,
                without.processor_us / 1e3,
            ),
            "10000 cost nothing",
        )]
    }
}
