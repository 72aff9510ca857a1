//! Tells people, programs and scripts that everything is ready.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use hearth_services::Inventory;
use serde::Serialize;

use super::super::{error::CommandError, print};
use crate::{
    terminal::{BOLD, NAME},
    world::{KeptState, World},
};

/// What is said when everything is ready: one line on stdout, and a file if one is wanted.
pub(super) struct Announcement {
    file: Option<PathBuf>,
    json: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    url: String,
    port: u16,
    functions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<RouteReady>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateReady>,
    pid: u32,
}

/// Where state is kept, and what of it was there.
#[derive(Serialize)]
struct StateReady {
    folder: String,
    functions: usize,
    queues: usize,
    messages: usize,
    buckets: usize,
}

/// A route of the manifest's HTTP API or WebSocket API.
#[derive(Serialize)]
struct RouteReady {
    route: String,
    url: String,
    function: String,
}

impl Announcement {
    /// Removes what an earlier run has left: who waits for the file must not find that.
    pub(super) fn prepare(file: Option<PathBuf>, json: bool) -> Result<Self, CommandError> {
        let announcement = Self { file, json };
        announcement.withdraw()?;
        Ok(announcement)
    }

    pub(super) fn publish(&self, world: &World) -> Result<(), CommandError> {
        let address = world.address().expect("the world was started with a port");
        let functions = world.functions().list(&world.partition());
        let url = format!("http://{address}");
        let routes = world.routes().into_iter().map(|(route, function)| RouteReady {
            url: format!("{url}/_hearth/http{}", route.split_once(' ').map_or("/", |(_, path)| path)),
            route,
            function: function.to_string(),
        });
        let socket_routes = world.socket_routes().into_iter().map(|(route, function)| RouteReady {
            url: format!("ws://{address}/_hearth/websocket"),
            route,
            function: function.to_string(),
        });
        let ready = Ready {
            ready: true,
            routes: routes.chain(socket_routes).collect(),
            state: world.kept().map(StateReady::of),
            url: url.clone(),
            port: address.port(),
            functions: functions.iter().map(|function| function.name().to_string()).collect(),
            pid: process::id(),
        };
        if let Some(file) = &self.file {
            write_atomically(file, &format!("{}\n", ready.url))
                .map_err(|source| CommandError::Write { path: file.clone(), source })?;
        }
        if self.json {
            let document = serde_json::to_string(&ready).expect("texts and numbers always serialise");
            return print(format_args!("{document}\n"));
        }
        let functions = count(ready.functions.len(), "function").unwrap_or_else(|| "no functions".to_owned());
        // In one piece: whoever reads only the first line may close the pipe behind it.
        let mut text =
            format!("{BOLD}Hearth is ready{BOLD:#} on {BOLD}{}{BOLD:#} with {functions}\n", ready.url);
        for RouteReady { route, url, function } in &ready.routes {
            text += &format!("  {route} invokes {NAME}{function}{NAME:#}: {url}\n");
        }
        text += &match &ready.state {
            Some(state) => state.told(),
            None => "  nothing is kept when it ends\n".to_owned(),
        };
        print(format_args!("{text}"))
    }

    /// Removes the file: what it says is no longer so.
    pub(super) fn withdraw(&self) -> Result<(), CommandError> {
        let Some(file) = &self.file else { return Ok(()) };
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(CommandError::Write { path: file.clone(), source: error })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl StateReady {
    fn of(KeptState { folder, loaded }: &KeptState) -> Self {
        let Inventory { functions, queues, messages, buckets } = *loaded;
        Self { folder: folder.display().to_string(), functions, queues, messages, buckets }
    }

    fn told(&self) -> String {
        let Self { folder, functions, queues, messages, buckets } = self;
        let queues = count(*queues, "queue").map(|queues| match count(*messages, "message") {
            Some(messages) => format!("{queues} with {messages}"),
            None => queues,
        });
        let loaded = [count(*functions, "function"), queues, count(*buckets, "bucket")];
        let loaded: Vec<_> = loaded.into_iter().flatten().collect();
        let loaded = if loaded.is_empty() {
            String::new()
        } else {
            format!(", where there was already: {}", loaded.join(", "))
        };
        format!("  state is kept in {BOLD}{folder}{BOLD:#}{loaded}\n")
    }
}

/// So many things, in words; `None` if there are none.
fn count(number: usize, thing: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {thing}")),
        more => Some(format!("{more} {thing}s")),
    }
}

/// Whoever waits for the file finds it complete.
fn write_atomically(path: &Path, content: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", process::id()));
    fs::write(&beside, content)?;
    fs::rename(&beside, path)
}
