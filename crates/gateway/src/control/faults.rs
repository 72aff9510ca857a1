//! The rules for faults: read, added and taken away.

use hearth_engine::faults::FaultEntry;
use hearth_model::faults::{FaultId, GivenFault, Rule};
use http::{Method, Response, request::Parts};
use serde::{Deserialize, Serialize};

use super::query::invalid;
use crate::{
    body::{self, AnswerBody, RequestBody, awaits_permission},
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json,
};

/// All rules, in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultList {
    /// The rules.
    pub faults: Vec<FaultDocument>,
}

/// A rule, and what it has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultDocument {
    /// What names it.
    pub id: FaultId,
    /// How many calls it has concerned.
    pub seen: u64,
    /// How many of them went wrong.
    pub injected: u64,
    /// The rule, without what is a default.
    pub rule: GivenFault,
}

/// What can be added at once.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Several(Vec<GivenFault>),
    One(Box<GivenFault>),
}

/// Answers a request about all rules, or about one; `None` if it has another method.
pub(crate) async fn answer(
    gateway: &Gateway,
    id: Option<&str>,
    head: &Parts,
    body: RequestBody,
) -> Option<Result<Response<AnswerBody>, ApiError>> {
    let faults = gateway.engine().faults();
    Some(match (&head.method, id) {
        (&Method::GET, None) => Ok(rest_json::document(&FaultList::of(faults.list()))),
        (&Method::POST, None) => add(gateway, head, body).await,
        (&Method::DELETE, None) => {
            faults.clear();
            Ok(rest_json::document(&FaultList::of(Vec::new())))
        }
        (&Method::DELETE, Some(id)) => {
            let removed = id.parse().is_ok_and(|id| faults.remove(FaultId(id)));
            if removed { Ok(rest_json::document(&FaultList::of(faults.list()))) } else { Err(unknown(id)) }
        }
        _ => return None,
    })
}

/// The methods that [`answer`] knows.
pub(crate) const fn methods(id: Option<&str>) -> &'static str {
    if id.is_some() { "DELETE" } else { "GET, POST, DELETE" }
}

/// Adds one rule or several, or none if one of them is none. Answers with those that were added.
async fn add(gateway: &Gateway, head: &Parts, body: RequestBody) -> Result<Response<AnswerBody>, ApiError> {
    /// Nobody writes more rules than this has room for.
    const LIMIT: usize = 1024 * 1024;
    let body = body::read(body, LIMIT, awaits_permission(&head.headers)).await?;
    let given = serde_json::from_slice(&body).map_err(|_| reason(&body))?;
    let given = match given {
        Given::Several(given) => given,
        Given::One(given) => vec![*given],
    };
    let rules: Result<Vec<_>, _> = given.into_iter().map(Rule::try_from).collect();
    let faults = gateway.engine().faults();
    let rules = rules.map_err(|error| invalid(error.to_string()))?;
    rules.iter().try_for_each(|rule| faults.check(rule)).map_err(|error| invalid(error.to_string()))?;
    let added: Vec<_> = rules.into_iter().map(|rule| faults.add(rule)).collect();
    let entries = faults.list().into_iter().filter(|entry| added.contains(&entry.id)).collect();
    Ok(rest_json::document(&FaultList::of(entries)))
}

/// What is wrong with what is neither a rule nor a list of them.
fn reason(body: &[u8]) -> ApiError {
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let error = if is_list {
        serde_json::from_slice::<Vec<GivenFault>>(body).err()
    } else {
        serde_json::from_slice::<GivenFault>(body).err()
    };
    invalid(
        error.map_or_else(
            || "this is no rule".to_owned(),
            |error| format!("this is no rule for faults: {error}"),
        ),
    )
}

fn unknown(id: &str) -> ApiError {
    let message = format!("there is no fault `{id}`: `hearth faults` lists what there is");
    ApiError::new(ErrorCode::ResourceNotFound, message)
}

impl FaultList {
    fn of(entries: Vec<FaultEntry>) -> Self {
        let document = |FaultEntry { id, rule, seen, injected }| FaultDocument { id, seen, injected, rule };
        Self { faults: entries.into_iter().map(document).collect() }
    }
}
