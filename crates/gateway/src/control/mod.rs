//! Hearth's own API under `/_hearth/`: what is deployed, what lives, what happened.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET health` | [`Health`] |
//! | `GET environments` | [`Environments`] |
//! | `GET metrics` | the counters of each function; for who accepts `text/plain`, all numbers as a page for Prometheus |
//! | `GET code/ACCOUNT/REGION/FUNCTION/VERSION` | the code as a zip, as `GetFunction` says where it is |
//! | `GET layer/ACCOUNT/REGION/LAYER/VERSION` | a layer as a zip, as `GetLayerVersion` says where it is |
//! | `GET logs/FUNCTION?since=TIME&filter=PATTERN` | [`LogLines`]: what is kept of a function's log, from a time on (RFC 3339, or how long ago, such as `10m`), as far as it matches a filter pattern of CloudWatch Logs |
//! | `GET logs/FUNCTION?follow=1` with the same parameters | those as [`LogEntry`]s, and then more as they are written, as a server-sent stream |
//! | `GET schedules` | [`TimedList`]: what fires by itself, and when it does next |
//! | `POST fire/NAME` | [`FiredList`]: what became of a rule or a schedule (`GROUP/NAME`, or an ARN) that fires now |
//! | `GET faults` | [`FaultList`]: what is to go wrong |
//! | `POST faults` | [`FaultList`]: the rules in the body ([`GivenFault`](hearth_model::faults::GivenFault), one or an array), as they were added |
//! | `DELETE faults`, `DELETE faults/ID` | [`FaultList`]: what is left without all rules, or without one |
//! | `POST replay/ID` | [`Replayed`]: what came of an invocation that is run again |
//! | `GET clock` | [`ClockReading`] |
//! | `POST clock/freeze?at=TIME` | stops the clock, where it is or at a time (RFC 3339); the answer is that of `set`, or without a time that of `GET clock` |
//! | `POST clock/advance?by=DURATION` | [`Settled`]: moves the clock forward, deadline by deadline, by `90s`, `6h`, `30d` or the like |
//! | `POST clock/set?at=TIME` | [`Settled`]: moves the clock to a time, forward as `advance`; back, nothing happens |
//! | `POST clock/resume` | lets the clock run; the answer is that of `GET clock` |
//! | `POST reset` | ends everything and begins as at the start; the answer is that of `GET clock` |
//! | `GET state` | everything that is kept, as one archive: what `hearth state import` makes a folder of |
//! | `POST settle` | [`Settled`], once nothing is in flight and nothing is due now |
//! | these with `timeout=DURATION` | 504 and what is still going on, if it takes longer in real time; by default 60 s |
//! | `GET timeline?limit=N` | the newest N events (by default 1,000), oldest first, and how many are not kept any more |
//! | with `request_id=ID`, `function=NAME`, `kind=KIND,…`, `since=TIME` | only those of a request, of a function, of some kinds, from a time on |
//! | with `chain=ID` | only what led to a piece of work (the id of a request, a message or an event), itself, and what it led to |
//! | `GET timeline?follow=1` with the same parameters | those, and then events as they happen, as a server-sent stream |

mod document;
mod export;
pub(crate) mod faults;
mod logs;
mod package;
mod prometheus;
mod query;
pub(crate) mod replay;
mod reset;
mod schedules;
mod sse;
mod text;
mod time;
mod timeline;

pub use hearth_engine::settle::{GoingOn, Tally};
use http::{Response, request::Parts};

use self::document::Metrics;
pub use self::{
    document::{EnvironmentEntry, Environments, Health},
    export::{Archive, Export, NotExported},
    faults::{FaultDocument, FaultList},
    logs::{LogEntry, LogLines, LogSource},
    replay::Replayed,
    reset::{NotReset, Reset},
    schedules::{FiredEntry, FiredList, FiringTime, TimedEntry, TimedList},
    time::{ClockReading, ClockState, Settled},
};
pub(crate) use self::{
    package::{layer_package, package},
    sse::StreamEnd,
    time::Steering,
};
use crate::{
    body::{self, AnswerBody, RequestBody},
    gateway::Gateway,
    rest_json,
    route::ControlRoute,
};

pub(crate) async fn answer(
    gateway: &Gateway,
    route: ControlRoute<'_>,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    // All that there is to say is in the query.
    if !body::awaits_permission(&head.headers) {
        body::discard(body).await;
    }
    let engine = gateway.engine();
    match route {
        ControlRoute::Health => rest_json::document(&Health::of(engine)),
        ControlRoute::Environments => rest_json::document(&Environments::of(engine)),
        ControlRoute::Metrics if prometheus::is_wanted(&head.headers) => {
            prometheus::answer(engine, gateway.queues())
        }
        ControlRoute::Metrics => rest_json::document(&Metrics::of(engine)),
        ControlRoute::Logs(function) => {
            logs::answer(gateway, function, head).unwrap_or_else(|error| rest_json::error(&error))
        }
        ControlRoute::Schedules => schedules::list(gateway),
        ControlRoute::Fire(name) => {
            schedules::fire(gateway, name, head).unwrap_or_else(|error| rest_json::error(&error))
        }
        ControlRoute::Clock => time::read(gateway),
        ControlRoute::Reset => reset::reset(gateway).await.unwrap_or_else(|error| rest_json::error(&error)),
        ControlRoute::State => export::export(gateway).await.unwrap_or_else(|error| rest_json::error(&error)),
        ControlRoute::Steer(steering) => {
            let steered = time::steer(gateway, steering, head.uri.query()).await;
            steered.unwrap_or_else(|error| rest_json::error(&error))
        }
        ControlRoute::Timeline => {
            timeline::answer(gateway, head.uri.query()).unwrap_or_else(|error| rest_json::error(&error))
        }
    }
}
