//! A gateway on a free port, in front of functions that do what their events say.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::Journal,
    package::{Package, PackageFile, PackagePath},
    port::{
        BoxFuture, Code, Contract, Environment, InvocationContext, LoadError, Program, ProvisionSettings,
        Sandbox,
    },
};
use hearth_gateway::{Entrance, Gateway, Listener};
use hearth_model::{
    function::FunctionConfiguration,
    http_event::HttpEvent,
    identity::{FunctionName, Partition},
    outcome::{Failure, FunctionError, PlatformFault},
    time::Timestamp,
};
use hearth_services::{Services, lambda::Functions};
use http::{HeaderName, HeaderValue, Request, Response};
use tokio::{
    sync::{Notify, oneshot},
    task::JoinSet,
};

use crate::client::{Answer, Client, invoke};

/// A running gateway; it ends with this.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Arc<Engine>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) services: Arc<Services>,
    /// Each notification lets one handler go on that was told to wait.
    pub(crate) go_on: Arc<Notify>,
    /// Notified by each handler that was told to wait.
    pub(crate) waiting: Arc<Notify>,
    stop: oneshot::Sender<()>,
    serving: JoinSet<()>,
}

impl World {
    /// With one function, `hello`, and this long for requests that are under way when the gateway stops.
    pub(crate) async fn with_grace(grace: Duration) -> Self {
        Self::start(grace, Clock::real(), Journal::default()).await
    }

    /// With one function, `hello`, and a clock that says how long peers take.
    pub(crate) async fn timed_by(clock: Clock) -> Self {
        Self::start(Duration::ZERO, clock, Journal::default()).await
    }

    /// With one function, `hello`, and a journal.
    pub(crate) async fn kept_by(journal: Journal) -> Self {
        Self::start(Duration::ZERO, Clock::real(), journal).await
    }

    async fn start(grace: Duration, peers: Clock, journal: Journal) -> Self {
        let (go_on, waiting) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (own_go_on, own_waiting) = (Arc::clone(&go_on), Arc::clone(&waiting));
        let sandbox = Obedient { go_on: own_go_on, waiting: own_waiting, takes_requests: false };
        let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
        let options = EngineOptions { journal, ..EngineOptions::default() };
        let engine = Engine::new(options, Arc::new(sandbox), clock);
        let services = Services::new(Arc::clone(&engine));
        let functions = Arc::clone(services.functions());
        let listener =
            Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port").timed_by(peers);
        let address = listener.address();
        let gateway = Gateway::new(Arc::clone(&services));
        let (stop, stopped) = oneshot::channel();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            listener.serve(Entrance::to(gateway), stopped, grace).await;
        });
        let world = Self { address, engine, functions, services, go_on, waiting, stop, serving };
        world.deploy("hello", None).await;
        world
    }

    pub(crate) async fn new() -> Self {
        Self::with_grace(Duration::ZERO).await
    }

    pub(crate) async fn deploy(&self, name: &str, reserved_concurrency: Option<u32>) {
        self.deploy_code(name, reserved_concurrency, b"").await;
    }

    /// Deploys a function that takes HTTP requests as they are.
    pub(crate) async fn deploy_server(&self, name: &str) {
        self.deploy_code(name, None, SERVER).await;
    }

    async fn deploy_code(&self, name: &str, reserved_concurrency: Option<u32>, code: &'static [u8]) {
        let name = FunctionName::parse(name).expect("a name");
        let configuration =
            FunctionConfiguration { reserved_concurrency, ..FunctionConfiguration::new(name) };
        let path = PackagePath::parse("bootstrap").expect("a path");
        let package =
            Package::new(BTreeMap::from([(path, PackageFile { content: Bytes::from_static(code) })]));
        let package = Arc::new(package.expect("a package"));
        let deployed = self.functions.deploy(&Partition::default(), configuration, package, Vec::new()).await;
        deployed.expect("it is deployed");
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Invokes a function on a connection of its own.
    pub(crate) async fn invoke(&self, function: &str, headers: &[(&str, &str)], event: &str) -> Answer {
        self.client().await.call(&invoke(function), headers, event).await
    }

    /// Stops the gateway; when this returns, it has ended.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(());
        self.serving.join_next().await.expect("it was serving").expect("it does not panic");
    }

    /// Tells the gateway to stop without waiting for its end.
    pub(crate) fn stopping(self) -> JoinSet<()> {
        let _ = self.stop.send(());
        self.serving
    }

    /// Drops the gateway as it is.
    pub(crate) async fn abort(mut self) {
        self.serving.shutdown().await;
    }
}

/// Handlers that do what the event says: see [`Environment::invoke`].
struct Obedient {
    go_on: Arc<Notify>,
    waiting: Arc<Notify>,
    takes_requests: bool,
}

/// Code that takes HTTP requests as they are.
const SERVER: &[u8] = b"server";

impl Obedient {
    fn with(&self, takes_requests: bool) -> Self {
        Self { go_on: Arc::clone(&self.go_on), waiting: Arc::clone(&self.waiting), takes_requests }
    }
}

impl Sandbox for Obedient {
    fn load(&self, Code { package, .. }: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        if let Some((path, _)) = package.files().find(|(_, file)| file.content.starts_with(b"\x7fELF")) {
            let (file, kind) = (path.to_string(), "a native program".to_owned());
            return Box::pin(async { Err(LoadError::NotWebAssembly { file, kind }) });
        }
        let takes_requests = package.files().any(|(_, file)| file.content == SERVER);
        let program = self.with(takes_requests);
        Box::pin(async { Ok(Arc::new(program) as Arc<dyn Program>) })
    }
}

impl Program for Obedient {
    fn contract(&self) -> Contract {
        if self.takes_requests { Contract::Http } else { Contract::Handler }
    }

    fn provision(&self, _: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        Ok(Box::new(self.with(self.takes_requests)))
    }
}

impl Environment for Obedient {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(async move {
            match &event[..] {
                b"\"wait\"" => {
                    self.waiting.notify_one();
                    self.go_on.notified().await;
                    Ok(event)
                }
                b"\"context\"" => {
                    let InvocationContext { invoked_function_arn, trace_header, client_context, .. } =
                        context;
                    let seen = serde_json::json!({
                        "arn": **invoked_function_arn,
                        "trace": trace_header,
                        "client": client_context,
                    });
                    Ok(Bytes::from(seen.to_string()))
                }
                b"\"function error\"" => Err(Failure::Function(FunctionError {
                    error_type: "ValueError".to_owned(),
                    error_message: "no such thing".to_owned(),
                    stack_trace: vec!["at handler".to_owned()],
                })),
                b"\"exit\"" => Err(Failure::Exit { code: 3 }),
                b"\"platform fault\"" => Err(Failure::Platform(PlatformFault::Internal {
                    reason: "the sandbox is on fire".to_owned(),
                })),
                _ => match HttpEvent::parse(&event) {
                    Ok(request) if request.path == "/fail" => Err(Failure::Exit { code: 3 }),
                    Ok(request) if request.path == "/return" => Ok(request.body.into()),
                    Ok(_) => Ok(event),
                    Err(_) => Ok(asked_of_proxy(&event).or_else(|| asked_of_socket(&event)).unwrap_or(event)),
                },
            }
        })
    }

    /// Answers with what it was asked, and with the status that the query names.
    fn answer<'a>(
        &'a mut self,
        request: Box<Request<Bytes>>,
        _: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            if request.uri().path() == "/fail" {
                return Err(Failure::Exit { code: 3 });
            }
            let asked = format!("{} {}\n", request.method(), request.uri()).into_bytes();
            let header = |(name, value): (&HeaderName, &HeaderValue)| {
                [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat()
            };
            let headers = request.headers().iter().flat_map(header);
            let body = asked.into_iter().chain(headers).chain(request.body().iter().copied()).collect();
            let status = request.uri().query().unwrap_or("200");
            let response =
                Response::builder().status(status).header("content-length", "7").header("trailer", "x");
            Ok(response.header("x-twice", "1").header("x-twice", "2").body(body).expect("a response"))
        })
    }

    fn reset(&mut self) {}

    fn peak_memory_bytes(&self) -> u64 {
        1 << 20
    }
}

/// The body of an event of payload format 1.0 whose path is `/return`.
fn asked_of_proxy(event: &[u8]) -> Option<Bytes> {
    let event: serde_json::Value = serde_json::from_slice(event).ok()?;
    let asked = event.get("httpMethod").is_some() && event["path"] == "/return";
    asked.then(|| Bytes::from(event["body"].as_str().unwrap_or("null").to_owned()))
}

/// What is answered to what happens at a connection: messages are sent back, and clients that say `refuse` do not connect.
fn asked_of_socket(event: &[u8]) -> Option<Bytes> {
    let event: serde_json::Value = serde_json::from_slice(event).ok()?;
    let answer = match event["requestContext"]["eventType"].as_str()? {
        "MESSAGE" => serde_json::json!({"body": event["body"]}),
        "CONNECT" if event["queryStringParameters"]["refuse"].is_string() => {
            serde_json::json!({"statusCode": 403, "body": "not you"})
        }
        _ => serde_json::json!({"headers": {"Sec-WebSocket-Protocol": "chat"}}),
    };
    Some(answer.to_string().into())
}
