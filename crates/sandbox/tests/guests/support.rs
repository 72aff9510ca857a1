//! Guests written in WebAssembly's text form, and a small stand-in for the engine that runs them.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    log::{EnvironmentLog, LogGroup, LogWriter},
    package::{Package, PackageFile, PackagePath},
    port::{
        Code, Environment, FunctionSettings, InvocationContext, LoadError, NetworkPolicy, Program,
        ProvisionSettings, Sandbox,
    },
    wire::{Connection, Endpoint},
};
use hearth_model::{
    function::{EphemeralStorage, MemorySize},
    identity::{EnvironmentId, RequestId, Version},
    logging::LogFormat,
    outcome::Failure,
    time::Timestamp,
};
use hearth_sandbox::{SandboxOptions, WasmSandbox};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component of the `hearth:lambda` world around a core module's `init` and `handle`.
///
/// `functions` defines `$init (param $handler i32) (param $length i32) (result i32)` and
/// `$handle (param $event i32) (param $length i32) (result i32)`; both return the address of a result. `$ok`
/// (pointer, length) and `$error` (the type's and the message's pointer and length) write one and return its address;
/// addresses below 1,024 are free for data.
pub(crate) fn handler(functions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 2)
            (global $heap (mut i32) (i32.const 65536))
            (func $ok (param $pointer i32) (param $length i32) (result i32)
                (i32.store (i32.const 1024) (i32.const 0))
                (i32.store (i32.const 1028) (local.get $pointer))
                (i32.store (i32.const 1032) (local.get $length))
                (i32.const 1024))
            (func $error (param $type i32) (param $type_length i32) (param $message i32) (param $message_length i32)
                (result i32)
                (i32.store (i32.const 1024) (i32.const 1))
                (i32.store (i32.const 1028) (local.get $type))
                (i32.store (i32.const 1032) (local.get $type_length))
                (i32.store (i32.const 1036) (local.get $message))
                (i32.store (i32.const 1040) (local.get $message_length))
                (i32.store (i32.const 1044) (i32.const 0))
                (i32.store (i32.const 1048) (i32.const 0))
                (i32.const 1024))
            {functions}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $address i32)
                (local.set $address (global.get $heap))
                (global.set $heap
                    (i32.and (i32.add (i32.add (global.get $heap) (local.get 3)) (i32.const 7)) (i32.const -8)))
                (local.get $address))
            (func (export "hearth:lambda/handler@0.1.0#init") (param i32 i32) (result i32)
                (call $init (local.get 0) (local.get 1)))
            (func (export "hearth:lambda/handler@0.1.0#handle")
                (param i32 i32 i32 i32 i32 i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (call $handle (local.get 0) (local.get 1)))
            (func (export "cabi_post_hearth:lambda/handler@0.1.0#handle") (param i32)
                (global.set $heap (i32.const 65536))))"#
    );
    let mut module = wat::parse_str(text).expect("valid text");
    let mut resolve = Resolve::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_path(folder).expect("valid WIT");
    let world = resolve.select_world(&[package], Some("function")).expect("a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("fits the world");
    module
}

/// An `$init` that succeeds.
pub(crate) const GOOD_INIT: &str =
    "(func $init (param i32 i32) (result i32) (call $ok (i32.const 0) (i32.const 0)))";

/// A handler with an `$init` that succeeds.
pub(crate) fn handle(body: &str) -> Vec<u8> {
    handler(&format!("{GOOD_INIT} (func $handle (param $event i32) (param $length i32) (result i32) {body})"))
}

/// A preview 1 command around the body of its `_start`. Helpers: `$print` (file descriptor, address, length).
pub(crate) fn command(definitions: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
            (memory (export "memory") 2)
            (func $print (param $to i32) (param $address i32) (param $length i32)
                (i32.store (i32.const 16) (local.get $address))
                (i32.store (i32.const 20) (local.get $length))
                (drop (call $fd_write (local.get $to) (i32.const 16) (i32.const 1) (i32.const 24))))
            {definitions}
            (func (export "_start") {body}))"#
    );
    wat::parse_str(text).expect("valid text")
}

/// A function as the engine would hold it: loaded, with settings.
pub(crate) struct Function {
    pub(crate) program: Arc<dyn Program>,
    pub(crate) settings: Arc<FunctionSettings>,
    pub(crate) clock: Clock,
    pub(crate) log: Arc<LogGroup>,
}

pub(crate) fn sandbox() -> WasmSandbox {
    WasmSandbox::new(SandboxOptions { max_environments: 64, ..SandboxOptions::default() }).expect("a sandbox")
}

pub(crate) fn package(files: &[(&str, &[u8])]) -> Arc<Package> {
    let file = |(path, content): &(&str, &[u8])| {
        (PackagePath::parse(path).expect(path), PackageFile { content: Bytes::copy_from_slice(content) })
    };
    Arc::new(Package::new(files.iter().map(file).collect::<BTreeMap<_, _>>()).expect("a package"))
}

impl Function {
    pub(crate) async fn load(wasm: &[u8]) -> Self {
        Self::with_clock(wasm, Clock::real()).await
    }

    pub(crate) async fn with_clock(wasm: &[u8], clock: Clock) -> Self {
        Self::try_load(&sandbox(), &[("bootstrap.wasm", wasm)], clock).await.expect("loads")
    }

    pub(crate) async fn try_load(
        sandbox: &WasmSandbox,
        files: &[(&str, &[u8])],
        clock: Clock,
    ) -> Result<Self, LoadError> {
        Self::of_code(sandbox, package(files).into(), clock).await
    }

    pub(crate) async fn of_code(sandbox: &WasmSandbox, code: Code, clock: Clock) -> Result<Self, LoadError> {
        let package = Arc::clone(&code.package);
        let program = sandbox.load(code).await?;
        let settings = FunctionSettings {
            handler: "app.handler".to_owned(),
            memory: MemorySize::default(),
            ephemeral_storage: EphemeralStorage::default(),
            variables: vec![("TABLE".to_owned(), "images".to_owned())],
            code: package,
            layers: Vec::new(),
            network: NetworkPolicy::default(),
        };
        let name = "/aws/lambda/test".parse().expect("a name");
        let log = Arc::new(LogGroup::new(name, clock.clone(), 1 << 20));
        Ok(Self { program, settings: Arc::new(settings), clock, log })
    }

    pub(crate) fn provision(&self) -> Box<dyn Environment> {
        self.try_provision().expect("there is room")
    }

    pub(crate) fn try_provision(&self) -> Result<Box<dyn Environment>, Failure> {
        self.program.provision(ProvisionSettings {
            id: EnvironmentId(1),
            function: Arc::clone(&self.settings),
            clock: self.clock.clone(),
            log: Arc::new(self.stream()),
        })
    }

    fn stream(&self) -> EnvironmentLog {
        let format = LogFormat::default();
        self.log.environment(LogWriter { function: "test".into(), version: Version::Latest, format }, 1)
    }

    /// Provisions, initialises and invokes once.
    pub(crate) async fn call(&self, event: &'static str) -> Result<String, Failure> {
        let mut environment = self.provision();
        environment.init().await?;
        invoke(&mut *environment, event).await
    }

    /// What the guest wrote so far, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.log.snapshot().iter().map(|line| line.to_string()).collect()
    }
}

pub(crate) fn context() -> InvocationContext {
    InvocationContext {
        request_id: RequestId::from_random(7),
        invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:test".into(),
        deadline: Timestamp::from_unix_millis(3_000),
        trace_header: None,
        client_context: None,
        identity: None,
    }
}

pub(crate) async fn invoke(
    environment: &mut dyn Environment,
    event: &'static str,
) -> Result<String, Failure> {
    let answer = environment.invoke(Bytes::from_static(event.as_bytes()), &context()).await?;
    Ok(String::from_utf8(answer.to_vec()).expect("UTF-8"))
}

/// Breaks a call off after `limit`, as the engine does. `None` if it was broken off.
pub(crate) async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Option<T> {
    let clock = Clock::real();
    tokio::select! {
        biased;
        done = call => Some(done),
        () = clock.sleep(limit) => None,
    }
}

/// An endpoint that guests can connect to, and whoever asks gets the connections.
pub(crate) struct Listening {
    endpoint: Arc<Queue>,
    connections: UnboundedReceiver<Connection>,
}

struct Queue(UnboundedSender<Connection>);

impl Endpoint for Queue {
    fn accept(&self, connection: Connection) {
        self.0.send(connection).expect("somebody listens");
    }
}

impl Listening {
    pub(crate) const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);

    pub(crate) fn new() -> Self {
        let (sender, connections) = unbounded_channel();
        Self { endpoint: Arc::new(Queue(sender)), connections }
    }

    /// What lets guests connect to it, and to nothing else.
    pub(crate) fn policy(&self) -> NetworkPolicy {
        let policy = NetworkPolicy { endpoint: Some(Self::ADDRESS), ..NetworkPolicy::default() };
        let endpoint: Weak<dyn Endpoint> = Arc::<Queue>::downgrade(&self.endpoint);
        policy.wire.lead_to(endpoint);
        policy
    }

    pub(crate) async fn accept(&mut self) -> Connection {
        self.connections.recv().await.expect("somebody connects")
    }

    /// Answers one request with its head.
    pub(crate) async fn answer_with_request(&mut self) {
        let (mut connection, mut head) = (self.accept().await, Vec::new());
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.expect("a request"));
        }
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", head.len());
        connection.write_all(&[answer.as_bytes(), &head].concat()).await.expect("it is taken");
    }
}
