//! HTTP in front of functions: beside the Invoke API, of ten routes beside a thousand, and beside `wasmtime serve`.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    figures::{Target, median},
    load::{self, Client, Load, Sample},
    server::{Ground, Server},
};

/// Connections, each with one request under way.
const CONNECTIONS: usize = 64;
/// Routes of the API that has few, and of the one that has many.
pub(crate) const ROUTES: [usize; 2] = [10, 1_000];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, each of which measures every front once.
    pub(crate) rounds: usize,
    /// How long a front is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
    /// In how many turns those of a round are measured that are compared within one server.
    pub(crate) turns: u32,
}

/// What was measured, round by round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fronts {
    /// Every front once in each.
    pub(crate) rounds: Vec<Round>,
}

/// One round.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Round {
    /// The Invoke API: a function that answers a request of HTTP.
    pub(crate) invoke: Sample,
    /// The same function at its URL.
    pub(crate) url: Sample,
    /// The same function behind one of ten routes of an HTTP API.
    pub(crate) route: Sample,
    /// The same again, on its own, as those are measured that follow.
    pub(crate) route_of_few: Sample,
    /// Behind one of a thousand, on a Hearth of its own.
    pub(crate) route_of_many: Sample,
    /// A component made for HTTP servers, at its URL.
    pub(crate) component: Sample,
    /// The same component under `wasmtime serve`, if that was named.
    pub(crate) wasmtime: Option<Sample>,
}

/// A server with everything that leads to its functions.
struct Served {
    server: Server,
    /// Invokes the function.
    invoke: Arc<[u8]>,
    /// Calls its URL.
    url: Arc<[u8]>,
    /// Takes the route.
    route: Arc<[u8]>,
    /// Calls the URL of the component.
    component: Arc<[u8]>,
}

/// Measures all fronts round by round. `wasmtime` is the binary whose `serve` is measured too.
///
/// # Errors
/// If a server does not start, or answers with anything but a success.
pub(crate) async fn measure(
    ground: Ground<'_>,
    effort: Effort,
    wasmtime: Option<&Path>,
    mut progress: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<Fronts> {
    let [few, many] = ROUTES;
    let (few, many) = (Served::start(ground, few).await?, Served::start(ground, many).await?);
    let wasmtime = match wasmtime {
        Some(binary) => Some(Server::wasmtime(binary, &ground.world.component()).await?),
        None => None,
    };
    let load = Load { connections: CONNECTIONS, warm_up: effort.warm_up, measured: effort.measured };
    let mut rounds = Vec::with_capacity(effort.rounds);
    for round in 1..=effort.rounds {
        progress(&format!("fronts, round {round} of {}", effort.rounds))?;
        let fronts = [&few.invoke, &few.url, &few.route];
        let [invoke, url, route] =
            load::drive_in_turns(few.server.address, fronts, load, effort.turns).await?;
        rounds.push(Round {
            invoke,
            url,
            route,
            route_of_few: load::drive(few.server.address, &few.route, load).await?,
            route_of_many: load::drive(many.server.address, &many.route, load).await?,
            component: load::drive(few.server.address, &few.component, load).await?,
            wasmtime: match &wasmtime {
                Some(server) => Some(load::drive(server.address, &greeting("localhost"), load).await?),
                None => None,
            },
        });
    }
    few.server.end().await?;
    many.server.end().await?;
    if let Some(wasmtime) = wasmtime {
        wasmtime.end().await?;
    }
    Ok(Fronts { rounds })
}

impl Served {
    async fn start(ground: Ground<'_>, routes: usize) -> io::Result<Self> {
        let server = Server::hearth_with_routes(ground, routes).await?;
        let mut client = Client::connect(server.address).await?;
        let url = url(&mut client, "reply").await?;
        let component = self::url(&mut client, "component").await?;
        let line = "POST /orders/7";
        Ok(Self {
            server,
            invoke: load::invoke_request("reply"),
            url: load::request(line, &url, &load::event()),
            route: load::request(line, "hearth.execute-api.us-east-1.localhost", &load::event()),
            component: greeting(&component),
        })
    }
}

/// What the component is asked for, which answers with a line of text.
fn greeting(host: &str) -> Arc<[u8]> {
    load::request("GET /?name=Ada", host, "")
}

/// Gives a function a URL that everybody may call, and returns its host.
async fn url(client: &mut Client, function: &str) -> io::Result<String> {
    let permission = json!({
        "StatementId": "url",
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": "NONE",
    });
    let line = format!("POST /2015-03-31/functions/{function}/policy");
    client.call(&load::request(&line, "localhost", &permission.to_string())).await?;
    let line = format!("POST /2021-10-31/functions/{function}/url");
    let open = json!({ "AuthType": "NONE" }).to_string();
    let created: Value =
        serde_json::from_slice(client.call(&load::request(&line, "localhost", &open)).await?)?;
    let host = created["FunctionUrl"].as_str().and_then(|url| url.strip_prefix("http://")?.split('/').next());
    host.map(str::to_owned).ok_or_else(|| io::Error::other(format!("no URL: {created}")))
}

/// `wasmtime`'s binary, if one is named or stands in the search path.
pub(crate) fn wasmtime_binary(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join("wasmtime")).find(|file| file.is_file())
    })
}

impl Fronts {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 4] {
        let ratio = |of: fn(&Round) -> Sample, base: fn(&Round) -> Sample| {
            let ratio = median(self.rounds.iter().map(|round| of(round).per_second / base(round).per_second));
            let rate = median(self.rounds.iter().map(|round| of(round).per_second));
            format!("{ratio:.2} ({rate:.0}/s)")
        };
        let served = self.rounds.iter().all(|round| round.wasmtime.is_some());
        let component = if served {
            let wasmtime = |round: &Round| round.wasmtime.map_or(f64::NAN, |sample| sample.per_second);
            let of_wasmtime =
                median(self.rounds.iter().map(|round| round.component.per_second / wasmtime(round)));
            let rate = median(self.rounds.iter().map(|round| round.component.per_second));
            format!("{of_wasmtime:.2} ({rate:.0}/s)")
        } else {
            "not measured: --wasmtime names its binary".to_owned()
        };
        [
            Target::new(
                "a function URL, of the Invoke API",
                ratio(|round| round.url, |round| round.invoke),
                "at least 0.9",
            ),
            Target::new(
                "a route of an HTTP API, of the Invoke API",
                ratio(|round| round.route, |round| round.invoke),
                "at least 0.9",
            ),
            Target::new(
                "one of 1,000 routes, of one of 10",
                ratio(|round| round.route_of_many, |round| round.route_of_few),
                "no slower: 1.0",
            ),
            Target::new("a `wasi:http` component, of `wasmtime serve` with reuse", component, "at least 1.4"),
        ]
    }
}
