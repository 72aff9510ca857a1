//! Hearth's own API under `/_hearth/`: what is deployed, what lives, what happened.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET health` | [`Health`] |
//! | `GET environments` | [`Environments`] |
//! | `GET metrics` | the counters of each function; for who accepts `text/plain`, all numbers as a page for Prometheus |
//! | `GET code/ACCOUNT/REGION/FUNCTION/VERSION` | the code as a zip, as `GetFunction` says where it is |
//! | `GET layer/ACCOUNT/REGION/LAYER/VERSION` | a layer as a zip, as `GetLayerVersion` says where it is |
//! | `GET timeline?limit=N` | the newest N events (by default 1,000), oldest first, and how many are not kept any more |
//! | `GET timeline?limit=N&follow=1` | those, and then events as they happen, as a server-sent stream |

mod document;
mod logs;
mod package;
mod prometheus;
mod timeline;

use http::{Response, request::Parts};

use self::document::Metrics;
pub(crate) use self::package::{layer_package, package};
pub use self::{
    document::{EnvironmentEntry, Environments, Health},
    logs::{LogEntry, LogSource},
};
use crate::{body::AnswerBody, gateway::Gateway, rest_json, route::ControlRoute};

pub(crate) fn answer(gateway: &Gateway, route: ControlRoute, head: &Parts) -> Response<AnswerBody> {
    let engine = gateway.engine();
    match route {
        ControlRoute::Health => rest_json::document(&Health::of(engine)),
        ControlRoute::Environments => rest_json::document(&Environments::of(engine)),
        ControlRoute::Metrics if prometheus::is_wanted(&head.headers) => prometheus::answer(engine),
        ControlRoute::Metrics => rest_json::document(&Metrics::of(engine)),
        ControlRoute::Timeline => timeline::answer(engine, head.uri.query()),
    }
}
