//! `hearth faults`.

use bytes::Bytes;
use clap::{Args, Subcommand};
use hearth_gateway::control::{FaultDocument, FaultList};
use hearth_model::faults::{FaultKind, GivenFault};
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as UnknownFault},
};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError, print, table::table};
use crate::{client::Endpoint, exit::Exit, terminal::DIM};

/// Let things go wrong in a running `hearth up`: list the rules, add one, or take them away.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth faults                                                        the rules, and what they did
  hearth faults add fail --function orders --from 3 --count 1          the third invocation fails
  hearth faults add kill-after-handler --function '*' --percent 10     every tenth loses its environment
  hearth faults add delay --function orders --delay-ms 2000
  hearth faults add duplicate-message --queue jobs
  hearth faults add no-space --bucket uploads
  hearth faults add disk-full --disk journal --from 5 --count 2        nothing can be kept for a while
  hearth faults clear                                                  nothing goes wrong any more")]
pub(super) struct Faults {
    #[command(subcommand)]
    action: Option<Action>,
    /// The URL of the running `hearth up`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566", global = true)]
    endpoint: Endpoint,
    /// Print the document that the control API answers
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the rules, with how many calls each has concerned and how many of them went wrong
    #[command(after_help = "Examples:\n  hearth faults list")]
    List,
    /// Add a rule
    #[command(after_help = "Examples:\n  hearth faults add throttle --function orders --percent 20 --seed 7")]
    Add(Box<Add>),
    /// Take all rules away, or one
    #[command(after_help = "Examples:\n  hearth faults clear 1")]
    Clear {
        /// The rule's number; all of them if none is given
        id: Option<u64>,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// What goes wrong: `throttle`, `delay`, `fail`, `kill-before-handler`, `kill-after-handler`, `kill-during-init`,
    /// `fail-init` and `drop-response` of functions, `duplicate-message` and `reorder-message` of queues,
    /// `duplicate-event` and `no-space` of buckets, `disk-full` of disks
    #[arg(value_parser = kind)]
    fault: FaultKind,
    /// The function; `*` and `?` are wildcards
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// The queue; `*` and `?` are wildcards
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// The bucket; `*` and `?` are wildcards
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// What of the state that survives: `journal`, `code` or `objects`; `*` and `?` are wildcards
    #[arg(long, value_name = "NAME")]
    disk: Option<String>,
    /// The first call that it concerns [default: 1]
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// How many calls it concerns from then on [default: all]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Of a hundred of these, how many go wrong [default: 100]
    #[arg(long, value_name = "N")]
    percent: Option<u64>,
    /// What decides which of them [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How long a delay is
    #[arg(long, value_name = "N")]
    delay_ms: Option<u64>,
    /// The type of the error with which something fails [default: InjectedFault]
    #[arg(long, value_name = "TYPE")]
    error_type: Option<String>,
    /// What that error says
    #[arg(long, value_name = "TEXT")]
    error_message: Option<String>,
}

impl Faults {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let answer = block_on(&mut Builder::new_current_thread(), self.ask())?;
        if self.json {
            print(format_args!("{}\n", String::from_utf8_lossy(&answer)))?;
            return Ok(Exit::Success);
        }
        let list =
            serde_json::from_slice(&answer).map_err(|error| self.endpoint.not_hearth(error.to_string()))?;
        print(format_args!("{}", render(&list)))?;
        Ok(Exit::Success)
    }

    async fn ask(&self) -> Result<Bytes, CommandError> {
        const PATH: &str = "/_hearth/faults";
        let (method, path, body) = match &self.action {
            None | Some(Action::List) => (Method::GET, PATH.to_owned(), Bytes::new()),
            Some(Action::Add(add)) => {
                let body = serde_json::to_vec(&add.given()).expect("a rule can always be written");
                (Method::POST, PATH.to_owned(), body.into())
            }
            Some(Action::Clear { id: None }) => (Method::DELETE, PATH.to_owned(), Bytes::new()),
            Some(Action::Clear { id: Some(id) }) => (Method::DELETE, format!("{PATH}/{id}"), Bytes::new()),
        };
        let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let answer = self.endpoint.send(method, &path, &json, body).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            _ => Err(CommandError::refused(&answer)),
        }
    }
}

impl Add {
    fn given(&self) -> GivenFault {
        GivenFault {
            fault: Some(self.fault),
            function: self.function.clone(),
            queue: self.queue.clone(),
            bucket: self.bucket.clone(),
            disk: self.disk.clone(),
            from: self.from,
            count: self.count,
            percent: self.percent,
            seed: self.seed,
            delay_ms: self.delay_ms,
            error_type: self.error_type.clone(),
            error_message: self.error_message.clone(),
        }
    }
}

fn kind(text: &str) -> Result<FaultKind, String> {
    FaultKind::deserialize(text.into_deserializer()).map_err(|error: UnknownFault| error.to_string())
}

fn render(list: &FaultList) -> String {
    if list.faults.is_empty() {
        return format!("{DIM}no faults: `hearth faults add fail --function NAME` adds one{DIM:#}\n");
    }
    let rows: Vec<_> = list.faults.iter().map(row).collect();
    table(["ID", "FAULT", "OF", "CALLS", "SEEN", "INJECTED"], &rows)
}

fn row(FaultDocument { id, seen, injected, rule }: &FaultDocument) -> [String; 6] {
    let name = [&rule.function, &rule.queue, &rule.bucket, &rule.disk].into_iter().flatten().next();
    let from = rule.from.unwrap_or(1);
    let mut calls = match (from, rule.count) {
        (1, None) => "all".to_owned(),
        (from, None) => format!("from {from}"),
        (from, Some(1)) => format!("only {from}"),
        (from, Some(count)) => format!("{from} to {}", from + count - 1),
    };
    if let Some(percent) = rule.percent {
        calls += &format!(", {percent}% with seed {}", rule.seed.unwrap_or(0));
    }
    let fault = rule.fault.map(|fault| fault.to_string()).unwrap_or_default();
    let fault = match rule.delay_ms {
        Some(delay) => format!("{fault} {delay}ms"),
        None => fault,
    };
    let of = name.cloned().unwrap_or_default();
    [id.to_string(), fault, of, calls, seen.to_string(), injected.to_string()]
}
