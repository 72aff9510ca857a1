//! Steering time, and settling.

use std::time::Duration;

use hearth_engine::{
    Engine,
    clock::Clock,
    settle::{self, GoingOn, Tally},
    work::WorkKind,
};
use hearth_model::time::Timestamp;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::{
    query::{invalid, parameter},
    text::{read_duration, read_moment, rfc_3339},
};
use crate::{body::AnswerBody, error::ApiError, gateway::Gateway, rest_json};

/// What the clock shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockReading {
    /// Whether it stands or runs.
    pub state: ClockState,
    /// What the wall shows: RFC 3339, in universal time.
    pub now: String,
    /// The same in milliseconds since 1970.
    pub now_ms: i64,
    /// In how many milliseconds something is due next; none if nothing ever is, unless something happens.
    pub next_in_ms: Option<u64>,
}

/// Whether a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// It stands until it is moved.
    Frozen,
    /// It runs as the machine's.
    Running,
}

/// What came of moving the clock, or of settling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Whether nothing happens any more until the clock moves or something comes from outside. If not, the time for it was up.
    pub settled: bool,
    /// What the clock shows now.
    pub clock: ClockReading,
    /// What was begun meanwhile.
    pub ran: Tally,
    /// What is not over: once settled it waits for the clock or for a client, and before, it runs, and is never nothing.
    pub going_on: Vec<GoingOn>,
}

/// What is to be done with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steering {
    Freeze,
    Advance,
    Set,
    Resume,
    /// Nothing: what is due now happens.
    Settle,
}

impl ClockReading {
    pub(super) fn of(clock: &Clock) -> Self {
        let (moment, next) = (clock.moment(), clock.next_deadline());
        let wait = next.map(|next| (next - moment.instant).as_nanos().div_ceil(1_000_000));
        Self {
            state: if clock.is_frozen() { ClockState::Frozen } else { ClockState::Running },
            now: rfc_3339(moment.wall),
            now_ms: moment.wall.as_unix_millis(),
            next_in_ms: wait.and_then(|wait| u64::try_from(wait).ok()),
        }
    }
}

pub(super) fn read(gateway: &Gateway) -> Response<AnswerBody> {
    rest_json::document(&ClockReading::of(gateway.engine().clock()))
}

pub(super) async fn steer(
    gateway: &Gateway,
    steering: Steering,
    query: Option<&str>,
) -> Result<Response<AnswerBody>, ApiError> {
    let engine = gateway.engine();
    let clock = engine.clock();
    if steering != Steering::Settle && !clock.is_steered() {
        return Err(invalid("this Hearth's clock is the machine's, and cannot be steered"));
    }
    // What is wrong is told before anything is done.
    let at = moment_in(query, "at")?;
    let timeout = duration_in(query, "timeout")?;
    let required = |name| invalid(format!("`{name}` is missing"));
    let answer = match steering {
        Steering::Freeze => {
            clock.freeze();
            engine.note_shown(at.unwrap_or_default().max(clock.wall()));
            match at {
                Some(at) => within(engine, timeout, Some(at), clock.set(at)).await,
                None => Ok(read(gateway)),
            }
        }
        Steering::Resume => {
            clock.resume();
            engine.note_shown(clock.wall());
            Ok(read(gateway))
        }
        Steering::Advance => {
            let by = duration_in(query, "by")?.ok_or_else(|| required("by"))?;
            let to = clock.wall() + by;
            engine.note_shown(to);
            within(engine, timeout, Some(to), clock.advance(by)).await
        }
        Steering::Set => {
            let at = at.ok_or_else(|| required("at"))?;
            engine.note_shown(at.max(clock.wall()));
            within(engine, timeout, Some(at), clock.set(at)).await
        }
        Steering::Settle => within(engine, timeout, None, async {}).await,
    }?;
    // A process that is killed after the answer goes on from there.
    if let Err(failure) = engine.journal().kept().await {
        tracing::warn!(%failure, "where the clock has got to may be forgotten");
    }
    Ok(answer)
}

/// Moves the clock to where `to` says, settles, and tells what came of it. How long that may take is real time.
async fn within(
    engine: &Engine,
    timeout: Option<Duration>,
    to: Option<Timestamp>,
    movement: impl Future<Output = ()>,
) -> Result<Response<AnswerBody>, ApiError> {
    let before = engine.tally();
    let machine = Clock::real();
    let mut on_the_way = to.map(|to| GoingOn {
        what: "clock_movements".to_owned(),
        function: None,
        count: 1,
        why: format!("the clock is on its way to {}, and waits for what goes on", rfc_3339(to)),
    });
    let settles = async {
        movement.await;
        on_the_way = None;
        engine.settle().await;
    };
    let in_time = tokio::select! {
        biased;
        () = settles => true,
        () = machine.sleep(timeout.unwrap_or(PATIENCE)) => false,
    };
    // Who asks is a connection, and busy with asking.
    let going_on: Vec<_> =
        on_the_way.into_iter().chain(engine.going_on(Some(WorkKind::Connection))).collect();
    let settled = in_time || going_on.is_empty();
    let mut response = rest_json::document(&Settled {
        settled,
        clock: ClockReading::of(engine.clock()),
        ran: settle::since(&before, engine.tally()),
        going_on,
    });
    if !settled {
        *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    }
    Ok(response)
}

/// For how long is waited if nothing is said about it.
const PATIENCE: Duration = Duration::from_secs(60);

fn moment_in(query: Option<&str>, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = parameter(query, name)? else { return Ok(None) };
    let wrong = || invalid(format!("`{name}` must be a time such as `2026-01-31T12:00:00Z`, not `{text}`"));
    read_moment(&text).ok_or_else(wrong).map(Some)
}

fn duration_in(query: Option<&str>, name: &str) -> Result<Option<Duration>, ApiError> {
    let Some(text) = parameter(query, name)? else { return Ok(None) };
    let wrong = || invalid(format!("`{name}` must be a duration such as `90s`, `6h` or `30d`, not `{text}`"));
    read_duration(&text).ok_or_else(wrong).map(Some)
}
